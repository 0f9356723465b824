"""Who would rather come earlier, and the freed times they were offered."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from clinic.models import Location, Practitioner, Room, Staff
from clinic.models.ids import new_id
from patients.models import Patient
from plans.models.appointment import Appointment
from plans.rules.states import OfferState, WaitingState


class WaitingEntryQuerySet(models.QuerySet["WaitingEntry"]):
    def visible_to(self, staff: Staff) -> WaitingEntryQuerySet:
        return self if staff.is_superuser else self.filter(patient__home_location__staff=staff)

    def waiting(self) -> WaitingEntryQuerySet:
        return self.filter(state=WaitingState.WAITING)


class WaitingEntry(models.Model):
    """A patient who has an appointment and wants it earlier. The wishes are the finder's."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="waiting")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="waiting")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="waiting", help_text="What she has, and wants earlier."
    )
    wishes = models.JSONField(
        default=dict, blank=True, help_text="Weekdays, hours and people, as the finder reads them."
    )
    not_before = models.DateField(null=True, blank=True)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.label) for s in WaitingState], default=WaitingState.WAITING
    )
    asked_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = WaitingEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "waiting entries"
        ordering = ["asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(state=WaitingState.WAITING), name="waits_once_for_one_appointment"
            )
        ]
        indexes = [
            models.Index(fields=["location", "asked_at"], condition=Q(state=WaitingState.WAITING), name="waiting_here")
        ]

    def __str__(self) -> str:
        return f"{self.patient} would come earlier"


class OfferQuerySet(models.QuerySet["Offer"]):
    def visible_to(self, staff: Staff) -> OfferQuerySet:
        return self if staff.is_superuser else self.filter(entry__patient__home_location__staff=staff)

    def open(self) -> OfferQuerySet:
        return self.filter(state=OfferState.OPEN)


class Offer(models.Model):
    """One freed time offered to one who waits. Offers of the same time share `freed`; the first yes takes it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    entry = models.ForeignKey(WaitingEntry, on_delete=models.PROTECT, related_name="offers")
    freed = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, related_name="offers", help_text="The appointment that let it go."
    )
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    starts = models.DateTimeField()
    ends = models.DateTimeField()
    state = models.CharField(max_length=10, choices=[(s.value, s.label) for s in OfferState], default=OfferState.OPEN)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, related_name="+")
    useful_until = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    became = models.OneToOneField(
        Appointment, on_delete=models.PROTECT, null=True, blank=True, related_name="came_from_offer"
    )

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("starts")), name="offer_ends_after_it_starts"),
            models.UniqueConstraint(fields=["entry", "freed", "starts"], name="offered_once_to_each"),
        ]

    def __str__(self) -> str:
        return f"{self.entry.patient}: offered"
