"""Keeping a plan's dates true: windows, reviews, checklists and letters follow from what really happened."""

from __future__ import annotations

from datetime import date, datetime

from plans.models import ChecklistItem, Plan, Review, Session, ViewSet
from plans.models.facts import first_session_day, modalities_of, steps_of
from plans.operations.reminders import replan_reminders
from plans.rules.course import CareKind, Course
from plans.rules.reviews import ReviewDue, review_dates
from plans.rules.states import PlanState, ReviewState, SessionState
from plans.rules.windows import Step, Window, session_windows

WINDOW_FIELDS = ["earliest", "target", "latest", "calculated", "basis", "notes"]


def redate_plan(plan: Plan, *, now: datetime) -> None:
    """Bring windows, reviews, checklists and letters in line with the history. Call it inside a transaction."""
    course, steps = plan.course, steps_of(plan)
    windows = session_windows(course, steps, starts_on=plan.starts_on)
    write_windows(plan, windows)
    write_reviews(plan, course, steps, windows)
    write_checklists(plan, course)
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


def write_reviews(plan: Plan, course: Course, steps: tuple[Step, ...], windows: dict[int, Window]) -> None:
    first_done = first_session_day(steps)
    dates = review_dates(course, first_done=first_done, first_target=_first_target(steps, windows, plan.starts_on))
    rows = {review.key: review for review in plan.reviews.all()}
    offsets = {point.key: point.offset.number for point in course.reviews}
    view_set = None
    for due in dates:
        review = rows.get(due.key)
        if review is None:
            view_set = view_set or ViewSet.objects.filter(key=course.view_set).order_by("-version")[:1].get()
            Review.objects.create(plan=plan, key=due.key, months=offsets[due.key], view_set=view_set, **_dates(due))
        elif review.state == ReviewState.PROMISED and _differs(review, due):
            for field, value in _dates(due).items():
                setattr(review, field, value)
            review.save(update_fields=list(_dates(due)))


def write_checklists(plan: Plan, course: Course) -> None:
    """Every session has the care rules that apply to what is given in it; ticks already made are kept."""
    have = set(ChecklistItem.objects.filter(session__plan=plan).values_list("session_id", "rule_key"))
    new = []
    for session in plan.sessions.filter(state__in=[SessionState.PLANNED, SessionState.DONE]):
        given = set(modalities_of(session, course))
        for position, rule in enumerate(course.care_rules):
            applies = rule.in_force and (not rule.modalities or given & set(rule.modalities))
            if applies and (session.pk, rule.key) not in have:
                new.append(
                    ChecklistItem(
                        session=session,
                        rule_key=rule.key,
                        position=position,
                        phase=rule.phase,
                        kind=CareKind(rule.kind),
                        by=rule.by,
                        text=rule.text,
                    )
                )
    ChecklistItem.objects.bulk_create(new)


def _first_target(steps: tuple[Step, ...], windows: dict[int, Window], starts_on: date) -> date:
    to_come = [step for step in steps if step.state == SessionState.PLANNED]
    return min((step.booked_on or windows[step.number].target for step in to_come), default=starts_on)


def _dates(due: ReviewDue) -> dict[str, object]:
    return {"title": due.title, "due": due.due, "opens": due.opens, "closes": due.closes, "is_estimated": due.estimated}


def _differs(review: Review, due: ReviewDue) -> bool:
    return any(getattr(review, field) != value for field, value in _dates(due).items())
