"""Rows read into the rules' values: what operations and queries both ask, answered once."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.local_time import at_local, local_day
from patients.models import Patient
from plans.models.appointment import LIVE, Appointment
from plans.models.plan import Plan, Session
from plans.rules.course import Course, Modality
from plans.rules.picture import ESTIMATED_HOUR
from plans.rules.restrictions import Occasion, Restriction, restrictions, union
from plans.rules.states import PlanState, SessionState
from plans.rules.steps import Step
from plans.rules.windows import Window


@dataclass(frozen=True, slots=True)
class Held:
    """A session with its instants. `occasion.number` is unique over all the patient's plans: in a first plan it is
    the session's own number, so that a restriction's reasons lead back to the session."""

    session: Session
    occasion: Occasion
    course: Course


def zone_of(plan: Plan) -> ZoneInfo:
    return plan.location.zone


def live_appointments(plans: Iterable[Plan]) -> dict[UUID, Appointment]:
    """Appointments that still hold time, by the id of the session or review they hold. One query."""
    ids = [plan.pk for plan in plans]
    live = Appointment.objects.filter(state__in=LIVE)
    mine = live.filter(session__plan__in=ids) | live.filter(review__plan__in=ids)
    found = mine.select_related("practitioner", "room", "location")
    return {subject: a for a in found if (subject := a.session_id or a.review_id)}


def steps_of(plan: Plan) -> tuple[Step, ...]:
    """The plan's sessions as the engine sees them, with the local days they were done or are booked on. Two queries."""
    booked = live_appointments([plan])
    return tuple(step_of(s, booked.get(s.pk), zone_of(plan)) for s in plan.sessions.order_by("number"))


def window_of(session: Session) -> Window:
    return Window(
        session.number,
        session.earliest,
        session.target,
        session.latest,
        session.calculated,
        tuple(session.notes),
        session.basis,
    )


def modalities_of(session: Session, course: Course) -> tuple[Modality, ...]:
    return tuple(dict.fromkeys(course.component(part.component).modality for part in session.parts))


def minutes_of(session: Session, course: Course) -> int:
    """The longest of what is given together: it happens on one chair."""
    return max(course.component(part.component).minutes for part in session.parts)


def held_sessions(patient: Patient, *, with_estimates: bool = False) -> tuple[Held, ...]:
    """Done and booked sessions over all of a patient's plans; with estimates also those to come without a date,
    at ten o'clock on their target. Drafts do not count. Three queries."""
    plans = list(patient.plans.exclude(state=PlanState.DRAFT).select_related("location").order_by("made_at", "pk"))
    return _held(plans, with_estimates=with_estimates)


def restrictions_of(patient: Patient, *, with_estimates: bool = False) -> tuple[Restriction, ...]:
    """What this patient must avoid and until when, over all plans under way or ended: the strictest end per act."""
    held = held_sessions(patient, with_estimates=with_estimates)
    return restrictions_from(held, zone=patient.home_location.zone)


def restrictions_from(
    held: Iterable[Held], *, zone: ZoneInfo, acts: Container[str] | None = None
) -> tuple[Restriction, ...]:
    """`acts`: only what is forbidden of these. Acts never touch each other, so the answer for one is the same."""
    made = []
    for _, group in groupby(held, key=lambda one: one.session.plan_id):
        mine = list(group)
        rules = [rule for rule in mine[0].course.care_rules if acts is None or rule.act in acts]
        made.append(restrictions(rules, [one.occasion for one in mine], zone=zone))
    return union(made, zone=zone)


def step_of(session: Session, appointment: Appointment | None, zone: ZoneInfo) -> Step:
    """One session as the engine sees it, with the local day it was done or is booked on."""
    is_done = session.state == SessionState.DONE and session.ended_at is not None
    done = (session.started_at or session.ended_at) if is_done else None
    return replace(
        session.as_step(),
        done_on=local_day(done, zone) if done else None,
        booked_on=local_day(appointment.starts, zone) if appointment else None,
    )


def _held(plans: list[Plan], *, with_estimates: bool) -> tuple[Held, ...]:
    sessions = Session.objects.filter(plan__in=plans).order_by("plan__made_at", "plan_id", "number")
    return held_from(plans, sessions, live_appointments(plans), with_estimates=with_estimates)


def held_from(
    plans: Iterable[Plan],
    sessions: Iterable[Session],
    booked: Mapping[UUID, Appointment],
    *,
    with_estimates: bool,
    courses: Mapping[UUID, Course] | None = None,
) -> tuple[Held, ...]:
    """`held_sessions` for rows read already: sessions by plan (oldest first) and number, appointments by session.

    `courses`: by plan, for whoever has read them already or asks what another course would mean.
    """
    by_id = {plan.pk: plan for plan in plans}
    found, offset = [], 0
    for plan_id, mine in groupby(sessions, key=lambda session: session.plan_id):
        plan, highest = by_id[plan_id], 0
        course = courses[plan_id] if courses else plan.course
        for session in mine:
            session.plan = plan
            highest = max(highest, session.number)
            occasion = _occasion(session, course, booked.get(session.pk), offset, with_estimates=with_estimates)
            if occasion:
                found.append(Held(session, occasion, course))
        offset += highest
    return tuple(found)


def _occasion(
    session: Session, course: Course, appointment: Appointment | None, offset: int, *, with_estimates: bool
) -> Occasion | None:
    number, modalities = offset + session.number, modalities_of(session, course)
    if session.state == SessionState.DONE and session.ended_at:
        return Occasion(number, session.started_at or session.ended_at, session.ended_at, modalities, True)
    if session.state == SessionState.PLANNED and appointment:
        return Occasion(number, appointment.starts, appointment.ends, modalities, True)
    if session.state == SessionState.PLANNED and with_estimates:
        starts = at_local(session.target, ESTIMATED_HOUR, zone_of(session.plan))
        ends = starts + timedelta(minutes=minutes_of(session, course))
        return Occasion(number, starts, ends, modalities, False)
    return None
