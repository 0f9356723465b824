"""What already holds a practitioner, a room or a patient, and whether one more appointment fits between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from clinic.models import Practitioner, Room
from clinic.models.premises import LONGEST_BUFFER
from patients.models import Patient
from plans.models.appointment import Appointment
from plans.rules.booking import overlaps
from plans.rules.states import HOLDING

# What began longer ago than this and its minutes afterwards is over: an index finds the others by their start.
LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Blocks:
    """Appointments in time's order, and the minutes this practitioner and this room keep free after one.

    The same question as the database's constraints: half-open, each with its own minutes behind it.
    """

    practitioner: Practitioner
    room: Room | None
    patient: Patient
    taken: tuple[Appointment, ...]

    @classmethod
    def read(
        cls,
        practitioner: Practitioner,
        room: Room | None,
        patient: Patient,
        begins: datetime,
        ends: datetime,
        *,
        instead_of: Appointment | None = None,
    ) -> Blocks:
        """Read what holds one of the three between two instants, their own minutes included. One query."""
        longest = max(buffer_of(practitioner), buffer_of(room))
        ours = Q(practitioner=practitioner, practitioner_free_at__gt=begins)
        ours |= Q(patient=patient, ends__gt=begins)
        if room:
            ours |= Q(room=room, room_free_at__gt=begins)
        soonest = begins - LONGEST - LONGEST_BUFFER * timedelta(minutes=1)
        rows = Appointment.objects.filter(ours, state__in=HOLDING, starts__gt=soonest, starts__lt=ends + longest)
        if instead_of is not None:
            rows = rows.exclude(pk=instead_of.pk)
        return cls(practitioner, room, patient, tuple(rows.order_by("starts", F("ends").desc())))

    def clash(self, starts: datetime, ends: datetime) -> Appointment | None:
        """Return the first appointment that is in the way, or None."""
        return next((row for row in self.taken if self._is_in_the_way(row, starts, ends)), None)

    def are_free(self, starts: datetime, ends: datetime) -> bool:
        return self.clash(starts, ends) is None

    def whose(self, row: Appointment, starts: datetime, ends: datetime) -> Practitioner | Room | Patient:
        """Return which of the three an appointment in the way holds."""
        if self._holds_practitioner(row, starts, ends):
            return self.practitioner
        if self.room and self._holds_room(row, starts, ends):
            return self.room
        return self.patient

    def _is_in_the_way(self, row: Appointment, starts: datetime, ends: datetime) -> bool:
        return (
            self._holds_practitioner(row, starts, ends)
            or self._holds_room(row, starts, ends)
            or (row.patient_id == self.patient.pk and overlaps(row.starts, row.ends, starts, ends))
        )

    def _holds_practitioner(self, row: Appointment, starts: datetime, ends: datetime) -> bool:
        mine = row.practitioner_id == self.practitioner.pk
        return mine and overlaps(row.starts, row.practitioner_free_at, starts, ends + buffer_of(self.practitioner))

    def _holds_room(self, row: Appointment, starts: datetime, ends: datetime) -> bool:
        if self.room is None or row.room_id != self.room.pk:
            return False
        return overlaps(row.starts, row.room_free_at, starts, ends + buffer_of(self.room))


def buffer_of(thing: Practitioner | Room | None) -> timedelta:
    """Return how long it stays free after an appointment."""
    return timedelta(minutes=thing.buffer_minutes) if thing else timedelta(0)
