"""What is true about one patient right now, read for the question "which letters should go?"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.db.models import Q

from patients.models import Patient
from plans.models import Appointment, Offer, Plan, Reminder, Review, Session
from plans.models.appointment import LIVE
from plans.models.facts import Held, held_from, restrictions_from
from plans.models.letter_facts import (
    appointment_facts,
    is_missed_told,
    offer_facts,
    review_facts,
    was_moved,
)
from plans.rules.appointment_letters import MISSED_USEFUL
from plans.rules.course import Course
from plans.rules.reminders import (
    DYE,
    WASH,
    DoneSessionFacts,
    LetterKind,
    ReviewFacts,
    Wanted,
    wanted_letters,
)
from plans.rules.states import AppointmentState, PlanState, SessionState, WaitingState


class Family(StrEnum):
    """Letters that stand on the same rows: to judge one of them, the others' rows need not be read."""

    APPOINTMENTS = "appointments"
    CARE = "care"
    REVIEWS = "reviews"


Of = TypeVar("Of", Plan, Appointment, Review, Offer)
_CARE = frozenset({LetterKind.NO_WASH, LetterKind.NO_DYE, LetterKind.DYE_AGAIN})
_ENDS = {
    AppointmentState.CANCELLED: "the appointment was cancelled",
    AppointmentState.NO_SHOW: "the appointment was missed",
    AppointmentState.ARRIVED: "the patient has come",
    AppointmentState.IN_TREATMENT: "the patient has come",
    AppointmentState.DONE: "the appointment was held",
}
_READ = (
    "patient",
    "location__writes_after_no_show",
    "purpose",
    "starts",
    "ends",
    "state",
    "booked_at",
    "changed_at",
    "rescheduled_from",
    "is_silent",
    "series",
    "session__plan",
    "session__number",
    "session__state",
    "review__plan",
    "review__state",
    "rescheduled_to__id",
)
_REVIEW_READ = (
    "plan__patient",
    "plan__location",
    "months",
    "due",
    "opens",
    "closes",
    "state",
    "is_estimated",
)
EXPECTED = (AppointmentState.BOOKED, AppointmentState.CONFIRMED)
_SESSION_READ = ("plan", "number", "parts_json", "state", "target", "started_at", "ended_at")
# What letters speak of: what else is forbidden has no letter of its own.
TOLD_ACTS = frozenset({DYE, WASH})
_CHANGES = {
    Family.APPOINTMENTS: "the appointment is over or was changed",
    Family.CARE: "the dates changed",
    Family.REVIEWS: "the review was booked, held or given another date",
}

_ANSWERED = {
    LetterKind.APPOINTMENT_MISSED.value: "the patient has come after all, or has another appointment",
    LetterKind.WAITING_OFFER.value: "the offer was answered, or its time is gone",
    LetterKind.SERIES_BOOKED.value: "the appointments are over or were changed",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Whose letter it is: the premises that sign it, and the plan it belongs to."""

    location_id: UUID
    plan_id: UUID | None


@dataclass(frozen=True, slots=True)
class World:
    """`wanted` by kind, subject and what the letter states; `places` by subject; `ends` says how appointments ended."""

    wanted: Mapping[tuple[str, UUID, str], Wanted]
    places: Mapping[UUID, Place]
    ends: Mapping[UUID, str]

    def why_unwanted(self, row: Reminder) -> str:
        if row.kind in _ANSWERED:
            return _ANSWERED[row.kind]
        if row.about_id in self.ends:
            return self.ends[row.about_id]
        return _CHANGES[family_of(row.kind)]


def family_of(kind: str) -> Family:
    if kind in _CARE:
        return Family.CARE
    return Family.REVIEWS if kind == LetterKind.REVIEW_INVITATION else Family.APPOINTMENTS


@dataclass(frozen=True, slots=True)
class Rows:
    """What one patient's letters stand on. `plans` oldest first, drafts left out; `sessions` by plan and number;
    `booked` by session."""

    patient: Patient
    plans: Sequence[Plan]
    sessions: Sequence[Session]
    booked: Mapping[UUID, Appointment]
    appointments: Sequence[Appointment]
    reviews: Sequence[Review]
    offers: Sequence[Offer] = ()


def read_world(patient: Patient, *, now: datetime, only: Family | None = None) -> World:
    """Read which letters the patient's rows call for, or only those of one family.

    Six queries for all families, however many plans and appointments there are.
    """
    [rows] = read_rows([patient], now=now, only=only)
    return world_of(rows, now=now)


def read_rows(
    patients: Sequence[Patient], *, now: datetime, only: Family | None = None, plans: Iterable[Plan] | None = None
) -> list[Rows]:
    """The same six queries for any number of patients. `plans`: all of theirs, for whoever has read them already."""
    cares = only in (None, Family.CARE)
    mine = _by_patient(_plans(patients) if plans is None else plans) if cares else {}
    known = {plan.pk: plan for group in mine.values() for plan in group}
    sessions = _sessions(known) if known else {}
    booked = _booked(known) if known else {}
    appointments = _by_patient(_appointments(patients, now)) if only is not Family.CARE else {}
    reviews = _by_patient(_reviews(patients)) if only in (None, Family.REVIEWS) else {}
    offers = _by_patient(_offers(patients, now)) if only in (None, Family.APPOINTMENTS) else {}
    return [
        Rows(
            patient=patient,
            plans=mine.get(patient.pk, ()),
            sessions=[session for plan in mine.get(patient.pk, ()) for session in sessions.get(plan.pk, ())],
            booked=booked,
            appointments=appointments.get(patient.pk, ()),
            reviews=reviews.get(patient.pk, ()),
            offers=offers.get(patient.pk, ()),
        )
        for patient in patients
    ]


def world_of(rows: Rows, *, now: datetime, courses: Mapping[UUID, Course] | None = None) -> World:
    """Which letters these rows call for. `courses`: by plan, where they are not what the rows say."""
    held = held_from(rows.plans, rows.sessions, rows.booked, with_estimates=False, courses=courses)
    zone = rows.patient.home_location.zone
    wanted = wanted_letters(
        appointments=[
            appointment_facts(row, is_missed_told=is_missed_told(row, rows.appointments)) for row in rows.appointments
        ],
        done_sessions=_done_sessions(held),
        restrictions=restrictions_from(held, zone=zone, acts=TOLD_ACTS),
        reviews=_review_facts(rows.reviews, rows.appointments),
        offers=[offer_facts(row) for row in rows.offers],
        zone=zone,
        now=now,
    )
    return World(
        wanted={(letter.kind.value, letter.about, letter.facts): letter for letter in wanted},
        places=dict(_places(held, rows)),
        ends=dict(_ends(rows.appointments)),
    )


def _by_patient(rows: Iterable[Of]) -> dict[UUID, list[Of]]:
    found: dict[UUID, list[Of]] = {}
    for row in rows:
        found.setdefault(_owner(row), []).append(row)
    return found


def _owner(row: Plan | Appointment | Review | Offer) -> UUID:
    match row:
        case Review():
            return row.plan.patient_id
        case Offer():
            return row.entry.patient_id
        case _:
            return row.patient_id


def _plans(patients: Sequence[Patient]) -> Iterable[Plan]:
    rows = Plan.objects.filter(patient__in=patients).exclude(state=PlanState.DRAFT)
    return rows.select_related("location").order_by("made_at", "pk")


def _sessions(plans: Mapping[UUID, Plan]) -> dict[UUID, list[Session]]:
    found: dict[UUID, list[Session]] = {}
    for session in Session.objects.filter(plan__in=plans.keys()).only(*_SESSION_READ).order_by("number"):
        found.setdefault(session.plan_id, []).append(session)
    return found


def _booked(plans: Mapping[UUID, Plan]) -> dict[UUID, Appointment]:
    live = Appointment.objects.filter(state__in=LIVE, session__plan__in=plans.keys())
    return {row.session_id: row for row in live.only("session", "starts", "ends") if row.session_id}


def _appointments(patients: Sequence[Patient], now: datetime) -> Iterable[Appointment]:
    """Those to come, those that hold something, and what was missed or booked in the last days."""
    lately = now - MISSED_USEFUL
    is_read = Q(starts__gt=lately) | Q(booked_at__gt=lately) | Q(state__in=LIVE)
    rows = Appointment.objects.filter(is_read, patient__in=patients)
    related = rows.select_related("session", "review", "location", "rescheduled_to")
    return related.only(*_READ).order_by("starts")


def _offers(patients: Sequence[Patient], now: datetime) -> Iterable[Offer]:
    """Those she can still say yes to, for something she is still waiting with."""
    rows = Offer.objects.open().filter(entry__patient__in=patients, useful_until__gt=now)
    rows = rows.filter(entry__state=WaitingState.WAITING, entry__appointment__state__in=EXPECTED)
    return rows.select_related("entry__appointment__session", "entry__appointment__review")


def _reviews(patients: Sequence[Patient]) -> Iterable[Review]:
    rows = Review.objects.filter(plan__patient__in=patients)
    return rows.exclude(plan__state__in=(PlanState.DRAFT, PlanState.STOPPED)).select_related("plan").only(*_REVIEW_READ)


def _done_sessions(held: Iterable[Held]) -> list[DoneSessionFacts]:
    return [
        DoneSessionFacts(id=one.session.pk, number=one.occasion.number, ends=one.occasion.ends)
        for one in held
        if one.session.state == SessionState.DONE
    ]


def _review_facts(reviews: Iterable[Review], appointments: Sequence[Appointment]) -> list[ReviewFacts]:
    booked = {row.review_id for row in appointments if row.state in LIVE}
    return [review_facts(row, booked) for row in reviews]


def _places(held: Iterable[Held], rows: Rows) -> Iterator[tuple[UUID, Place]]:
    for one in held:
        yield one.session.pk, Place(one.session.plan.location_id, one.session.plan_id)
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
