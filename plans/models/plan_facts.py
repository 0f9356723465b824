"""A plan's rows, and those of the patient's other plans, read into what the engine asks for. Eight queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Q

from clinic.rules.local_time import local_day
from patients.models import Patient
from plans.models.appointment import LIVE, Appointment
from plans.models.facts import Held, held_from, held_sessions, restrictions_from, step_of, zone_of
from plans.models.letter_facts import appointment_facts, houses_of, review_facts
from plans.models.plan import Plan, Session
from plans.models.reminder import Reminder
from plans.models.review import Review
from plans.rules.course import Course
from plans.rules.plan_facts import NEW, Booking, Elsewhere, PlanFacts, PromisedReview
from plans.rules.reminders import DoneSessionFacts
from plans.rules.reviews import NOT_PROMISED
from plans.rules.rhythm import Pause
from plans.rules.states import PlanState, ReminderState, ReviewState, SessionState
from plans.rules.steps import Step

# Above every session number of a plan: an occasion elsewhere is never taken for one of this plan's sessions.
ELSEWHERE = 1000


def read_plan_facts(plan: Plan, *, now: datetime) -> PlanFacts:
    """Return what the engine needs to date the plan and to say what a change would mean."""
    zone = zone_of(plan)
    family = Plan.objects.filter(patient=plan.patient_id).exclude(pk=plan.pk).exclude(state=PlanState.DRAFT)
    others = list(family.select_related("location").order_by("made_at", "pk"))
    sessions = list(Session.objects.filter(plan__in=[plan, *others]).order_by("plan__made_at", "plan_id", "number"))
    mine = [session for session in sessions if session.plan_id == plan.pk]
    appointments = _appointments(plan, now)
    live = {row.session_id: row for row in appointments if row.state in LIVE and row.session_id}
    photos = Count("photos", filter=Q(photos__superseded_at__isnull=True))
    reviews = list(Review.objects.filter(plan__in=[plan, *others]).annotate(photos_taken=photos).order_by("due"))
    pauses = list(plan.pauses.all())
    for session in mine:
        session.plan = plan
    own_reviews = {row.pk: row for row in reviews if row.plan_id == plan.pk}
    subjects: dict[UUID | None, str] = {session.pk: str(session.pk) for session in mine}
    subjects |= {row.pk: row.key for row in own_reviews.values()}
    return PlanFacts(
        course=plan.course,
        steps=tuple(step_of(s, live.get(s.pk), zone) for s in mine),
        starts_on=plan.starts_on,
        zone=zone,
        now=now,
        today=local_day(now, zone),
        state=PlanState(plan.state),
        pauses=tuple(Pause(row.begins, row.ends) for row in pauses if row.ends),
        paused_since=next((row.begins for row in pauses if row.ends is None), None),
        times={
            str(s.pk): (s.started_at or s.ended_at, s.ended_at)
            for s in mine
            if s.state == SessionState.DONE and s.ended_at
        },
        bookings=tuple(
            Booking(subjects[subject], appointment_facts(row), is_live=row.state in LIVE)
            for row in appointments
            if (subject := row.session_id or row.review_id) in subjects
        ),
        reviews=tuple(_promised(row) for row in own_reviews.values()),
        elsewhere=_elsewhere(plan, others, sessions, appointments, reviews, subjects, live),
        left=_left(plan),
        letter_times=houses_of({plan.location_id: plan.location})[plan.location_id].times,
    )


def facts_of_a_new_plan(
    patient: Patient, course: Course, steps: Iterable[Step], *, starts_on: date, now: datetime
) -> PlanFacts:
    """The same for a plan that is only thought of: what it would mean beside the patient's other plans."""
    zone = patient.home_location.zone
    held = [_apart(one) for one in held_sessions(patient, with_estimates=True)]
    return PlanFacts(
        course=course,
        steps=tuple(replace(step, ref=f"{NEW}{step.number}") for step in steps),
        starts_on=starts_on,
        zone=zone,
        now=now,
        today=local_day(now, zone),
        state=PlanState.DRAFT,
        elsewhere=Elsewhere(
            certain=restrictions_from([one for one in held if one.occasion.certain], zone=zone),
            estimated=restrictions_from(held, zone=zone),
        ),
    )


def _appointments(plan: Plan, now: datetime) -> list[Appointment]:
    """Those to come, whatever became of them, and those that hold something still."""
    rows = Appointment.objects.filter(Q(starts__gt=now) | Q(state__in=LIVE), patient=plan.patient_id)
    return list(rows.select_related("session", "rescheduled_to").order_by("starts"))


def _left(plan: Plan) -> frozenset[tuple[str, UUID, str]]:
    """Letters that were claimed, sent, refused or expired; one that was cancelled may be planned again."""
    rows = Reminder.objects.filter(patient=plan.patient_id)
    ended = rows.exclude(state__in=(ReminderState.PLANNED, ReminderState.CANCELLED))
    return frozenset(ended.values_list("kind", "about_id", "facts"))


def _promised(row: Review) -> PromisedReview:
    was_dropped = row.state == ReviewState.SKIPPED and row.notes == NOT_PROMISED
    return PromisedReview(
        key=row.key,
        id=row.pk,
        title=row.title,
        due=row.due,
        opens=row.opens,
        closes=row.closes,
        state=ReviewState.PROMISED if was_dropped else ReviewState(row.state),
        has_photos=row.photos_taken > 0,  # type: ignore[attr-defined]  # annotated above
    )


def _elsewhere(
    plan: Plan,
    others: list[Plan],
    sessions: Iterable[Session],
    appointments: Iterable[Appointment],
    reviews: Iterable[Review],
    subjects: dict[UUID | None, str],
    live: dict[UUID, Appointment],
) -> Elsewhere:
    foreign = [session for session in sessions if session.plan_id != plan.pk]
    held = [_apart(one) for one in held_from(others, foreign, live, with_estimates=True)]
    certain = [one for one in held if one.occasion.certain]
    told = [row for row in appointments if (row.session_id or row.review_id) not in subjects]
    booked = {row.review_id for row in told if row.state in LIVE}
    ended = {one.pk for one in others if one.state == PlanState.STOPPED}
    return Elsewhere(
        certain=restrictions_from(certain, zone=zone_of(plan)),
        estimated=restrictions_from(held, zone=zone_of(plan)),
        done=tuple(
            DoneSessionFacts(id=one.session.pk, number=one.occasion.number, ends=one.occasion.ends)
            for one in held
            if one.session.state == SessionState.DONE
        ),
        appointments=tuple(appointment_facts(row) for row in told),
        reviews=tuple(
            review_facts(row, booked) for row in reviews if row.plan_id != plan.pk and row.plan_id not in ended
        ),
    )


def _apart(one: Held) -> Held:
    return replace(one, occasion=replace(one.occasion, number=ELSEWHERE + one.occasion.number))
