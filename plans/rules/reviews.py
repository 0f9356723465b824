"""When results are looked at: dates promised in advance, counted from the first session."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from clinic.rules.spans import AVERAGE_MONTH, Span, Unit, earlier, later
from plans.rules.course import Course, ReviewPoint
from plans.rules.steps import Step
from plans.rules.windows import Window

# Written beside a review the course has dropped: should the course promise it again, it is open again.
NOT_PROMISED = "The course no longer promises this review."


@dataclass(frozen=True, slots=True)
class ReviewDue:
    """A review's day and the days between which it may be held. `estimated`: the first session is not done yet."""

    key: str
    title: str
    due: date
    opens: date
    closes: date
    estimated: bool


def first_done_on(steps: Iterable[Step]) -> date | None:
    """Return the local day of the first session done, None before it."""
    return min((step.done_on for step in steps if step.done_on), default=None)


def first_expected_on(steps: Iterable[Step], windows: Mapping[int, Window], *, starts_on: date, today: date) -> date:
    """Return the soonest day of a session to come: booked, else its best day, which cannot lie in the past."""
    to_come = (step for step in steps if step.is_to_do)
    days = (step.booked_on or max(windows[step.number].target, today) for step in to_come)
    return min(days, default=starts_on)


def review_dates(course: Course, *, first_done: date | None, first_target: date) -> tuple[ReviewDue, ...]:
    """Return the course's reviews, earliest first.

    They count from the day the first session was done; before that from its target, as an estimate. Each counts
    from that anchor by itself, so months never drift. A baseline (no offset) is due on the first session's day and
    closes with it: afterwards there is no "before" to photograph. Source: the owner; S0.
    """
    anchor = first_done or first_target
    dated = (_dated(point, anchor, estimated=first_done is None) for point in course.reviews)
    return tuple(sorted(dated, key=lambda review: review.due))


def whole_months(offset: Span) -> int:
    """Return an offset as months, for titles and order: 0 only for the baseline, weeks and days rounded."""
    match offset.unit:
        case Unit.MONTHS:
            return offset.number
        case Unit.WEEKS:
            days = offset.number * 7
        case _:
            days = offset.number
    return max(1, round(days / AVERAGE_MONTH)) if days else 0


def _dated(point: ReviewPoint, anchor: date, *, estimated: bool) -> ReviewDue:
    is_baseline = point.offset.number == 0
    due = anchor if is_baseline else later(anchor, point.offset)
    return ReviewDue(
        key=point.key,
        title=point.title,
        due=due,
        opens=earlier(due, point.opens_before),
        closes=due if is_baseline else later(due, point.closes_after),
        estimated=estimated,
    )
