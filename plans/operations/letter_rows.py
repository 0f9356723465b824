"""The rows letters stand on, read for any number of patients in the same few queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.db.models import Q

from clinic.models import Location
from patients.models import Patient
from plans.models import Appointment, Offer, Plan, Review, Session
from plans.models.appointment import LIVE
from plans.models.letter_facts import houses_of
from plans.rules.appointment_letters import MISSED_USEFUL
from plans.rules.coming_letters import EXPECTED
from plans.rules.letter_kinds import LetterGroup
from plans.rules.letter_wish import House
from plans.rules.reminders import KIND_POLICY, LetterKind
from plans.rules.states import PlanState, WaitingState


class Family(StrEnum):
    """Letters that stand on the same rows: to judge one of them, the others' rows need not be read."""

    APPOINTMENTS = "appointments"
    PREPARATION = "preparation"
    CARE = "care"
    REVIEWS = "reviews"
    BOOSTERS = "boosters"


_PREPARE = frozenset({LetterKind.PRE_CARE_STOP, LetterKind.PRE_CARE, LetterKind.PRE_CARE_EVE})
_ASK_PLANS = (None, Family.PREPARATION, Family.CARE, Family.BOOSTERS)
_ASK_REVIEWS = (None, Family.REVIEWS)
_ASK_OFFERS = (None, Family.APPOINTMENTS)
Of = TypeVar("Of", Plan, Appointment, Review, Offer)
_LOCATION = ("time_zone", "quiet_from", "quiet_until")
_READ = (
    "patient",
    "location__writes_after_no_show",
    *(f"location__{name}" for name in _LOCATION),
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
    *(f"plan__location__{name}" for name in _LOCATION),
    "months",
    "due",
    "opens",
    "closes",
    "state",
    "is_estimated",
)
_SESSION_READ = ("plan", "number", "kind", "parts_json", "state", "target", "latest", "started_at", "ended_at")


@dataclass(frozen=True, slots=True)
class Rows:
    """What one patient's letters stand on. `plans` oldest first, drafts left out; `sessions` by plan and number;
    `booked` by session; `houses` by location."""

    patient: Patient
    plans: Sequence[Plan]
    sessions: Sequence[Session]
    booked: Mapping[UUID, Appointment]
    appointments: Sequence[Appointment]
    reviews: Sequence[Review]
    offers: Sequence[Offer] = ()
    houses: Mapping[UUID, House] = field(default_factory=dict)


def family_of(kind: str) -> Family:
    if kind in _PREPARE:
        return Family.PREPARATION
    if kind == LetterKind.BOOSTER_DUE:
        return Family.BOOSTERS
    match KIND_POLICY[LetterKind(kind)].group:
        case LetterGroup.CARE:
            return Family.CARE
        case LetterGroup.REVIEWS:
            return Family.REVIEWS
        case LetterGroup.APPOINTMENTS:
            return Family.APPOINTMENTS


def read_rows(
    patients: Sequence[Patient], *, now: datetime, only: Family | None = None, plans: Iterable[Plan] | None = None
) -> list[Rows]:
    """Seven queries for any number of patients. `plans`: all of theirs, for whoever has read them already."""
    theirs = list(_plans(patients) if plans is None else plans) if only in _ASK_PLANS else []
    mine = _by_patient(theirs)
    known = {plan.pk: plan for plan in theirs}
    sessions = _sessions(known) if known else {}
    booked = _booked(known) if known else {}
    met = list(_appointments(patients, now)) if only is not Family.CARE else []
    appointments = _by_patient(met)
    promised = list(_reviews(patients)) if only in _ASK_REVIEWS else []
    reviews = _by_patient(promised)
    offers = _by_patient(_offers(patients, now)) if only in _ASK_OFFERS else {}
    houses = _houses(patients, theirs, met, promised)
    return [
        Rows(
            patient=patient,
            plans=mine.get(patient.pk, ()),
            sessions=[session for plan in mine.get(patient.pk, ()) for session in sessions.get(plan.pk, ())],
            booked=booked,
            appointments=appointments.get(patient.pk, ()),
            reviews=reviews.get(patient.pk, ()),
            offers=offers.get(patient.pk, ()),
            houses=houses,
        )
        for patient in patients
    ]


def _houses(
    patients: Iterable[Patient], plans: Iterable[Plan], met: Iterable[Appointment], reviews: Iterable[Review]
) -> dict[UUID, House]:
    locations: dict[UUID, Location] = {patient.home_location_id: patient.home_location for patient in patients}
    locations |= {plan.location_id: plan.location for plan in plans}
    locations |= {row.location_id: row.location for row in met}
    locations |= {review.plan.location_id: review.plan.location for review in reviews}
    return houses_of(locations)


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
    under_way = rows.exclude(plan__state__in=(PlanState.DRAFT, PlanState.STOPPED))
    return under_way.select_related("plan__location").only(*_REVIEW_READ)
