from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.db.models import Case, F, Q, Value, When

from clinic.models.ids import new_id
from clinic.models.location import Location
from clinic.models.staff import Staff
from clinic.rules.roles import Deed

# Deeds whose reason speaks of findings: why a clinician went on, left out, stopped or decided. They are named by their
# words, because what happens in a plan is known one house further up.
CLINICAL = ("plan.", "session.", "review.", "photo.", "patient.assessed", "appointment.booked", "appointment.moved")


class AuditLineQuerySet(models.QuerySet["AuditLine"]):
    def as_read_by(self, staff: Staff) -> AuditLineQuerySet:
        """Add `is_open` and `open_reason` to each line: who reads no findings reads no reason that speaks of them."""
        clinical = Q(pk__in=[])
        if not staff.can(Deed.SEE_CLINICAL):
            for words in CLINICAL:
                clinical |= Q(happened__startswith=words)
        return self.annotate(
            is_open=Case(When(clinical, then=Value(False)), default=Value(True)),
            open_reason=Case(When(clinical, then=Value("")), default=F("reason"), output_field=models.TextField()),
        )


class AuditLine(models.Model):
    """One deed: who did what to what, when and why. Append-only: the database refuses changes (see the migration)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by_name = models.CharField(
        max_length=160, help_text="As it read then; “patient” or “program” where nobody logged in."
    )
    happened = models.CharField(max_length=60, help_text="For example appointment.booked.")
    about_kind = models.CharField(max_length=60)
    about_id = models.UUIDField()
    about_words = models.CharField(max_length=200, blank=True)
    patient_id = models.UUIDField(null=True, blank=True, db_index=True)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict, blank=True)

    objects = AuditLineQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at"], name="audit_newest_first"),
            models.Index(fields=["about_kind", "about_id"], name="audit_of_one_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.happened} by {self.by_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise PermissionError("An audit line is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise PermissionError("An audit line is never deleted.")
