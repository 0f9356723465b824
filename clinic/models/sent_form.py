from __future__ import annotations

from django.db import models

from clinic.models.staff import Staff


class SentForm(models.Model):
    """A form that was carried out, by the token it was shown with: sent twice, it is carried out once."""

    token = models.UUIDField(primary_key=True, editable=False)
    deed = models.CharField(max_length=40)
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(db_index=True)
    answer = models.JSONField(default=list, help_text="The ids of what it made, in order.")

    def __str__(self) -> str:
        return f"{self.deed}, {self.done_at:%Y-%m-%d}"
