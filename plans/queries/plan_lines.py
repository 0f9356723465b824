"""A plan's sessions and reviews as its page lists them: how each stands, and what the viewer may do with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.roles import Deed
from plans.models import Appointment, Plan, Review, Session
from plans.models.facts import modalities_of
from plans.queries.chart import Chart
from plans.rules.course import Course
from plans.rules.states import AppointmentState, PlanState, ReviewState, SessionState
from plans.rules.steps import StepKind
from plans.rules.wording import list_words, modality_words

# A paused plan may still be changed: often that is why it was paused.
CHANGEABLE = (PlanState.DRAFT, PlanState.ACTIVE, PlanState.PAUSED)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """`state` is the chip's colour and `word` its word; `appointment` holds time now; `misses` counts no-shows.

    `moved_from` is the day the rules give where a human set another.
    """

    session: Session
    given: str
    state: str
    word: str
    appointment: Appointment | None
    misses: int
    done_on: date | None
    moved_from: date | None
    is_booster: bool
    is_next: bool
    ticked: int
    items: int
    can_book: bool
    can_complete: bool
    can_change: bool
    can_unskip: bool


@dataclass(frozen=True, slots=True)
class ReviewLine:
    review: Review
    appointment: Appointment | None
    photos: int
    views: int
    can_book: bool
    can_change: bool


def session_lines(chart: Chart, plan: Plan, course: Course, by: Staff) -> tuple[SessionLine, ...]:
    rows = chart.sessions[plan.pk]
    to_do = [session for session in rows if session.state == SessionState.PLANNED]
    first = to_do[0].pk if to_do and plan.state == PlanState.ACTIVE else None
    return tuple(_session(session, chart, course, by, is_next=session.pk == first) for session in rows)


def review_lines(chart: Chart, plan: Plan, by: Staff) -> tuple[ReviewLine, ...]:
    return tuple(_review(review, chart, by) for review in chart.reviews[plan.pk])


def _session(session: Session, chart: Chart, course: Course, by: Staff, *, is_next: bool) -> SessionLine:
    appointment = chart.live.get(session.pk)
    state, word = _standing(session, appointment, chart.today)
    is_planned = session.state == SessionState.PLANNED
    is_open = session.plan.state == PlanState.ACTIVE and is_planned
    held_on = session.started_at or session.ended_at
    may_begin = local_day(appointment.starts, chart.zone) if appointment else session.earliest
    may_change = session.plan.state in CHANGEABLE and by.can(Deed.CHANGE_PLAN)
    return SessionLine(
        session=session,
        given=list_words([modality_words(modality) for modality in modalities_of(session, course)]),
        state=state,
        word=word,
        appointment=appointment,
        misses=chart.misses(session),
        done_on=local_day(held_on, chart.zone) if session.state == SessionState.DONE and held_on else None,
        moved_from=session.calculated if is_planned and session.pinned not in (None, session.calculated) else None,
        is_booster=session.kind == StepKind.BOOSTER,
        is_next=is_next,
        ticked=session.ticked,  # type: ignore[attr-defined]  # annotated by read_chart
        items=session.items,  # type: ignore[attr-defined]  # annotated by read_chart
        can_book=is_open and appointment is None and by.can(Deed.BOOK),
        can_complete=is_open and is_next and may_begin <= chart.today and by.can(Deed.COMPLETE_SESSION),
        can_change=may_change and is_planned,
        can_unskip=may_change and session.state == SessionState.SKIPPED,
    )


def _standing(session: Session, appointment: Appointment | None, today: date) -> tuple[str, str]:
    if session.state != SessionState.PLANNED:
        return session.state, session.get_state_display()
    if appointment:
        return appointment.state, AppointmentState(appointment.state).label
    if session.plan.state in (PlanState.DRAFT, PlanState.PAUSED):
        return session.plan.state, PlanState(session.plan.state).label
    return ("late", "Late") if session.latest < today else ("planned", "To book")


def _review(review: Review, chart: Chart, by: Staff) -> ReviewLine:
    appointment = chart.live.get(review.pk)
    is_promised = review.state == ReviewState.PROMISED and review.months > 0
    is_open = review.plan.state == PlanState.ACTIVE and is_promised
    return ReviewLine(
        review=review,
        appointment=appointment,
        photos=review.photos_taken,  # type: ignore[attr-defined]  # annotated by read_chart
        views=review.views_wanted,  # type: ignore[attr-defined]  # annotated by read_chart
        can_book=is_open and appointment is None and by.can(Deed.BOOK),
        can_change=is_promised and review.plan.state in CHANGEABLE and by.can(Deed.CHANGE_PLAN),
    )
