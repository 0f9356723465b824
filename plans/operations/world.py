"""What is true about one patient right now, read for the question "which letters should go?"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from patients.models import Patient
from plans.models import Appointment, Reminder
from plans.models.appointment import LIVE
from plans.models.facts import Held, held_from, restrictions_from
from plans.models.letter_facts import (
    appointment_facts,
    booster_facts,
    care_before,
    first_held,
    is_missed_told,
    offer_facts,
    review_facts,
    was_moved,
)
from plans.operations.letter_rows import Family, Rows, family_of, read_rows
from plans.rules.course import Course
from plans.rules.letter_wish import House
from plans.rules.reminders import TOLD_ACTS, AppointmentFacts, DoneSessionFacts, LetterKind, Wanted, wanted_letters
from plans.rules.states import AppointmentState, SessionState

__all__ = ["TOLD_ACTS", "Family", "Place", "Rows", "World", "family_of", "read_rows", "read_world", "world_of"]

_ENDS = {
    AppointmentState.CANCELLED: "the appointment was cancelled",
    AppointmentState.NO_SHOW: "the appointment was missed",
    AppointmentState.ARRIVED: "the patient has come",
    AppointmentState.IN_TREATMENT: "the patient has come",
    AppointmentState.DONE: "the appointment was held",
}
_CHANGES = {
    Family.APPOINTMENTS: "the appointment is over or was changed",
    Family.PREPARATION: "the appointment is over or was changed",
    Family.CARE: "the dates changed",
    Family.REVIEWS: "the review was booked, held or given another date",
    Family.BOOSTERS: "the booster was booked, held or given another date",
}
_ANSWERED = {
    LetterKind.APPOINTMENT_MISSED.value: "the patient has come after all, or has another appointment",
    LetterKind.WAITING_OFFER.value: "the offer was answered, or its time is gone",
    LetterKind.SERIES_BOOKED.value: "the appointments are over or were changed",
}
SWITCHED_OFF = "the location does not send this letter"


@dataclass(frozen=True, slots=True)
class Place:
    """Whose letter it is: the premises that sign it, and the plan it belongs to."""

    location_id: UUID
    plan_id: UUID | None


@dataclass(frozen=True, slots=True)
class World:
    """`wanted` by kind, subject and what the letter states; `places` by subject; `ends` says how appointments ended.
    `houses` by location."""

    wanted: Mapping[tuple[str, UUID, str], Wanted]
    places: Mapping[UUID, Place]
    ends: Mapping[UUID, str]
    houses: Mapping[UUID, House]

    def why_unwanted(self, row: Reminder) -> str:
        if row.about_id in self.ends and row.kind not in _ANSWERED:
            return self.ends[row.about_id]
        place = self.places.get(row.about_id)
        house = self.houses.get(place.location_id) if place else None
        if house and not house.is_on(LetterKind(row.kind)):
            return SWITCHED_OFF
        return _ANSWERED.get(row.kind) or _CHANGES[family_of(row.kind)]


def read_world(patient: Patient, *, now: datetime, only: Family | None = None) -> World:
    """Read which letters the patient's rows call for, or only those of one family.

    Seven queries for all families, however many plans and appointments there are.
    """
    [rows] = read_rows([patient], now=now, only=only)
    return world_of(rows, now=now)


def world_of(rows: Rows, *, now: datetime, courses: Mapping[UUID, Course] | None = None) -> World:
    """Which letters these rows call for. `courses`: by plan, where they are not what the rows say."""
    held = held_from(rows.plans, rows.sessions, rows.booked, with_estimates=False, courses=courses)
    home = rows.houses[rows.patient.home_location_id]
    booked_reviews = {row.review_id for row in rows.appointments if row.state in LIVE}
    wanted = wanted_letters(
        appointments=_appointment_facts(held, rows),
        done_sessions=_done_sessions(held),
        restrictions=restrictions_from(held, zone=home.zone, acts=TOLD_ACTS),
        reviews=[review_facts(row, booked_reviews, rows.houses[row.plan.location_id]) for row in rows.reviews],
        offers=[offer_facts(row, rows.houses.get(row.entry.appointment.location_id)) for row in rows.offers],
        first_held=first_held(held),
        boosters=booster_facts(rows.plans, rows.sessions, rows.booked),
        zone=home.zone,
        times=home.times,
        now=now,
    )
    return World(
        wanted={(letter.kind.value, letter.about, letter.facts): letter for letter in wanted},
        places=dict(_places(rows)),
        ends=dict(_ends(rows.appointments)),
        houses=rows.houses,
    )


def _appointment_facts(held: Sequence[Held], rows: Rows) -> list[AppointmentFacts]:
    sessions = {one.session.pk: one for one in held}
    found = []
    for row in rows.appointments:
        house = rows.houses[row.location_id]
        told = is_missed_told(row, rows.appointments)
        one = sessions.get(row.session_id) if row.session_id else None
        care = care_before(one, row, house.zone) if one else None
        found.append(appointment_facts(row, is_missed_told=told, house=house, care=care))
    return found


def _done_sessions(held: Iterable[Held]) -> list[DoneSessionFacts]:
    return [
        DoneSessionFacts(id=one.session.pk, number=one.occasion.number, ends=one.occasion.ends)
        for one in held
        if one.session.state == SessionState.DONE
    ]


def _places(rows: Rows) -> Iterator[tuple[UUID, Place]]:
    for session in rows.sessions:
        # Care is a union over all plans: whoever knows the patient signs it.
        yield session.pk, Place(rows.patient.home_location_id, session.plan_id)
    for review in rows.reviews:
        yield review.pk, Place(review.plan.location_id, review.plan_id)
    for row in rows.appointments:
        place = _place_of(row)
        yield row.pk, place
        if row.series:
            yield row.series, place
    for offer in rows.offers:
        yield offer.pk, _place_of(offer.entry.appointment)


def _place_of(row: Appointment) -> Place:
    subject = row.session or row.review
    return Place(row.location_id, subject.plan_id if subject else None)


def _ends(appointments: Iterable[Appointment]) -> Iterator[tuple[UUID, str]]:
    for row in appointments:
        if was_moved(row):
            yield row.pk, "the appointment was moved"
        elif row.state in _ENDS:
            yield row.pk, _ENDS[AppointmentState(row.state)]
