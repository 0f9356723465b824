"""Whether practitioner, room and patient can have this time, decided under their locks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from django.db.models import Q

from clinic.models import Practitioner, Room, Staff, WeeklyHours
from clinic.operations.audit import allow
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Appointment, Session
from plans.models.facts import window_of
from plans.rules.booking import FOR_CLINICIANS, OVERRIDABLE, why_not_book
from plans.rules.wording import clock_words, day_words


@dataclass(frozen=True, slots=True)
class Slot:
    patient_id: UUID
    practitioner_id: UUID
    room_id: UUID | None
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class HeldSlot:
    patient: Patient
    practitioner: Practitioner
    room: Room | None


def hold(
    slot: Slot,
    *,
    session: Session | None,
    override_reason: str,
    by: Staff,
    now: datetime,
    instead_of: Appointment | None = None,
) -> HeldSlot:
    """Lock patient, practitioner and room, in that order everywhere, and refuse unless all three are free.

    On SQLite the transaction holds the write lock already (IMMEDIATE); on PostgreSQL the row locks serialise every
    booking that shares one of the three.
    """
    patient = Patient.objects.visible_to(by).select_for_update(of=("self",)).get(pk=slot.patient_id)
    people = Practitioner.objects.visible_to(by).select_related("location").select_for_update(of=("self",))
    practitioner = people.get(pk=slot.practitioner_id)
    room = _room(slot.room_id, practitioner, by)
    if not practitioner.is_active:
        raise Refusal("not_working", f"{practitioner} does not work here any more: choose somebody else.")
    zone = practitioner.location.zone
    refusal = why_not_book(
        starts=slot.starts,
        ends=slot.ends,
        now=now,
        zone=zone,
        hours=_hours(practitioner, slot),
        window=window_of(session) if session else None,
    )
    if refusal and not (refusal.code in OVERRIDABLE and override_reason.strip()):
        raise refusal
    if refusal and refusal.code in FOR_CLINICIANS:
        allow(by, Deed.OVERRIDE)
    _refuse_busy(slot, patient, practitioner, room, instead_of)
    return HeldSlot(patient, practitioner, room)


def _room(room_id: UUID | None, practitioner: Practitioner, by: Staff) -> Room | None:
    if room_id is None:
        return None
    room = Room.objects.visible_to(by).select_for_update(of=("self",)).get(pk=room_id)
    if room.location_id != practitioner.location_id or not room.is_active:
        raise Refusal("wrong_room", f"{room} cannot be used with {practitioner}: choose another room.")
    return room


def _hours(practitioner: Practitioner, slot: Slot) -> list[tuple[time, time]]:
    """The practitioner's own hours that weekday, else the location's."""
    weekday = local_day(slot.starts, practitioner.location.zone).weekday()
    rows = list(
        WeeklyHours.objects.filter(
            Q(practitioner=practitioner) | Q(location=practitioner.location, practitioner__isnull=True),
            room__isnull=True,
        )
    )
    own = [row for row in rows if row.practitioner_id]
    return [(row.opens, row.closes) for row in own or rows if row.weekday == weekday]


def _refuse_busy(
    slot: Slot, patient: Patient, practitioner: Practitioner, room: Room | None, instead_of: Appointment | None
) -> None:
    taken = Appointment.objects.overlapping(slot.starts, slot.ends)
    if instead_of is not None:
        taken = taken.exclude(pk=instead_of.pk)
    mine = Q(practitioner=practitioner) | Q(patient=patient)
    clash = taken.filter(mine | Q(room=room) if room else mine).order_by("starts").first()
    if clash is None:
        return
    zone = practitioner.location.zone
    day = day_words(local_day(clash.starts, zone))
    when = f"{clock_words(clash.starts, zone)}–{clock_words(clash.ends, zone)} on {day}"
    if clash.practitioner_id == practitioner.pk:
        raise Refusal("practitioner_busy", f"{practitioner} is busy {when}: choose another time or person.")
    if room and clash.room_id == room.pk:
        raise Refusal("room_busy", f"{room} is taken {when}: choose another room or time.")
    raise Refusal("patient_busy", f"{patient} has another appointment {when}.")
