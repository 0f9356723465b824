"""Days that are not as the weekly hours say: other hours for once, and times when nothing is booked at all."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from clinic.models.ids import new_id
from clinic.models.location import Location
from clinic.models.premises import Practitioner, Room
from clinic.models.staff import Staff
from clinic.rules.opening import ClosureKind

_ONE_THING = Q(practitioner__isnull=True) | Q(room__isnull=True)


class SpecialHoursQuerySet(models.QuerySet["SpecialHours"]):
    def visible_to(self, staff: Staff) -> SpecialHoursQuerySet:
        return self if staff.is_superuser else self.filter(location__staff=staff)


class SpecialHours(models.Model):
    """Hours of one date that stand instead of the weekly ones: of the location, of a practitioner, or of a room."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="special_hours")
    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.CASCADE, null=True, blank=True, related_name="special_hours"
    )
    room = models.ForeignKey(Room, on_delete=models.CASCADE, null=True, blank=True, related_name="special_hours")
    day = models.DateField()
    opens = models.TimeField()
    closes = models.TimeField()
    note = models.CharField(max_length=80, blank=True)

    objects = SpecialHoursQuerySet.as_manager()

    class Meta:
        verbose_name = "special hours"
        verbose_name_plural = "special hours"
        ordering = ["day", "opens"]
        constraints = [
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="special_hours_close_after_they_open"),
            models.CheckConstraint(condition=_ONE_THING, name="special_hours_are_of_one_thing"),
        ]
        indexes = [models.Index(fields=["location", "day"], name="special_hours_of_a_day")]

    def __str__(self) -> str:
        whose = self.practitioner or self.room or self.location
        return f"{whose}: {self.day} {self.opens:%H:%M}–{self.closes:%H:%M}"


class ClosureQuerySet(models.QuerySet["Closure"]):
    def visible_to(self, staff: Staff) -> ClosureQuerySet:
        return self if staff.is_superuser else self.filter(location__staff=staff)


class Closure(models.Model):
    """A time when nothing is booked: a practitioner's leave, a room's repair, a location's public holiday.

    Half-open. Neither practitioner nor room named: the whole location.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="closures")
    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.CASCADE, null=True, blank=True, related_name="closures"
    )
    room = models.ForeignKey(Room, on_delete=models.CASCADE, null=True, blank=True, related_name="closures")
    kind = models.CharField(max_length=12, choices=[(k.value, k.label) for k in ClosureKind])
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    is_whole_days = models.BooleanField(default=True, help_text="From the start of a local day to the start of one.")
    note = models.CharField(max_length=80, blank=True, help_text="For staff. Leave never says why.")
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()

    objects = ClosureQuerySet.as_manager()

    class Meta:
        ordering = ["starts"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="closure_ends_after_it_starts"),
            models.CheckConstraint(condition=_ONE_THING, name="closure_is_of_one_thing"),
        ]
        indexes = [models.Index(fields=["location", "ends"], name="closures_of_a_location")]

    def __str__(self) -> str:
        return f"{self.practitioner or self.room or self.location}: {self.get_kind_display().lower()}"
