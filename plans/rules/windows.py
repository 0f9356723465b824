"""When each session of a plan may happen: earliest, target and latest day, counted from what really happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from clinic.rules.spans import Span, later
from plans.rules.course import Component, Course, Interval, Maintenance, Modality
from plans.rules.gaps import Gaps, Push
from plans.rules.rhythm import Pause, Rhythm, after_pauses, beyond_pauses
from plans.rules.states import SessionState
from plans.rules.steps import Part, Step, StepKind
from plans.rules.wording import day_words, first_up, list_words, modality_words

LEAST_SLACK = timedelta(weeks=2)
MAINTENANCE = "maintenance, whatever is given"


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


def session_windows(
    course: Course, steps: Iterable[Step], *, starts_on: date, pauses: Iterable[Pause] = (), today: date | None = None
) -> dict[int, Window]:
    """Return each step's window by its number.

    Session k of a component counts from its session k-1: the day it was done, else booked, else its target. A skipped
    session counts with its own target, so the rhythm is kept; a cancelled one counts for nothing and has no window.
    The first counts from `starts_on` and the component's offset, or from the first session of the component it starts
    after; it may be late by the interval's own slack, at least two weeks. Days of a pause shift what comes after them.
    A session without a day whose target is over counts from `today`: it cannot be held in the past. A done one has its
    window too. Windows stand in the order of their days; on the same day the component listed first comes first.
    """
    counted = (step for step in steps if step.state is not SessionState.CANCELLED)
    ordered = sorted(counted, key=lambda step: step.number)
    known = tuple(sorted(pauses))
    components = {component.key: component for component in course.components}
    engine = _Engine(course, starts_on, known, today and beyond_pauses(today, known), components)
    return engine.run(ordered)


def booster_window(course: Course, last_done: date, *, number: int = 0) -> Window | None:
    """Return when the first booster belongs, counted from the last session of the course; None without maintenance.

    Later boosters are steps of their own (`StepKind.BOOSTER`), counted from the same day so that months never drift.
    """
    if course.maintenance is None:
        return None
    basis = f"Maintenance counts from the last session, {day_words(last_done)}"
    rhythm = Rhythm(last_done, last_done)
    return _counted(number, rhythm, course.maintenance, rhythm.next(course.maintenance.target), basis)


@dataclass(slots=True)
class _Engine:
    """Walks the sessions in the order of their days: of every component's next one the soonest goes first, so that a
    least gap is kept to what really lies before, whatever the sessions are numbered."""

    course: Course
    starts_on: date
    pauses: Sequence[Pause]
    today: date | None
    components: dict[str, Component]
    chains: dict[int, frozenset[str]] = field(default_factory=dict)
    queues: dict[str, list[Step]] = field(default_factory=dict)
    rhythms: dict[str, Rhythm] = field(default_factory=dict)
    due: dict[str, tuple[Rhythm, Span, date]] = field(default_factory=dict)
    firsts: dict[str, date] = field(default_factory=dict)
    last_held: tuple[date, int] | None = None
    plain: dict[int, Window] = field(default_factory=dict)
    gaps: Gaps | None = None

    def run(self, ordered: Sequence[Step]) -> dict[int, Window]:
        self.chains = {step.number: frozenset(self._chain(step, part) for part in step.parts) for step in ordered}
        if self.course.least_gaps:
            self.gaps = Gaps(self.course.least_gaps, {step.number: self._given(step) for step in ordered}, self.pauses)
            self.gaps.expect(ordered)
        self.queues = self._queues(ordered)
        ranks = {key: place for place, key in enumerate(self.components)}
        pending, windows = list(ordered), {}
        while pending:
            tried = [(*self._tried(step), step) for step in self._heads(pending)]
            window, at, step = min(tried, key=lambda one: (one[1], ranks[one[2].parts[0].component], one[2].number))
            windows[step.number] = window
            pending.remove(step)
            for chain in self.chains[step.number]:
                self.queues[chain].remove(step)
            self._settle(step, window, at)
        return windows

    def _given(self, step: Step) -> frozenset[Modality]:
        return frozenset(self.components[part.component].modality for part in step.parts)

    def _queues(self, ordered: Iterable[Step]) -> dict[str, list[Step]]:
        """Return every component's sessions in their own order: by ordinal, for a number follows the days."""
        places: dict[str, list[tuple[int, int, Step]]] = {}
        for step in ordered:
            for part in step.parts:
                chain = self._chain(step, part)
                place = step.number if chain is MAINTENANCE else part.ordinal
                places.setdefault(chain, []).append((place, step.number, step))
        return {
            chain: list(dict.fromkeys(step for *_, step in sorted(mine, key=lambda one: one[:2])))
            for chain, mine in places.items()
        }

    def _heads(self, pending: Sequence[Step]) -> list[Step]:
        """Return the next session of every component, without those that wait for another component to begin."""
        fronts = {queue[0].number: queue[0] for queue in self.queues.values() if queue}
        heads = [
            step
            for step in fronts.values()
            if all(self.queues[chain][0] is step for chain in self.chains[step.number])
            and (step.kind is StepKind.COURSE or _comes_before_the_course(step, pending))
        ]
        # Two components that start after each other, or are given together in crossed order: the first number begins.
        first = min(heads or pending, key=lambda step: step.number)
        return [head for head in heads if not self._waits(head)] or [first]

    def _chain(self, step: Step, part: Part) -> str:
        """Boosters follow one rhythm of their own, whatever is given: it counts from the plan's last session."""
        return MAINTENANCE if step.kind is StepKind.BOOSTER and self.course.maintenance else part.component

    def _rhythm(self, step: Step, part: Part) -> Rhythm | None:
        chain = self._chain(step, part)
        if chain is not MAINTENANCE or chain in self.rhythms or not self.last_held:
            return self.rhythms.get(chain)
        at, number = self.last_held
        return Rhythm(at, at, self.pauses, session=number)

    def _waits(self, step: Step) -> bool:
        firsts = (self.components[p.component].starts_after for p in step.parts if p.component not in self.rhythms)
        return any(self.queues.get(first) and first not in self.rhythms for first in firsts)

    def _tried(self, step: Step) -> tuple[Window, date]:
        window = self.plain.get(step.number)
        if window is None:
            window = self.plain[step.number] = self._combined(step)
        for push in self.gaps.pushes(step, window.earliest, window.target) if self.gaps else ():
            window = _pushed(window, push)
        window = self._pinned(step, window)
        return window, self._held_on(step, window)

    def _settle(self, step: Step, window: Window, at: date) -> None:
        is_late = step.is_to_do and not step.booked_on and at > window.target
        for chain in self.chains[step.number]:
            rhythm, span, due = self.due[chain]
            self.rhythms[chain] = rhythm.moved_on(span, due, at, step.number, is_late=is_late)
        for part in step.parts:
            self.firsts.setdefault(part.component, at)
        if step.is_held and (self.last_held is None or at > self.last_held[0]):
            self.last_held = at, step.number
        if self.gaps:
            self.gaps.settle(step, at)

    def _held_on(self, step: Step, window: Window) -> date:
        """The day it was done or is booked on; else its best day, which cannot lie in the past."""
        actual = step.done_on or step.booked_on if step.is_held else None
        if actual:
            return actual
        return max(window.target, self.today) if self.today and step.is_to_do else window.target

    def _interval(self, component: Component, step: Step) -> Interval | Maintenance:
        maintenance = self.course.maintenance
        return maintenance if step.kind is StepKind.BOOSTER and maintenance else component.interval

    def _beginning(self, component: Component) -> Rhythm:
        """Where a component counts its offset from: the plan's start, or the first session of the one before it."""
        base = self.firsts.get(component.starts_after, self.starts_on)
        return Rhythm(base, base, self.pauses)

    def _combined(self, step: Step) -> Window:
        """Return the days on which every part of the visit agrees, or the latest "earliest" when they do not."""
        parts = [self._part_window(step, part) for part in step.parts]
        if len(parts) == 1:
            return parts[0]
        earliest = max(window.earliest for window in parts)
        latest = min(window.latest for window in parts)
        target = max(window.target for window in parts)
        notes: tuple[str, ...] = ()
        if latest < earliest:
            names = list_words([modality_words(self.components[part.component].modality) for part in step.parts])
            notes = (
                f"{names} are given together: one should be by {day_words(latest)}, "
                f"another not before {day_words(earliest)}. The later day is kept.",
            )
            latest = earliest
        target = min(max(target, earliest), latest)
        basis = "; ".join(dict.fromkeys(window.basis for window in parts))
        return Window(step.number, earliest, target, latest, target, notes, basis)

    def _part_window(self, step: Step, part: Part) -> Window:
        component = self.components[part.component]
        name = modality_words(component.modality)
        rhythm = self._rhythm(step, part)
        if rhythm is None:
            beginning = self._beginning(component)
            day = beginning.next(component.starts)
            self.due[self._chain(step, part)] = beginning, component.starts, day
            slack = later(day, component.interval.latest) - later(day, component.interval.target)
            latest = after_pauses(day, day + max(slack, LEAST_SLACK), self.pauses)
            return Window(step.number, day, day, latest, day, basis=f"First {name} session: {day_words(day)}")
        interval = self._interval(component, step)
        since = f"{interval.earliest} to {interval.latest} after session {rhythm.session}"
        late = "not held yet, so not before " if rhythm.is_late else ""
        basis = f"{first_up(name)}: {since} ({late}{day_words(rhythm.at)})"
        due = rhythm.next(interval.target)
        self.due[self._chain(step, part)] = rhythm, interval.target, due
        return _counted(step.number, rhythm, interval, due, basis)

    def _pinned(self, step: Step, window: Window) -> Window:
        if step.pinned is None:
            return window
        pinned = replace(window, target=step.pinned)
        goes_on = beyond_pauses(step.pinned, self.pauses)
        if goes_on != step.pinned and step.is_to_do:
            why = f"lies in a pause: the plan goes on on {day_words(goes_on)}."
        elif not window.earliest <= step.pinned <= window.latest:
            why = f"is outside {day_words(window.earliest)} to {day_words(window.latest)}."
        else:
            return pinned
        note = f"The target set by hand, {day_words(step.pinned)}, {why}"
        return replace(pinned, notes=(*window.notes, note))


def _comes_before_the_course(booster: Step, pending: Iterable[Step]) -> bool:
    return all(step.number > booster.number for step in pending if step.kind is StepKind.COURSE)


def _counted(number: int, rhythm: Rhythm, interval: Interval | Maintenance, due: date, basis: str) -> Window:
    # "4 weeks, 1 month, 30 days" can come out of order at a month's end: the earliest day is the one that protects.
    earliest = rhythm.next(interval.earliest)
    target = max(due, earliest)
    latest = max(rhythm.next(interval.latest), target)
    return Window(number, earliest, target, latest, target, basis=basis)


def _pushed(window: Window, push: Push) -> Window:
    target = max(window.target, push.floor)
    latest = max(window.latest, target)
    notes = (*window.notes, push.note)
    return Window(window.number, push.floor, target, latest, target, notes, window.basis)
