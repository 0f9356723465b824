"""Figures over time as lines: one for each method and device, since no line may mix two of them.

A line's figures are compared with its own first one, against the method's own error (see `outcome`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from plans.rules.outcome import Change, change


class Whence(StrEnum):
    REVIEW = "review"
    ASSESSMENT = "assessment"


@dataclass(frozen=True, slots=True)
class Way:
    """How a figure was found: what all figures of one line have in common. `device` as people read it.

    `error_percent` is the error of a change, in % of the first figure; None where no source gives one.
    """

    key: str
    method: str
    device: str = ""
    error_percent: float | None = None

    @property
    def name(self) -> str:
        return f"{self.method}, {self.device}" if self.device else self.method


@dataclass(frozen=True, slots=True)
class Seen:
    """One figure, found on `day` at `where` (a review's title); `ref` is that review's id. `of` counts raters."""

    day: date
    value: Decimal
    way: Way
    where: str
    whence: Whence = Whence.REVIEW
    ref: str = ""
    of: int = 0


class Begins(StrEnum):
    """Why a line begins where another had begun before."""

    METHOD = "method"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Entry:
    """A figure with its change against the first of its line; None at that first one itself."""

    seen: Seen
    change: Change | None


@dataclass(frozen=True, slots=True)
class Trend:
    """`error` is the method's error in the figure's own unit, the same at every point: that of the first figure."""

    way: Way
    entries: tuple[Entry, ...]
    begins: Begins | None
    error: Decimal | None

    @property
    def first(self) -> Seen:
        return self.entries[0].seen

    @property
    def last(self) -> Entry:
        return self.entries[-1]


def trends(found: Iterable[Seen], *, more_is_better: bool = True) -> tuple[Trend, ...]:
    """Return the lines in the order in which they begin; each in the order of its days."""
    by_way: dict[str, list[Seen]] = {}
    for seen in sorted(found, key=lambda one: one.day):
        by_way.setdefault(seen.way.key, []).append(seen)
    lines: list[Trend] = []
    for mine in by_way.values():
        before = lines[-1].way if lines else None
        lines.append(_trend(mine, before, lambda was, now, error: change(
            was, now, error_percent=error, more_is_better=more_is_better
        )))  # fmt: skip
    return tuple(lines)


def _trend(mine: list[Seen], before: Way | None, compare: Callable[[Decimal, Decimal, float | None], Change]) -> Trend:
    first = mine[0]
    percent = first.way.error_percent
    entries = [Entry(first, None)]
    entries += [Entry(one, compare(first.value, one.value, percent)) for one in mine[1:]]
    error = None if percent is None else first.value * Decimal(str(percent)) / 100
    return Trend(first.way, tuple(entries), _begins(first.way, before), error)


def _begins(way: Way, before: Way | None) -> Begins | None:
    if before is None:
        return None
    return Begins.DEVICE if way.method == before.method else Begins.METHOD
