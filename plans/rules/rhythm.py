"""How a component's sessions follow each other: counted from an anchor, so that months never drift; pauses shift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from clinic.rules.spans import Span, Unit, later


@dataclass(frozen=True, slots=True, order=True)
class Pause:
    """Days on which nothing is held: from `begins` until before `ends`, the day the plan goes on."""

    begins: date
    ends: date


def after_pauses(base: date, day: date, pauses: Sequence[Pause]) -> date:
    """Return `day`, counted from `base`, later by the days of every pause that lies between them.

    A pause that began before `base` counts from `base` on. `pauses` stand in order and do not overlap.
    """
    for pause in pauses:
        if pause.ends > base and pause.begins <= day:
            day += pause.ends - max(pause.begins, base)
    return day


def beyond_pauses(day: date, pauses: Sequence[Pause]) -> date:
    """Return the day itself, or the day the plan goes on when it lies in a pause."""
    for pause in pauses:
        if pause.begins <= day < pause.ends:
            day = pause.ends
    return day


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Where a component stands: its last session on `at`, which is `count` units after `anchor`.

    A session held exactly on its target keeps the anchor, so 31 Jan + 1 month + 1 month is 31 Mar, not 28 Mar.
    Any other day becomes the new anchor. `session` is the number of that last session, `is_late` says that it has no
    day yet and its best one is over.
    """

    anchor: date
    at: date
    pauses: Sequence[Pause] = ()
    count: int = 0
    unit: Unit = Unit.DAYS
    session: int = 0
    is_late: bool = False

    def next(self, span: Span) -> date:
        if self.count and self.unit is span.unit:
            return after_pauses(self.anchor, later(self.anchor, Span(self.count + span.number, span.unit)), self.pauses)
        return after_pauses(self.at, later(self.at, span), self.pauses)

    def moved_on(self, span: Span, due: date, at: date, session: int, *, is_late: bool = False) -> Rhythm:
        """Return where it stands once session `session` is on `at`; `due` is its best day, `next(span)`."""
        if at != due:
            return Rhythm(at, at, self.pauses, session=session, is_late=is_late)
        if self.count and self.unit is span.unit:
            return Rhythm(self.anchor, at, self.pauses, self.count + span.number, self.unit, session, is_late)
        return Rhythm(self.at, at, self.pauses, span.number, span.unit, session, is_late)
