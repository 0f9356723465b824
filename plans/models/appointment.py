from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from clinic.models import Location, Practitioner, Room, Staff
from clinic.models.ids import new_id
from patients.models import Patient
from plans.models.plan import Session
from plans.models.review import Review
from plans.rules.states import HOLDING, AppointmentPurpose, AppointmentState, AskedBy

LIVE = (
    AppointmentState.BOOKED,
    AppointmentState.CONFIRMED,
    AppointmentState.ARRIVED,
    AppointmentState.IN_TREATMENT,
)


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def visible_to(self, staff: Staff) -> AppointmentQuerySet:
        return self if staff.is_superuser else self.filter(patient__home_location__staff=staff)

    def live(self) -> AppointmentQuerySet:
        return self.filter(state__in=LIVE)

    def overlapping(self, starts: datetime, ends: datetime) -> AppointmentQuerySet:
        """Half-open: one that ends when the other starts does not overlap."""
        return self.filter(state__in=HOLDING, starts__lt=ends, ends__gt=starts)


class Appointment(models.Model):
    """One attempt to hold a session, a review or a consultation."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="appointments")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="appointments")
    purpose = models.CharField(max_length=14, choices=[(p.value, p.label) for p in AppointmentPurpose])
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments")
    review = models.ForeignKey(Review, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments")
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="appointments")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="appointments")
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    practitioner_free_at = models.DateTimeField(help_text="The end, and the practitioner's minutes between two.")
    room_free_at = models.DateTimeField(help_text="The end, and the room's minutes between two.")
    state = models.CharField(
        max_length=12, choices=[(s.value, s.label) for s in AppointmentState], default=AppointmentState.BOOKED
    )
    rescheduled_from = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="rescheduled_to"
    )
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was moved or cancelled.")
    asked_by = models.CharField(
        max_length=8, choices=[(a.value, a.label) for a in AskedBy], blank=True, help_text="Who wanted it moved."
    )
    is_silent = models.BooleanField(default=False, help_text="No letter tells of it: the patient was told otherwise.")
    series = models.UUIDField(null=True, blank=True, help_text="Booked together: one letter tells of all of them.")
    version = models.PositiveIntegerField(default=1, help_text="One more at every change: who comes second is told.")
    changed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    booked_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)
    numbed_at = models.DateTimeField(null=True, blank=True, help_text="When the numbing cream was applied.")
    began_at = models.DateTimeField(null=True, blank=True, help_text="When the treatment began.")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="When the patient was done.")
    calendar_uid = models.UUIDField(default=new_id, help_text="Kept when it moves, so that calendars follow.")
    calendar_sequence = models.PositiveIntegerField(default=0)

    history = HistoricalRecords()
    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["starts"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="appointment_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(practitioner_free_at__gte=F("ends"), room_free_at__gte=F("ends")),
                name="appointment_is_followed_by_its_buffers",
            ),
            models.CheckConstraint(
                condition=(
                    Q(purpose=AppointmentPurpose.SESSION, session__isnull=False, review__isnull=True)
                    | Q(purpose=AppointmentPurpose.REVIEW, session__isnull=True, review__isnull=False)
                    | Q(purpose=AppointmentPurpose.CONSULTATION, session__isnull=True, review__isnull=True)
                ),
                name="appointment_holds_what_its_purpose_says",
            ),
            models.UniqueConstraint(
                fields=["session"], condition=Q(state__in=LIVE), name="one_live_appointment_per_session"
            ),
            models.UniqueConstraint(
                fields=["review"], condition=Q(state__in=LIVE), name="one_live_appointment_per_review"
            ),
        ]
        indexes = [
            models.Index(fields=["practitioner", "starts"], name="appointments_of_one"),
            models.Index(fields=["room", "starts"], name="appointments_in_a_room"),
            models.Index(fields=["location", "starts"], name="appointments_of_a_day"),
            models.Index(fields=["patient", "starts"], name="appointments_of_a_patient"),
            models.Index(fields=["series"], condition=Q(series__isnull=False), name="appointments_of_a_series"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Whoever keeps no minutes between two is free again at the end."""
        self.practitioner_free_at = self.practitioner_free_at or self.ends
        self.room_free_at = self.room_free_at or self.ends
        super().save(*args, **kwargs)

    @property
    def minutes(self) -> int:
        return int((self.ends - self.starts).total_seconds() // 60)

    def __str__(self) -> str:
        return f"{self.patient}, {self.get_purpose_display().lower()}"
