"""What an appointment needs: a practitioner, a room, and the hours both keep."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from clinic.models.ids import new_id
from clinic.models.location import Location
from clinic.models.staff import Staff

LONGEST_BUFFER = 120


class Weekday(models.IntegerChoices):
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


class PractitionerQuerySet(models.QuerySet["Practitioner"]):
    def visible_to(self, staff: Staff) -> PractitionerQuerySet:
        return self if staff.is_superuser else self.filter(location__staff=staff)


class Practitioner(models.Model):
    """Somebody who treats, at one location. Whoever works at two has two of these."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="practitioners")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="practitioners")
    name = models.CharField(max_length=80, help_text="As patients read it: “Dr Example”.")
    buffer_minutes = models.PositiveSmallIntegerField(
        "minutes between two appointments",
        default=0,
        validators=[MaxValueValidator(LONGEST_BUFFER)],
        help_text="Kept free after each appointment, to write and to rest.",
    )
    is_active = models.BooleanField(default=True)

    objects = PractitionerQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["location", "name"], name="practitioner_name_once_per_location")]

    def __str__(self) -> str:
        return self.name


class RoomQuerySet(models.QuerySet["Room"]):
    def visible_to(self, staff: Staff) -> RoomQuerySet:
        return self if staff.is_superuser else self.filter(location__staff=staff)


class Room(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=60)
    buffer_minutes = models.PositiveSmallIntegerField(
        "minutes between two appointments",
        default=0,
        validators=[MaxValueValidator(LONGEST_BUFFER)],
        help_text="Kept free after each appointment, to clean and to air.",
    )
    is_active = models.BooleanField(default=True)

    objects = RoomQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["location", "name"], name="room_name_once_per_location")]

    def __str__(self) -> str:
        return self.name


class WeeklyHoursQuerySet(models.QuerySet["WeeklyHours"]):
    def visible_to(self, staff: Staff) -> WeeklyHoursQuerySet:
        return self if staff.is_superuser else self.filter(location__staff=staff)


class WeeklyHours(models.Model):
    """Hours on one weekday: of the location (neither practitioner nor room named), of a practitioner, or of a room.
    A practitioner without rows of its own keeps the location's hours; a room without rows can be used whenever
    somebody works in it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="weekly_hours")
    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.CASCADE, null=True, blank=True, related_name="weekly_hours"
    )
    room = models.ForeignKey(Room, on_delete=models.CASCADE, null=True, blank=True, related_name="weekly_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday.choices)
    opens = models.TimeField()
    closes = models.TimeField()

    objects = WeeklyHoursQuerySet.as_manager()

    class Meta:
        verbose_name = "weekly hours"
        verbose_name_plural = "weekly hours"
        ordering = ["weekday", "opens"]
        constraints = [
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="hours_close_after_they_open"),
            models.CheckConstraint(
                condition=Q(practitioner__isnull=True) | Q(room__isnull=True), name="hours_are_of_one_thing"
            ),
        ]

    def __str__(self) -> str:
        whose = self.practitioner or self.room or self.location
        return f"{whose}: {self.get_weekday_display()} {self.opens:%H:%M}–{self.closes:%H:%M}"
