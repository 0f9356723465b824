from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ValidationError
from django.db import models
from simple_history.models import HistoricalRecords

from clinic.models.ids import new_id
from clinic.rules.jurisdictions import Jurisdiction

if TYPE_CHECKING:
    from clinic.models.staff import Staff


def validate_time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValidationError(f"“{name}” is not a time zone: write for example “Asia/Singapore”.") from error


class LocationQuerySet(models.QuerySet["Location"]):
    def visible_to(self, staff: Staff) -> LocationQuerySet:
        return self if staff.is_superuser else self.filter(staff=staff)


class Location(models.Model):
    """A clinic's premises."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80, unique=True)
    time_zone = models.CharField(
        max_length=64, validators=[validate_time_zone], help_text="For example Asia/Singapore."
    )
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=32, help_text="Stands in every letter and on every patient's page.")
    email = models.EmailField(help_text="The desk's address: replies to letters arrive here.")
    currency = models.CharField(max_length=3, default="USD")
    jurisdiction = models.CharField(
        max_length=8,
        choices=[(j.value, j.label) for j in Jurisdiction],
        default=Jurisdiction.OTHER,
        help_text="Whose law the place works under: it decides which consent forms patients read.",
    )
    writes_after_no_show = models.BooleanField(
        "letter after a no-show",
        default=True,
        help_text="A patient who did not come gets one friendly letter: how to find another time.",
    )
    quiet_from = models.TimeField(
        "no letters from",
        default=time(21, 0),
        help_text="Letters that can wait do not leave at night. An answer to what somebody just did leaves at once.",
    )
    quiet_until = models.TimeField("until", default=time(8, 0))
    patients_may_ask_to_move = models.BooleanField(
        "patients may ask for another time",
        default=True,
        help_text="On their own page; the wish lands in the desk's list.",
    )
    patients_may_cancel_before = models.PositiveSmallIntegerField(
        "patients may cancel themselves",
        null=True,
        blank=True,
        default=24,
        help_text="On their own page, up to so many hours before it begins. Empty: they may ask, and the desk cancels.",
    )
    is_active = models.BooleanField(default=True)

    history = HistoricalRecords()
    objects = LocationQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
