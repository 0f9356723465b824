"""The least time between sessions of two treatments: how far a session has to wait, and for which one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from clinic.rules.spans import later
from plans.rules.course import LeastGap, Modality
from plans.rules.rhythm import Pause, beyond_pauses
from plans.rules.steps import Step
from plans.rules.wording import day_words, list_words, modality_words


@dataclass(frozen=True, slots=True)
class Push:
    """A session cannot be before `floor`, `gap` after the session `other`, which is on `at`."""

    floor: date
    gap: LeastGap
    other: int
    at: date

    @property
    def note(self) -> str:
        kinds = dict.fromkeys([modality_words(self.gap.first), modality_words(self.gap.second)])
        return (
            f"Not before {day_words(self.floor)}: at least {self.gap.span} between {list_words(list(kinds))}, "
            f"and session {self.other} is on {day_words(self.at)}."
        )


@dataclass(slots=True)
class Gaps:
    """Least gaps along a walk through the sessions. `given`: what each session gives, by its number."""

    least: Sequence[LeastGap]
    given: Mapping[int, frozenset[Modality]]
    pauses: Sequence[Pause]
    behind: list[tuple[Push, frozenset[Modality]]] = field(default_factory=list)
    ahead: list[tuple[date, Step]] = field(default_factory=list)

    def expect(self, steps: Iterable[Step]) -> None:
        """Learn of sessions done, booked or set by hand: a session without a day keeps its gap to them, too."""
        days = ((step.done_on or step.booked_on or step.pinned, step) for step in steps if step.is_held)
        self.ahead = sorted(((at, step) for at, step in days if at), key=lambda one: one[0])

    def settle(self, step: Step, at: date) -> None:
        """From now on the session lies behind, on that day."""
        if self.ahead:
            self.ahead = [one for one in self.ahead if one[1] is not step]
        if step.is_held:
            self.behind += [
                (self._push(gap, step, at), others) for gap in self.least if (others := self._others(gap, step))
            ]

    def pushes(self, step: Step, earliest: date, target: date) -> Iterator[Push]:
        """Yield, one after the other, what moves a window further on. Each counts from where the last one moved it."""
        mine = self.given[step.number]
        for push, others in self.behind:
            if push.floor > earliest and not mine.isdisjoint(others):
                yield push
                earliest, target = push.floor, max(target, push.floor)
        if step.done_on is not None or not step.is_held:
            return
        for at, other in self.ahead:
            if other is step:
                continue
            for gap in self.least:
                # One booked after it does not push it: the appointment is what lies outside its window then.
                is_in_the_way = other.done_on or at <= target
                if is_in_the_way and mine & self._others(gap, other) and later(target, gap.span) > at:
                    push = self._push(gap, other, at)
                    if push.floor > earliest:
                        yield push
                        earliest, target = push.floor, max(target, push.floor)

    def _push(self, gap: LeastGap, other: Step, at: date) -> Push:
        return Push(beyond_pauses(later(at, gap.span), self.pauses), gap, other.number, at)

    def _others(self, gap: LeastGap, step: Step) -> frozenset[Modality]:
        """Return what has to keep this gap to that session."""
        theirs = self.given[step.number]
        pairs = ((gap.first, gap.second), (gap.second, gap.first))
        return frozenset(one for one, other in pairs if other in theirs)
