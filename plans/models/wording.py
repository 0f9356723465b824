from __future__ import annotations

from django.db import models
from django.db.models import Q

from clinic.models import Location, Staff
from clinic.models.ids import new_id
from patients.models.patient import Language
from plans.rules.letter_kinds import LetterKind

KINDS = [(kind.value, kind.label) for kind in LetterKind]


class LetterWordingQuerySet(models.QuerySet["LetterWording"]):
    def visible_to(self, staff: Staff) -> LetterWordingQuerySet:
        return self if staff.is_superuser else self.filter(location__staff=staff)

    def current(self) -> LetterWordingQuerySet:
        return self.filter(is_current=True)


class LetterWording(models.Model):
    """One letter in a location's own words. A version is never changed: the next one takes its place."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="wordings")
    kind = models.CharField(max_length=24, choices=KINDS)
    language = models.CharField(max_length=5, choices=Language.choices, default=Language.ENGLISH)
    version = models.PositiveIntegerField()
    subject = models.CharField(max_length=200)
    body = models.TextField(max_length=8000)
    is_current = models.BooleanField(default=True, help_text="Letters are written with it.")
    note = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = LetterWordingQuerySet.as_manager()

    class Meta:
        ordering = ["location", "kind", "language", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["location", "kind", "language", "version"], name="wording_versions"),
            models.UniqueConstraint(
                fields=["location", "kind", "language"], condition=Q(is_current=True), name="one_current_wording"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_language_display()}, version {self.version}"
