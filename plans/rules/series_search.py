"""Which day for which session of a series: inside every window, as near to the targets as can be, on one weekday.

A greedy walk gets stuck in a full clinic, so this is dynamic programming over the days on which something is free. The
plan engine itself says what each window is once the sessions before it have their days, so combinations, least gaps,
pauses and months that clamp are right by construction. A state is what still matters to what comes: the last day of
each component. Days are asked for in the order of what they cost, so that only few weeks are ever read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from clinic.rules.spans import Span, Unit, later
from plans.rules.course import Course
from plans.rules.rhythm import Pause, beyond_pauses
from plans.rules.states import SessionState
from plans.rules.steps import Step, StepKind
from plans.rules.windows import Window, session_windows

ONE_DAY = timedelta(days=1)
WEEK_OFF, OTHER_WEEKDAY, OUT_OF_WINDOW = 10**8, 10**4, 10**12
# In its targets' weeks and on its weekday: what is left to win is single days, and the nearest were tried first.
ENOUGH = OTHER_WEEKDAY
# Times the engine is asked: far more than one treatment's course needs. Two courses side by side in a clinic that is
# full can need more to be sure that there is nothing; then the best found so far counts, and nothing is promised.
MOST_ASKED = 6_000
# And only so often to better it, once there is a whole one.
MOST_BETTERING = 500


@dataclass(frozen=True, slots=True)
class Quest:
    """A plan's sessions; those with a day, done or booked, stay. `weekday`: the one to keep, where there is one yet."""

    course: Course
    steps: tuple[Step, ...]
    starts_on: date
    today: date
    pauses: tuple[Pause, ...] = ()
    weekday: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """`days` by the session's number. `stuck`: the first session that found none, with the window it would have had
    after those that did; None when all have one, or when a review is what finds none.
    `is_sure`: every way was looked at, so where this is not whole, nothing is."""

    days: Mapping[int, date]
    whole: bool
    is_sure: bool = True
    stuck: Step | None = None
    window: Window | None = None


def day_cost(day: date, target: date, weekday: int | None) -> int:
    """Return how far a day is from the best: weeks first, then the weekday, then days. Within three days of a target
    every weekday comes once, so that a series keeps its weekday without leaving the target's week."""
    off = abs((day - target).days)
    is_other = weekday is not None and day.weekday() != weekday
    return (off + 3) // 7 * WEEK_OFF + is_other * OTHER_WEEKDAY + off


def days_by_cost(first: date, target: date, last: date, weekday: int | None) -> Iterator[tuple[int, date]]:
    """Yield the days between two, both included, best first."""
    days = (first + number * ONE_DAY for number in range((last - first).days + 1))
    yield from sorted((day_cost(day, target, weekday), day) for day in days)


def lay_out(
    quest: Quest, *, is_free: Callable[[Step, date], bool], reviews: Callable[[date, int | None], int | None]
) -> Layout:
    """Return the best days for all sessions that have none yet.

    `reviews`: what it costs to hold the reviews when the first session is on that day; None when one cannot be held.
    No two of these sessions fall on one day.
    """
    search = _Search(quest, is_free, reviews)
    found = search.best(_State(weekday=quest.weekday))
    if found is not None:
        return Layout(dict(found[1]), whole=True)
    deepest = search.deepest
    return Layout(dict(deepest.days), False, search.left > 0, search.stuck, search.window)


@dataclass(frozen=True, slots=True)
class _State:
    """Sessions that were given a day, in the order of their days; each with the target it had. `outside`: how many of
    those that were booked before lie outside their windows by now."""

    days: tuple[tuple[int, date], ...] = ()
    targets: tuple[date, ...] = ()
    weekday: int | None = None
    outside: int = 0

    @property
    def last(self) -> date | None:
        return self.days[-1][1] if self.days else None


_Found = tuple[int, tuple[tuple[int, date], ...]]


@dataclass(slots=True)
class _Search:
    quest: Quest
    is_free: Callable[[Step, date], bool]
    reviews: Callable[[date, int | None], int | None]
    open_: dict[int, Step] = field(default_factory=dict)
    known: tuple[Step, ...] = ()
    known_best: dict[object, _Found | None] = field(default_factory=dict)
    deepest: _State = field(default_factory=_State)
    stuck: Step | None = None
    window: Window | None = None
    dead: set[object] = field(default_factory=set)
    left: int = MOST_ASKED
    has_months: bool = False
    is_checked: bool = False

    def __post_init__(self) -> None:
        course = self.quest.course
        self.open_ = {step.number: step for step in self.quest.steps if step.is_to_do and step.booked_on is None}
        self.known = tuple(step for step in self.quest.steps if step.number not in self.open_)
        intervals = [part.interval for part in course.components]
        spans: list[Span] = [span for one in intervals for span in (one.earliest, one.target, one.latest)]
        if course.maintenance:
            spans += [course.maintenance.earliest, course.maintenance.target, course.maintenance.latest]
        self.has_months = any(span.unit is Unit.MONTHS for span in spans)
        # Whoever comes later can push whoever came before only through a least gap or by being booked already.
        self.is_checked = bool(course.least_gaps) or any(step.booked_on and step.is_to_do for step in self.known)

    def best(self, state: _State) -> _Found | None:
        """Return the least cost of all that is left, and its days; None when it cannot be laid out from here."""
        if len(state.days) == len(self.open_):
            self.left = min(self.left, MOST_BETTERING)
            return 0, state.days
        where = self._where(state)
        if where in self.dead:
            return None
        key = where, state.weekday, state.outside
        if key not in self.known_best:
            found = self._best(state)
            if found is None:
                self.dead.add(where)
            # Only what follows is the same for whoever comes this way.
            self.known_best[key] = found and (found[0], found[1][len(state.days) :])
        found = self.known_best[key]
        return found and (found[0], state.days + found[1])

    def _best(self, state: _State) -> _Found | None:
        best: _Found | None = None
        for step in self._heads(state):
            if self.left <= 0:
                break
            window = self._windows(state, step)[step.number]
            any_free = False
            for cost, day in self._days(state, step, window):
                # One booked before may come back into its window: that much can be won yet.
                if self.left <= 0 or (best and (cost - state.outside * OUT_OF_WINDOW >= best[0] or best[0] < ENOUGH)):
                    break
                if not self.is_free(step, day):
                    continue
                any_free = True
                after = self._after(state, step, day, window)
                if after is None:
                    continue
                rest, more = after
                found = self.best(rest)
                if found and (best is None or cost + more + found[0] < best[0]):
                    best = cost + more + found[0], found[1]
            if best is None and not any_free:
                self._remember(state, step, window)
        return best

    def _days(self, state: _State, step: Step, window: Window) -> Iterator[tuple[int, date]]:
        first = max(window.earliest, self.quest.today)
        if state.last is not None:
            first = max(first, state.last + ONE_DAY)
        target = max(window.target, self.quest.today)
        for cost, day in days_by_cost(first, target, self._last_day(state, window), state.weekday):
            if not any(pause.begins <= day < pause.ends for pause in self.quest.pauses):
                yield cost, day

    def _last_day(self, state: _State, window: Window) -> date:
        """A least gap moves a window on only for whoever comes after the other: as far as this it can be moved."""
        quest = self.quest
        days = [day for _, day in state.days] + [one.booked_on for one in self.known if one.booked_on]
        ends = (beyond_pauses(later(day, gap.span), quest.pauses) for day in days for gap in quest.course.least_gaps)
        return max([window.latest, *ends])

    def _after(self, state: _State, step: Step, day: date, window: Window) -> tuple[_State, int] | None:
        """Return the state with that day taken, and what that costs elsewhere; None where it cannot be."""
        weekday = day.weekday() if state.weekday is None else state.weekday
        days, targets = (*state.days, (step.number, day)), (*state.targets, window.target)
        outside, more = state.outside, 0
        if self.is_checked:
            windows = self._windows(replace(state, days=days))
            if any(not _is_inside(on, windows[number]) for number, on in days):
                return None
            outside = sum(not _is_inside(on, windows[number]) for number, on in self._booked(days))
            more = (outside - state.outside) * OUT_OF_WINDOW
        if not state.days:
            reviews = self.reviews(day, weekday)
            if reviews is None:
                return None
            more += reviews
        return _State(days, targets, weekday, outside), more

    def _booked(self, days: Sequence[tuple[int, date]]) -> Iterator[tuple[int, date]]:
        """Yield the sessions booked before and their days, once those they count from have their days, too."""
        given = {number for number, _ in days}
        pending = [step for number, step in self.open_.items() if number not in given]
        for one in self.known:
            if one.is_to_do and one.booked_on and self._is_next(one, [*pending, one]):
                yield one.number, one.booked_on

    def _remember(self, state: _State, step: Step, window: Window) -> None:
        """How far one comes: the first session that finds nothing, after the best days for those before it."""
        if self.stuck is None or len(state.days) > len(self.deepest.days):
            self.deepest, self.stuck, self.window = state, step, window

    def _windows(self, state: _State, *more: Step) -> dict[int, Window]:
        """Return the windows once those days are booked. Sessions still without a day are not there: they come after
        and move nothing."""
        self.left -= 1
        given = (replace(self.open_[number], booked_on=day) for number, day in state.days)
        steps = (*self.known, *given, *more)
        quest = self.quest
        return session_windows(quest.course, steps, starts_on=quest.starts_on, pauses=quest.pauses, today=quest.today)

    def _heads(self, state: _State) -> list[Step]:
        """Return the next session of every component; those of a component that waits for another one come later."""
        given = {number for number, _ in state.days}
        pending = [step for step in self.open_.values() if step.number not in given]
        heads = [step for step in pending if self._is_next(step, pending) and not self._waits(step, pending, given)]
        return heads or [min(pending, key=lambda step: step.number)]

    def _is_next(self, step: Step, pending: Sequence[Step]) -> bool:
        if step.kind is StepKind.BOOSTER and self.quest.course.maintenance:
            return all(other.number >= step.number for other in pending)
        places = {part.component: part.ordinal for part in step.parts}
        return not any(
            part.ordinal < places.get(part.component, 0)
            for other in pending
            if other is not step and other.kind is step.kind
            for part in other.parts
        )

    def _waits(self, step: Step, pending: Sequence[Step], given: set[int]) -> bool:
        begun = {part.component for one in self.known for part in one.parts if one.state is not SessionState.CANCELLED}
        begun |= {part.component for number in given for part in self.open_[number].parts}
        to_come = {part.component for one in pending for part in one.parts}
        course = self.quest.course
        firsts = {course.component(p.component).starts_after for p in step.parts if p.component not in begun}
        return any(first in to_come and first not in begun for first in firsts)

    def _where(self, state: _State) -> object:
        """Return what still matters: which sessions are left, and from which days theirs are counted."""
        lasts: dict[str, date] = {}
        firsts: dict[str, date] = {}
        for number, day in state.days:
            for part in self.open_[number].parts:
                lasts[part.component] = day
                firsts.setdefault(part.component, day)
        waited = {one.starts_after for one in self.quest.course.components if one.key not in lasts}
        given = frozenset(number for number, _ in state.days)
        # Months remember the day they were first counted from, where a month has no such day or a pause came between.
        clamps = self.has_months and (self.quest.pauses or any(day.day > 28 for _, day in state.days))
        history = state.days if clamps else ()
        near: tuple[tuple[int, date], ...] = ()
        if self.is_checked and state.last is not None:
            near = tuple(one for one, target in zip(state.days, state.targets, strict=True) if target >= state.last)
        waiting = tuple(sorted((key, firsts[key]) for key in waited if key in firsts))
        return given, tuple(sorted(lasts.items())), waiting, state.last, history, near


def _is_inside(day: date, window: Window) -> bool:
    return window.earliest <= day <= window.latest
