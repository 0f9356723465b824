from __future__ import annotations

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from clinic.models import Location, Staff
from clinic.models.ids import new_id
from clinic.rules.spans import Unit
from plans.models.wording import KINDS
from plans.rules.letter_times import KindTimes


class LetterTimeQuerySet(models.QuerySet["LetterTime"]):
    def visible_to(self, staff: Staff) -> LetterTimeQuerySet:
        return self if staff.is_superuser else self.filter(location__staff=staff)


class LetterTime(models.Model):
    """Where a location's letters differ from the house's: whether a kind goes at all, how long before or after what it
    is about, at which hour of the day. Empty fields are the house's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="letter_times")
    kind = models.CharField(max_length=24, choices=KINDS)
    is_on = models.BooleanField(default=True)
    lead_number = models.PositiveSmallIntegerField(null=True, blank=True)
    lead_unit = models.CharField(max_length=8, blank=True, choices=[(unit.value, unit.value) for unit in Unit])
    at_hour = models.TimeField(null=True, blank=True)

    history = HistoricalRecords()
    objects = LetterTimeQuerySet.as_manager()

    class Meta:
        ordering = ["location", "kind"]
        constraints = [
            models.UniqueConstraint(fields=["location", "kind"], name="one_time_of_each_letter"),
            models.CheckConstraint(
                condition=Q(lead_number__isnull=True, lead_unit="") | (Q(lead_number__isnull=False) & ~Q(lead_unit="")),
                name="letter_time_lead_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.location}"


def settings_words(times: KindTimes) -> str:
    """Return what is set for one kind, in short: "on, 48 hours", "off, 3 days at 10:00"."""
    words = ["on" if times.is_on else "off", *([str(times.lead)] if times.lead else [])]
    return ", ".join(words) + (f" at {times.hour:%H:%M}" if times.hour else "")
