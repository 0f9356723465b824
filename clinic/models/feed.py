from __future__ import annotations

from django.db import models
from django.db.models import Q

from clinic.models.ids import new_id
from clinic.models.location import Location
from clinic.models.premises import Practitioner, Room
from clinic.models.staff import Staff


class CalendarFeedQuerySet(models.QuerySet["CalendarFeed"]):
    def visible_to(self, staff: Staff) -> CalendarFeedQuerySet:
        return self if staff.is_superuser else self.filter(location__staff=staff)

    def in_force(self) -> CalendarFeedQuerySet:
        return self.filter(revoked_at__isnull=True)


class CalendarFeed(models.Model):
    """One secret address under which a calendar program reads a practitioner's or a room's appointments.

    Only the secret's SHA-256 is kept: whoever reads the database cannot read the calendars.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="feeds")
    practitioner = models.ForeignKey(
        Practitioner, on_delete=models.CASCADE, null=True, blank=True, related_name="feeds"
    )
    room = models.ForeignKey(Room, on_delete=models.CASCADE, null=True, blank=True, related_name="feeds")
    secret_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    shows_names = models.BooleanField(default=False, help_text="Patients' names stand in the calendar. Off: “Booked”.")
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    last_read_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(practitioner__isnull=False, room__isnull=True)
                | Q(practitioner__isnull=True, room__isnull=False),
                name="feed_is_of_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"Calendar of {self.practitioner or self.room}"
