"""Whether practitioner, room and patient can have this time, decided under their locks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from clinic.models import Practitioner, Room, Staff
from clinic.models.hour_facts import OpenBook
from clinic.operations.audit import allow
from clinic.rules.local_time import local_day
from clinic.rules.opening import Period, both
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Appointment, Session
from plans.models.facts import window_of
from plans.models.slots import LONGEST, Blocks
from plans.rules.booking import FOR_CLINICIANS, OVERRIDABLE, is_inside, overlaps, why_not_book
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
    by: Staff | None,
    now: datetime,
    instead_of: Appointment | None = None,
) -> HeldSlot:
    """Lock patient, practitioner and room, in that order everywhere, and refuse unless all three are free.

    On SQLite the transaction holds the write lock already (IMMEDIATE); on PostgreSQL the row locks serialise every
    booking that shares one of the three, and keep nobody waiting whose rows only point at it (no_key). `by` None: the
    patient, who was offered this time; nothing is overridden.
    """
    patients = Patient.objects.visible_to(by) if by else Patient.objects.all()
    patient = patients.select_for_update(of=("self",), no_key=True).get(pk=slot.patient_id)
    people = Practitioner.objects.visible_to(by) if by else Practitioner.objects.all()
    people = people.select_related("location").select_for_update(of=("self",), no_key=True)
    practitioner = people.get(pk=slot.practitioner_id)
    if slot.ends - slot.starts > LONGEST:
        raise Refusal("wrong_times", "An appointment lasts at most a day: please change the times.")
    room = _room(slot.room_id, practitioner, by)
    if not practitioner.is_active:
        raise Refusal("not_working", f"{practitioner} does not work here any more: choose somebody else.")
    if not practitioner.location.is_active:
        raise Refusal("place_closed", f"{practitioner.location.name} is closed for good: choose another place.")
    refusal = why_not_book(
        starts=slot.starts,
        ends=slot.ends,
        now=now,
        zone=practitioner.location.zone,
        opening=_opening(practitioner, room, slot),
        window=window_of(session) if session else None,
        who=practitioner.name,
    )
    if refusal and not (by and refusal.code in OVERRIDABLE and override_reason.strip()):
        raise refusal
    if by and refusal and refusal.code in FOR_CLINICIANS:
        allow(by, Deed.OVERRIDE)
    _refuse_busy(slot, patient, practitioner, room, instead_of)
    return HeldSlot(patient, practitioner, room)


def _room(room_id: UUID | None, practitioner: Practitioner, by: Staff | None) -> Room | None:
    if room_id is None:
        return None
    rooms = Room.objects.visible_to(by) if by else Room.objects.all()
    room = rooms.select_for_update(of=("self",), no_key=True).get(pk=room_id)
    if room.location_id != practitioner.location_id or not room.is_active:
        raise Refusal("wrong_room", f"{room} cannot be used with {practitioner}: choose another room.")
    return room


def _opening(practitioner: Practitioner, room: Room | None, slot: Slot) -> tuple[Period, ...]:
    """When both can be used that day; a room that nobody gave hours is open whenever somebody works in it."""
    zone = practitioner.location.zone
    day = local_day(slot.starts, zone)
    book = OpenBook.read([practitioner.location], first=day, last=day)
    # A clinician may overrule hours, which are people's, but no repair of the room.
    own = book.hours.get(room.pk) if room else None
    if own and any(overlaps(*closed, slot.starts, slot.ends) for closed in own.closed):
        raise Refusal("room_closed", f"{room} cannot be used then: choose another room or time.")
    periods = book.of_practitioner(practitioner, day, zone)
    usable = book.of_room(room, day, zone) if room else None
    if room and usable is not None and is_inside(slot.starts, slot.ends, periods):
        if not is_inside(slot.starts, slot.ends, usable):
            raise Refusal("room_closed", f"{room} cannot be used then: choose another room or time.")
        return both(periods, usable)
    return periods


def _refuse_busy(
    slot: Slot, patient: Patient, practitioner: Practitioner, room: Room | None, instead_of: Appointment | None
) -> None:
    taken = Blocks.read(practitioner, room, patient, slot.starts, slot.ends, instead_of=instead_of)
    clash = taken.clash(slot.starts, slot.ends)
    if clash is None:
        return
    zone, whose = practitioner.location.zone, taken.whose(clash, slot.starts, slot.ends)
    day = day_words(local_day(clash.starts, zone))
    if whose == practitioner:
        when = f"{clock_words(clash.starts, zone)}–{clock_words(clash.practitioner_free_at, zone)} on {day}"
        raise Refusal("practitioner_busy", f"{practitioner} is busy {when}: choose another time or person.")
    if whose == room:
        when = f"{clock_words(clash.starts, zone)}–{clock_words(clash.room_free_at, zone)} on {day}"
        raise Refusal("room_busy", f"{room} is taken {when}: choose another room or time.")
    when = f"{clock_words(clash.starts, zone)}–{clock_words(clash.ends, zone)} on {day}"
    raise Refusal("patient_busy", f"{patient} has another appointment {when}.")


@contextmanager
def refusing_overlaps(sentence: str = "") -> Iterator[None]:
    """Turn the database's own refusal into a sentence: the last word, should the look before ever miss something.

    `sentence` says it instead of the usual ones. Refusals: practitioner_busy, room_busy, patient_busy, booked_already.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        for whose, usual in _TAKEN.items():
            if f"{whose}_is_booked_once" in str(error):
                raise Refusal(f"{whose}_busy", sentence or usual) from error
        if "one_live_appointment_per" in str(error) or "UNIQUE constraint failed: plans_appointment" in str(error):
            raise Refusal("booked_already", "This is booked already: move that appointment instead.") from error
        raise


_TAKEN = {
    "practitioner": "This time was taken a moment ago: choose another time or person.",
    "room": "The room was taken a moment ago: choose another room or time.",
    "patient": "The patient was booked elsewhere at this time a moment ago.",
}
