"""Booking what is left of a plan in one go: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Practitioner, Room, Staff
from clinic.models.ids import new_id
from clinic.operations.audit import allow, record
from clinic.operations.once import once
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Appointment, Plan
from plans.operations.booking import book_appointment
from plans.rules.happened import Happened
from plans.rules.states import AppointmentPurpose


@dataclass(frozen=True, slots=True)
class Pick:
    """When, with whom and where a session or review of the plan is to be held; `subject` is its id."""

    subject: UUID
    practitioner_id: UUID
    room_id: UUID | None
    starts: datetime
    minutes: int


class LineRefused(Refusal):
    """One line of a series cannot be booked; `subject` says which, its sentence begins with its name."""

    def __init__(self, subject: UUID, name: str, refusal: Refusal) -> None:
        super().__init__(refusal.code, f"{name}: {refusal.sentence}")
        self.subject = subject


@dataclass(frozen=True, slots=True)
class _Subject:
    purpose: AppointmentPurpose
    name: str


def book_series(
    *, plan_id: UUID, picks: Sequence[Pick], token: UUID | None = None, tell: bool = True, by: Staff, now: datetime
) -> list[Appointment]:
    """Book every line, in the order of days, or none; one letter tells of all. The same form sent twice books once.

    Sessions move with the ones before them: each is held against its window as it stands once those are booked.
    Refusals: nothing, and those of booking, as LineRefused.
    """
    allow(by, Deed.BOOK)
    made = once(token, deed=Happened.SERIES_BOOKED, by=by, now=now, do=lambda: _book(plan_id, picks, tell, by, now))
    rows = Appointment.objects.visible_to(by).select_related("practitioner", "location", "session", "review")
    return list(rows.filter(pk__in=made).order_by("starts"))


@transaction.atomic
def _book(plan_id: UUID, picks: Sequence[Pick], tell: bool, by: Staff, now: datetime) -> list[UUID]:
    plan = Plan.objects.visible_to(by).select_related("location").get(pk=plan_id)
    if not picks:
        raise Refusal("nothing", "Choose a time for at least one session or review.")
    subjects = _subjects(plan)
    for pick in picks:
        if pick.subject not in subjects:
            raise Appointment.DoesNotExist
    _lock(plan, picks, by)
    # One alone is no series: its letter is the ordinary one.
    series = new_id() if len(picks) > 1 else None
    in_order = sorted(picks, key=lambda pick: pick.starts)
    made = [_one(plan, pick, subjects[pick.subject], tell, series, by, now) for pick in in_order]
    if series:
        _record(plan, series, made, by, now)
    return [appointment.pk for appointment in made]


def _subjects(plan: Plan) -> Mapping[UUID, _Subject]:
    sessions = {one.pk: _Subject(AppointmentPurpose.SESSION, f"Session {one.number}") for one in plan.sessions.all()}
    reviews = {one.pk: _Subject(AppointmentPurpose.REVIEW, f"Review “{one.title}”") for one in plan.reviews.all()}
    return sessions | reviews


def _lock(plan: Plan, picks: Iterable[Pick], by: Staff) -> None:
    """Patient first, then everybody and every room of the series by id: two series never wait for each other."""
    Patient.objects.visible_to(by).select_for_update(of=("self",)).get(pk=plan.patient_id)
    people = Practitioner.objects.visible_to(by).filter(pk__in={pick.practitioner_id for pick in picks})
    rooms = Room.objects.visible_to(by).filter(pk__in={pick.room_id for pick in picks if pick.room_id})
    list(people.order_by("pk").select_for_update(of=("self",)))
    list(rooms.order_by("pk").select_for_update(of=("self",)))


def _one(
    plan: Plan, pick: Pick, subject: _Subject, tell: bool, series: UUID | None, by: Staff, now: datetime
) -> Appointment:
    is_session = subject.purpose is AppointmentPurpose.SESSION
    try:
        return book_appointment(
            patient_id=plan.patient_id,
            purpose=subject.purpose,
            session_id=pick.subject if is_session else None,
            review_id=None if is_session else pick.subject,
            practitioner_id=pick.practitioner_id,
            room_id=pick.room_id,
            starts=pick.starts,
            minutes=pick.minutes,
            tell=tell,
            series=series,
            by=by,
            now=now,
        )
    except Refusal as refusal:
        raise LineRefused(pick.subject, subject.name, refusal) from refusal


def _record(plan: Plan, series: UUID, made: Sequence[Appointment], by: Staff, now: datetime) -> None:
    details = {"series": str(series), "appointments": [str(appointment.pk) for appointment in made]}
    record(
        Happened.SERIES_BOOKED,
        about=plan,
        by=by,
        now=now,
        patient_id=plan.patient_id,
        location=plan.location,
        details=details,
    )
