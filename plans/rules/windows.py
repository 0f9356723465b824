"""When each session of a plan may happen: earliest, target and latest day, counted from what really happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from clinic.rules.refusal import Refusal
from clinic.rules.spans import Span, Unit, later
from plans.rules.course import Component, Course, Interval, LeastGap, Maintenance, Modality
from plans.rules.states import SessionState
from plans.rules.wording import day_words, list_words, modality_words

FEWEST_SESSIONS, MOST_SESSIONS = 1, 60
LEAST_SLACK = timedelta(weeks=2)
# Only the order of steps is read from dates counted from here, so any first of January would do.
_SOME_DAY = date(2001, 1, 1)


class StepKind(StrEnum):
    COURSE = "course"
    BOOSTER = "booster"


@dataclass(frozen=True, slots=True)
class Part:
    """One component's share of a visit: its `ordinal`-th session, from 1."""

    component: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class Step:
    """One session of a plan as the engine sees it. `number` orders the plan; `pinned` is a target set by a human."""

    number: int
    parts: tuple[Part, ...]
    state: SessionState = SessionState.PLANNED
    done_on: date | None = None
    booked_on: date | None = None
    pinned: date | None = None
    kind: StepKind = StepKind.COURSE


@dataclass(frozen=True, slots=True)
class Window:
    """earliest ≤ target ≤ latest, except that a target pinned by a human is kept as it is, with a note.

    `calculated` is the target without the pin. `basis` says what the days were counted from, `notes` what moved them.
    """

    number: int
    earliest: date
    target: date
    latest: date
    calculated: date
    notes: tuple[str, ...] = ()
    basis: str = ""


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """Where a component stands: its last session on `at`, which is `count` units after `anchor`.

    A session held exactly on its target keeps the anchor, so 31 Jan + 1 month + 1 month is 31 Mar, not 28 Mar.
    Any other day becomes the new anchor.
    """

    anchor: date
    at: date
    count: int = 0
    unit: Unit = Unit.DAYS
    session: int = 0

    def next(self, span: Span) -> date:
        if self.count and self.unit is span.unit:
            return later(self.anchor, Span(self.count + span.number, span.unit))
        return later(self.at, span)

    def moved_on(self, span: Span, at: date, session: int) -> _Rhythm:
        if at != self.next(span):
            return _Rhythm(at, at, session=session)
        if self.count and self.unit is span.unit:
            return _Rhythm(self.anchor, at, self.count + span.number, span.unit, session)
        return _Rhythm(self.at, at, span.number, span.unit, session)


def lay_out(course: Course, counts: Mapping[str, int] | None = None) -> tuple[Step, ...]:
    """Return the plan's steps, numbered from 1: which components are given together, in the order of their targets.

    `counts` gives sessions per component key, else `sessions_usual`. Components that share a visit pair session by
    session while both have some left. Refusal `session_count` when a count is not between 1 and 60.
    """
    wanted = {c.key: (counts or {}).get(c.key, c.sessions_usual) for c in course.components}
    for key, count in wanted.items():
        if not FEWEST_SESSIONS <= count <= MOST_SESSIONS:
            name = modality_words(course.component(key).modality)
            raise Refusal(
                "session_count",
                f"A course of {name} has between {FEWEST_SESSIONS} and {MOST_SESSIONS} sessions, not {count}.",
            )
    visits = [visit for group in _visit_groups(course) for visit in _estimated(course, group, wanted)]
    visits.sort(key=lambda visit: visit[:2])
    return tuple(Step(number, parts) for number, (_, _, parts) in enumerate(visits, start=1))


def _visit_groups(course: Course) -> list[list[str]]:
    """Return component keys, those that share a visit together, in course order."""
    keys = [component.key for component in course.components]
    hosts = {component.key: component.shares_visit_with for component in course.components}
    groups: dict[str, list[str]] = {}
    for key in keys:
        seen = [key]
        while (host := hosts[seen[-1]]) in hosts and host not in seen:
            seen.append(host)
        # Two components that each name the other: the one listed first is the host.
        root = min(seen, key=keys.index) if host in seen else seen[-1]
        groups.setdefault(root, []).append(key)
    return list(groups.values())


def _estimated(
    course: Course, group: Sequence[str], wanted: Mapping[str, int]
) -> Iterator[tuple[date, int, tuple[Part, ...]]]:
    """Yield (estimated target, place of the group in the course, parts) for each visit of one group."""
    visits = [
        tuple(Part(key, ordinal) for key in group if ordinal <= wanted[key])
        for ordinal in range(1, max(wanted[key] for key in group) + 1)
    ]
    steps = [Step(number, parts) for number, parts in enumerate(visits, start=1)]
    windows = session_windows(replace(course, least_gaps=()), steps, starts_on=_SOME_DAY)
    place = min(i for i, component in enumerate(course.components) if component.key in group)
    return ((windows[step.number].target, place, step.parts) for step in steps)


def session_windows(course: Course, steps: Iterable[Step], *, starts_on: date) -> dict[int, Window]:
    """Return each step's window by its number.

    Session k of a component counts from its session k-1: the day it was done, else booked, else its target. A skipped
    or cancelled session counts with its own target, so the rhythm is kept. The first counts from `starts_on` and the
    component's offset; it may be late by the interval's own slack, at least two weeks. A done step has its window too.
    """
    ordered = sorted(steps, key=lambda step: step.number)
    rhythms: dict[str, _Rhythm] = {}
    windows: dict[int, Window] = {}
    held: list[tuple[Step, date]] = []
    for step in ordered:
        window = _combined(course, step, rhythms, starts_on)
        window = _with_gaps(course, step, window, held, _done_ahead(step, ordered))
        windows[step.number] = window = _pinned(step, window)
        at = _held_on(step, window)
        for part in step.parts:
            component = course.component(part.component)
            rhythm = rhythms.get(part.component)
            span = _interval(course, component, step).target if rhythm else component.starts
            rhythms[part.component] = (rhythm or _Rhythm(starts_on, starts_on)).moved_on(span, at, step.number)
        if _is_held(step):
            held.append((step, at))
    return windows


def booster_window(course: Course, last_done: date, *, number: int = 0) -> Window | None:
    """Return when a maintenance session belongs, counted from the last session done; None when the course has none."""
    if course.maintenance is None:
        return None
    rhythm = _Rhythm(last_done, last_done)
    basis = f"Maintenance counts from the last session, {day_words(last_done)}"
    return _counted(number, rhythm, course.maintenance, basis)


def _is_held(step: Step) -> bool:
    return step.state in (SessionState.PLANNED, SessionState.DONE)


def _held_on(step: Step, window: Window) -> date:
    actual = step.done_on or step.booked_on if _is_held(step) else None
    return actual or window.target


def _interval(course: Course, component: Component, step: Step) -> Interval | Maintenance:
    return course.maintenance if step.kind is StepKind.BOOSTER and course.maintenance else component.interval


def _combined(course: Course, step: Step, rhythms: Mapping[str, _Rhythm], starts_on: date) -> Window:
    """Return the days on which every part of the visit agrees, or the latest "earliest" when they do not."""
    parts = [_part_window(course, step, part, rhythms.get(part.component), starts_on) for part in step.parts]
    earliest = max(window.earliest for window in parts)
    latest = min(window.latest for window in parts)
    target = max(window.target for window in parts)
    notes: tuple[str, ...] = ()
    if latest < earliest:
        names = list_words([modality_words(course.component(part.component).modality) for part in step.parts])
        notes = (
            f"{names} are given together: one should be by {day_words(latest)}, "
            f"another not before {day_words(earliest)}. The later day is kept.",
        )
        latest = earliest
    target = min(max(target, earliest), latest)
    basis = "; ".join(dict.fromkeys(window.basis for window in parts))
    return Window(step.number, earliest, target, latest, target, notes, basis)


def _part_window(course: Course, step: Step, part: Part, rhythm: _Rhythm | None, starts_on: date) -> Window:
    component = course.component(part.component)
    name = modality_words(component.modality)
    if rhythm is None:
        day = later(starts_on, component.starts)
        slack = later(day, component.interval.latest) - later(day, component.interval.target)
        basis = f"First {name} session: {day_words(day)}"
        return Window(step.number, day, day, day + max(slack, LEAST_SLACK), day, basis=basis)
    interval = _interval(course, component, step)
    basis = (
        f"{name[0].upper()}{name[1:]}: {interval.earliest} to {interval.latest} "
        f"after session {rhythm.session} ({day_words(rhythm.at)})"
    )
    return _counted(step.number, rhythm, interval, basis)


def _counted(number: int, rhythm: _Rhythm, interval: Interval | Maintenance, basis: str) -> Window:
    # "4 weeks, 1 month, 30 days" can come out of order at a month's end: the earliest day is the one that protects.
    earliest = rhythm.next(interval.earliest)
    target = max(rhythm.next(interval.target), earliest)
    latest = max(rhythm.next(interval.latest), target)
    return Window(number, earliest, target, latest, target, basis=basis)


def _done_ahead(step: Step, ordered: Iterable[Step]) -> list[tuple[Step, date]]:
    """Return later steps already done while this one is not: out of order, but the gap to them counts."""
    if step.done_on is not None or not _is_held(step):
        return []
    ahead = [(other, other.done_on) for other in ordered if other.number > step.number and other.done_on]
    return sorted(ahead, key=lambda item: item[1])


def _with_gaps(
    course: Course,
    step: Step,
    window: Window,
    held: Iterable[tuple[Step, date]],
    ahead: Iterable[tuple[Step, date]],
) -> Window:
    """Push the window so that every least gap is kept, and say which rule pushed it."""
    for other, at in held:
        for gap in _gaps_between(course, step, other):
            window = _pushed(window, gap, other, at)
    for other, at in ahead:
        for gap in _gaps_between(course, step, other):
            if later(window.target, gap.span) > at:
                window = _pushed(window, gap, other, at)
    return window


def _pushed(window: Window, gap: LeastGap, other: Step, at: date) -> Window:
    floor = later(at, gap.span)
    if floor <= window.earliest:
        return window
    kinds = list_words(list(dict.fromkeys([modality_words(gap.first), modality_words(gap.second)])))
    note = (
        f"Not before {day_words(floor)}: at least {gap.span} between {kinds}, "
        f"and session {other.number} is on {day_words(at)}."
    )
    target = max(window.target, floor)
    latest = max(window.latest, target)
    return replace(window, earliest=floor, target=target, calculated=target, latest=latest, notes=(*window.notes, note))


def _gaps_between(course: Course, step: Step, other: Step) -> list[LeastGap]:
    mine, theirs = _modalities(course, step), _modalities(course, other)
    return [
        gap
        for gap in course.least_gaps
        if (gap.first in mine and gap.second in theirs) or (gap.second in mine and gap.first in theirs)
    ]


def _modalities(course: Course, step: Step) -> frozenset[Modality]:
    return frozenset(course.component(part.component).modality for part in step.parts)


def _pinned(step: Step, window: Window) -> Window:
    if step.pinned is None:
        return window
    pinned = replace(window, target=step.pinned)
    if window.earliest <= step.pinned <= window.latest:
        return pinned
    note = (
        f"The target set by hand, {day_words(step.pinned)}, is outside "
        f"{day_words(window.earliest)} to {day_words(window.latest)}."
    )
    return replace(pinned, notes=(*window.notes, note))
