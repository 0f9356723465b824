"""What is true about one patient right now, read for the question "which letters should go?"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Q

from patients.models import Patient
from plans.models import Appointment, Reminder, Review
from plans.models.appointment import LIVE
from plans.models.facts import Held, held_sessions, restrictions_from
from plans.rules.reminders import AppointmentFacts, DoneSessionFacts, LetterKind, ReviewFacts, Wanted, wanted_letters
from plans.rules.states import AppointmentPurpose, AppointmentState, PlanState, ReviewState, SessionState


class Family(StrEnum):
    """Letters that stand on the same rows: to judge one of them, the others' rows need not be read."""

    APPOINTMENTS = "appointments"
    CARE = "care"
    REVIEWS = "reviews"


_CARE = frozenset({LetterKind.NO_WASH, LetterKind.NO_DYE, LetterKind.DYE_AGAIN})
_ENDS = {
    AppointmentState.CANCELLED: "the appointment was cancelled",
    AppointmentState.NO_SHOW: "the appointment was missed",
    AppointmentState.ARRIVED: "the patient has come",
    AppointmentState.DONE: "the appointment was held",
}
_READ = (
    "patient",
    "location",
    "purpose",
    "starts",
    "ends",
    "state",
    "booked_at",
    "changed_at",
    "rescheduled_from",
    "session__plan",
    "session__number",
    "review__plan",
    "rescheduled_to__id",
)
_CHANGES = {
    Family.APPOINTMENTS: "the appointment is over or was changed",
    Family.CARE: "the dates changed",
    Family.REVIEWS: "the review was booked, held or given another date",
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
        if row.about_id in self.ends:
            return self.ends[row.about_id]
        return _CHANGES[family_of(row.kind)]


def family_of(kind: str) -> Family:
    if kind in _CARE:
        return Family.CARE
    return Family.REVIEWS if kind == LetterKind.REVIEW_INVITATION else Family.APPOINTMENTS


def read_world(patient: Patient, *, now: datetime, only: Family | None = None) -> World:
    """Read which letters the patient's rows call for, or only those of one family.

    Five queries for all families, however many plans and appointments there are.
    """
    held = held_sessions(patient) if only in (None, Family.CARE) else ()
    appointments = _appointments(patient, now) if only is not Family.CARE else []
    reviews = _reviews(patient) if only in (None, Family.REVIEWS) else []
    zone = patient.home_location.zone
    wanted = wanted_letters(
        appointments=[_appointment_facts(row) for row in appointments],
        done_sessions=_done_sessions(held),
        restrictions=restrictions_from(held, zone=zone),
        reviews=_review_facts(reviews, appointments),
        zone=zone,
        now=now,
    )
    return World(
        wanted={(letter.kind.value, letter.about, letter.facts): letter for letter in wanted},
        places=dict(_places(held, appointments, reviews)),
        ends=dict(_ends(appointments)),
    )


def _appointments(patient: Patient, now: datetime) -> list[Appointment]:
    """Those to come, and those that hold a review: a letter about a past one would come too late."""
    rows = Appointment.objects.filter(Q(starts__gt=now) | Q(state__in=LIVE, review__isnull=False), patient=patient)
    return list(rows.select_related("session", "review", "rescheduled_to").only(*_READ).order_by("starts"))


def _reviews(patient: Patient) -> list[Review]:
    rows = Review.objects.filter(plan__patient=patient).exclude(plan__state__in=(PlanState.DRAFT, PlanState.STOPPED))
    return list(rows.select_related("plan"))


def _appointment_facts(row: Appointment) -> AppointmentFacts:
    is_cancelled = row.state == AppointmentState.CANCELLED
    return AppointmentFacts(
        id=row.pk,
        purpose=AppointmentPurpose(row.purpose),
        starts=row.starts,
        ends=row.ends,
        state=AppointmentState(row.state),
        announced=_announced(row),
        # Confirming changes the row too, and is nothing to tell.
        changed_at=row.changed_at if is_cancelled else row.booked_at,
        session_number=row.session.number if row.session else None,
    )


def _announced(row: Appointment) -> str:
    """The appointment a moved one became tells of the move; the one it was has nothing more to say."""
    if row.state == AppointmentState.CANCELLED:
        return "" if _was_moved(row) else "cancelled"
    return "moved" if row.rescheduled_from_id else "booked"


def _was_moved(row: Appointment) -> bool:
    return hasattr(row, "rescheduled_to")


def _done_sessions(held: Iterable[Held]) -> list[DoneSessionFacts]:
    return [
        DoneSessionFacts(id=one.session.pk, number=one.occasion.number, ends=one.occasion.ends)
        for one in held
        if one.session.state == SessionState.DONE
    ]


def _review_facts(reviews: Iterable[Review], appointments: Sequence[Appointment]) -> list[ReviewFacts]:
    booked = {row.review_id for row in appointments if row.state in LIVE}
    return [
        ReviewFacts(
            id=row.pk,
            months=row.months,
            due=row.due,
            opens=row.opens,
            closes=row.closes,
            decided=row.state != ReviewState.PROMISED,
            booked=row.pk in booked,
            estimated=row.is_estimated,
        )
        for row in reviews
    ]


def _places(
    held: Iterable[Held], appointments: Iterable[Appointment], reviews: Iterable[Review]
) -> Iterator[tuple[UUID, Place]]:
    for one in held:
        yield one.session.pk, Place(one.session.plan.location_id, one.session.plan_id)
    for review in reviews:
        yield review.pk, Place(review.plan.location_id, review.plan_id)
    for row in appointments:
        subject = row.session or row.review
        yield row.pk, Place(row.location_id, subject.plan_id if subject else None)


def _ends(appointments: Iterable[Appointment]) -> Iterator[tuple[UUID, str]]:
    for row in appointments:
        if _was_moved(row):
            yield row.pk, "the appointment was moved"
        elif row.state in _ENDS:
            yield row.pk, _ENDS[AppointmentState(row.state)]
