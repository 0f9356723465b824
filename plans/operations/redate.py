"""Keeping a plan's dates true: windows, reviews, checklists and letters follow from what really happened."""

from __future__ import annotations

from datetime import date, datetime

from clinic.rules.local_time import local_day
from plans.models import Plan, Review, Session
from plans.models.facts import steps_of, zone_of
from plans.models.view_set_facts import view_set_for
from plans.operations.checklists import write_checklists
from plans.operations.reminders import replan_reminders
from plans.rules.course import Course
from plans.rules.reviews import (
    NOT_PROMISED,
    ReviewDue,
    first_done_on,
    first_expected_on,
    review_dates,
    whole_months,
)
from plans.rules.rhythm import Pause
from plans.rules.states import PlanState, ReviewState, SessionState
from plans.rules.steps import Step
from plans.rules.windows import Window, session_windows

WINDOW_FIELDS = ["earliest", "target", "latest", "calculated", "basis", "notes"]


def redate_plan(plan: Plan, *, now: datetime) -> None:
    """Bring windows, reviews, checklists and letters in line with the history. Call it inside a transaction."""
    course, steps, today = plan.course, steps_of(plan), local_day(now, zone_of(plan))
    pauses = [Pause(row.begins, row.ends) for row in plan.pauses.all() if row.ends]
    windows = session_windows(course, steps, starts_on=plan.starts_on, pauses=pauses, today=today)
    write_windows(plan, windows)
    write_reviews(plan, course, steps, windows, today)
    write_checklists(plan, course)
    Plan.objects.filter(pk=plan.pk).update(dated_on=today)
    if plan.state != PlanState.DRAFT:
        replan_reminders(plan.patient, now=now)


def write_windows(plan: Plan, windows: dict[int, Window]) -> None:
    """Only sessions still to do get new dates: what a done session's window was when it was done is evidence."""
    changed = []
    for session in plan.sessions.filter(state=SessionState.PLANNED):
        window = windows[session.number]
        before = [getattr(session, field) for field in WINDOW_FIELDS]
        set_window(session, window)
        if before != [getattr(session, field) for field in WINDOW_FIELDS]:
            changed.append(session)
    for session in changed:
        session.save(update_fields=WINDOW_FIELDS)


def set_window(session: Session, window: Window) -> None:
    session.earliest, session.latest = window.earliest, window.latest
    session.target, session.calculated = window.target, window.calculated
    session.basis, session.notes = window.basis[:240], list(window.notes)


def write_reviews(plan: Plan, course: Course, steps: tuple[Step, ...], windows: dict[int, Window], today: date) -> None:
    """Open reviews follow the course; one it no longer promises is skipped, one that ended keeps what it had."""
    expected = first_expected_on(steps, windows, starts_on=plan.starts_on, today=today)
    dates = review_dates(course, first_done=first_done_on(steps), first_target=expected)
    rows = {review.key: review for review in plan.reviews.all()}
    months = {point.key: whole_months(point.offset) for point in course.reviews}
    view_set = None
    for due in dates:
        review = rows.pop(due.key, None)
        if review is None:
            view_set = view_set or view_set_for(diagnosis=_diagnosis(plan), key=course.view_set)
            Review.objects.create(plan=plan, key=due.key, months=months[due.key], view_set=view_set, **_dates(due))
        elif _is_promised_again(review) and (review.state != ReviewState.PROMISED or _differs(review, due, months)):
            review.state, review.months = ReviewState.PROMISED, months[due.key]
            for field, value in _dates(due).items():
                setattr(review, field, value)
            review.save()
    for review in rows.values():
        if review.state == ReviewState.PROMISED:
            review.state, review.notes = ReviewState.SKIPPED, NOT_PROMISED
            review.save()


def _diagnosis(plan: Plan) -> str:
    return plan.assessment.hair_loss_type if plan.assessment else ""


def _is_promised_again(review: Review) -> bool:
    """Open, or left out only because the course had dropped it for a while."""
    return review.state == ReviewState.PROMISED or (
        review.state == ReviewState.SKIPPED and review.notes == NOT_PROMISED
    )


def _dates(due: ReviewDue) -> dict[str, object]:
    return {"title": due.title, "due": due.due, "opens": due.opens, "closes": due.closes, "is_estimated": due.estimated}


def _differs(review: Review, due: ReviewDue, months: dict[str, int]) -> bool:
    is_dated = all(getattr(review, field) == value for field, value in _dates(due).items())
    return not is_dated or review.months != months[due.key]
