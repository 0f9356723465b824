"""A plan as it stands, everything dated: sessions, reviews, restrictions, letters. Computed from its facts alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from clinic.rules.local_time import at_local, local_day
from plans.rules.changes import id_to_come
from plans.rules.course import Component, Modality
from plans.rules.plan_facts import NEW, Booking, PlanFacts, PromisedReview
from plans.rules.reminders import (
    AppointmentFacts,
    BoosterFacts,
    DoneSessionFacts,
    FirstHeld,
    ReviewFacts,
    Wanted,
    pre_care,
    wanted_letters,
)
from plans.rules.restrictions import Occasion, Restriction, restrictions_by_certainty, union
from plans.rules.reviews import ReviewDue, first_expected_on, review_dates, whole_months
from plans.rules.states import PlanState, ReviewState, SessionState
from plans.rules.steps import Step, StepKind
from plans.rules.windows import Window, session_windows

ESTIMATED_HOUR = time(10)
_ORDER = {modality: place for place, modality in enumerate(Modality)}


@dataclass(frozen=True, slots=True)
class SessionView:
    """One session as people see it. `day` is when it was done or is booked, None without an appointment."""

    ref: str
    number: int
    modalities: tuple[Modality, ...]
    kind: StepKind
    state: SessionState
    day: date | None
    window: Window | None


@dataclass(frozen=True, slots=True)
class ReviewView:
    key: str
    title: str
    due: date
    opens: date
    closes: date
    state: ReviewState
    estimated: bool
    booked_on: date | None


@dataclass(frozen=True, slots=True)
class Picture:
    """`restrictions` over all the patient's plans, estimates included; `certain` without them: what letters promise.
    `letters` is empty for a draft."""

    sessions: Mapping[str, SessionView]
    reviews: Mapping[str, ReviewView]
    restrictions: tuple[Restriction, ...]
    certain: tuple[Restriction, ...]
    letters: tuple[Wanted, ...]


def picture_of(facts: PlanFacts) -> Picture:
    """Date everything anew."""
    windows = session_windows(
        facts.course, facts.steps, starts_on=facts.starts_on, pauses=facts.pauses, today=facts.today
    )
    expected = first_expected_on(facts.steps, windows, starts_on=facts.starts_on, today=facts.today)
    dues = review_dates(facts.course, first_done=facts.first_done, first_target=expected)
    reviews = _reviews(facts, dues)
    certain, everything = _restrictions(facts, windows)
    letters = () if facts.state is PlanState.DRAFT else _letters(facts, windows, reviews, certain)
    return Picture(_sessions(facts, windows), reviews, everything, certain, letters)


def occasions_of(facts: PlanFacts, windows: Mapping[int, Window]) -> list[Occasion]:
    """Return the plan's sessions with their instants, in order; those without a day at ten o'clock on their target."""
    components = {part.key: part for part in facts.course.components}
    booked = {booking.subject: booking.facts for booking in facts.live_bookings()}
    found = []
    for step in facts.steps:
        mine = [components[part.component] for part in step.parts]
        if times := _times(facts, step, windows, mine, booked.get(step.ref)):
            given = tuple(dict.fromkeys(component.modality for component in mine))
            is_certain = step.state is SessionState.DONE or step.booked_on is not None
            found.append(Occasion(step.number, times[0], times[1], given, is_certain))
    return found


def _times(
    facts: PlanFacts,
    step: Step,
    windows: Mapping[int, Window],
    given: Iterable[Component],
    booked: AppointmentFacts | None,
) -> tuple[datetime, datetime] | None:
    if step.state is SessionState.DONE:
        return facts.times.get(step.ref)
    if not step.is_to_do:
        return None
    if booked:
        return booked.starts, booked.ends
    starts = at_local(step.booked_on or windows[step.number].target, ESTIMATED_HOUR, facts.zone)
    return starts, starts + timedelta(minutes=max(component.minutes for component in given))


def _sessions(facts: PlanFacts, windows: Mapping[int, Window]) -> dict[str, SessionView]:
    modalities = {part.key: part.modality for part in facts.course.components}
    found = {}
    for step in facts.steps:
        given = tuple(sorted({modalities[part.component] for part in step.parts}, key=_ORDER.__getitem__))
        day = step.done_on or step.booked_on
        found[step.ref] = SessionView(
            step.ref, step.number, given, step.kind, step.state, day, windows.get(step.number)
        )
    return found


def _reviews(facts: PlanFacts, dues: Iterable[ReviewDue]) -> dict[str, ReviewView]:
    """Dates of open reviews follow the course; a review that ended keeps what it had."""
    known = {review.key: review for review in facts.reviews}
    found = {}
    for due in dues:
        row = known.get(due.key)
        found[due.key] = _ended(row) if row and not row.is_open else _open(facts, due)
    for row in facts.reviews:
        found.setdefault(row.key, _ended(row))
    return found


def _open(facts: PlanFacts, due: ReviewDue) -> ReviewView:
    held = facts.live(due.key)
    booked_on = local_day(held.starts, facts.zone) if held else None
    state = ReviewState.PROMISED
    return ReviewView(due.key, due.title, due.due, due.opens, due.closes, state, due.estimated, booked_on)


def _ended(row: PromisedReview) -> ReviewView:
    """A review that was decided, or that the course no longer promises."""
    state = ReviewState.SKIPPED if row.is_open else row.state
    return ReviewView(row.key, row.title, row.due, row.opens, row.closes, state, False, None)


def _restrictions(
    facts: PlanFacts, windows: Mapping[int, Window]
) -> tuple[tuple[Restriction, ...], tuple[Restriction, ...]]:
    certain, everything = restrictions_by_certainty(
        facts.course.care_rules, occasions_of(facts, windows), zone=facts.zone
    )
    if facts.state is PlanState.DRAFT:
        certain = ()
    others = facts.elsewhere
    return (
        union([certain, others.certain], zone=facts.zone) if others.certain else certain,
        union([everything, others.estimated], zone=facts.zone) if others.estimated else everything,
    )


def _letters(
    facts: PlanFacts,
    windows: Mapping[int, Window],
    reviews: Mapping[str, ReviewView],
    certain: tuple[Restriction, ...],
) -> tuple[Wanted, ...]:
    done = [
        DoneSessionFacts(id=UUID(step.ref), number=step.number, ends=facts.times[step.ref][1])
        for step in facts.steps
        if step.state is SessionState.DONE and step.ref in facts.times
    ]
    ids = {row.key: row.id for row in facts.reviews}
    is_stopped = facts.state is PlanState.STOPPED
    offsets = {point.key: point.offset for point in facts.course.reviews}
    mine = [
        ReviewFacts(
            # One the course has just begun to promise is invited to as well.
            id=ids.get(view.key) or id_to_come(f"review {view.key}"),
            months=whole_months(offsets[view.key]),
            due=view.due,
            opens=view.opens,
            closes=view.closes,
            decided=view.state is not ReviewState.PROMISED,
            booked=view.booked_on is not None,
            estimated=view.estimated,
        )
        for view in reviews.values()
        if view.key in offsets and not is_stopped
    ]
    wanted = wanted_letters(
        appointments=[*_booked(facts), *facts.elsewhere.appointments],
        done_sessions=[*done, *facts.elsewhere.done],
        restrictions=certain,
        reviews=[*mine, *facts.elsewhere.reviews],
        first_held=[] if is_stopped else list(_first_held(facts)),
        boosters=list(_boosters(facts, windows)),
        zone=facts.zone,
        times=facts.letter_times,
        now=facts.now,
    )
    return tuple(one for one in wanted if (one.kind, one.about, one.facts) not in facts.left)


def _booked(facts: PlanFacts) -> Iterator[AppointmentFacts]:
    """The appointments with what the plan's own rules ask for before them."""
    components = {part.key: part.modality for part in facts.course.components}
    steps = {step.ref: step for step in facts.steps}
    for booking in facts.bookings:
        step = steps.get(booking.subject)
        yield _prepared(booking, step, components, facts) if step and booking.is_live else booking.facts


def _prepared(booking: Booking, step: Step, components: Mapping[str, Modality], facts: PlanFacts) -> AppointmentFacts:
    given, row = [components[part.component] for part in step.parts], booking.facts
    care = pre_care(facts.course.care_rules, given, starts=row.starts, ends=row.ends, zone=facts.zone)
    return replace(row, care=care)


def _first_held(facts: PlanFacts) -> Iterator[FirstHeld]:
    done = [step for step in facts.steps if step.done_on and step.ref in facts.times]
    if done and facts.course.expectations:
        first = min(done, key=lambda step: facts.times[step.ref])
        yield FirstHeld(UUID(first.ref), local_day(facts.times[first.ref][0], facts.zone))


def _boosters(facts: PlanFacts, windows: Mapping[int, Window]) -> Iterator[BoosterFacts]:
    """The next booster, once the course is done and while no day is booked for it."""
    to_do = sorted((step for step in facts.steps if step.is_to_do), key=lambda step: step.number)
    if facts.state in (PlanState.ACTIVE, PlanState.COMPLETED) and all(s.kind is StepKind.BOOSTER for s in to_do):
        for step in to_do[:1]:
            if not step.booked_on:
                window = windows[step.number]
                about = id_to_come(f"session {step.ref}") if step.ref.startswith(NEW) else UUID(step.ref)
                yield BoosterFacts(about, window.target, window.latest)
