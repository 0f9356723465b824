"""A time line's axis: from days to places, and the months (or weeks) that are written above.

A day is a number: `date.toordinal()`, with the part of the day that is over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from clinic.rules.spans import AVERAGE_MONTH

LEFT, RIGHT = 186.0, 952.0
SHORTEST, ROOM = 28.0, 0.02
TODAY_NEAR = 0.25
TICK_LEAST, WEEK_LEAST = 44.0, 56.0
MONTHS_PER_TICK = (1, 2, 3, 6, 12, 24, 60)
ONE_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Tick:
    """`word` names the month (or the day of a short course); `year` is empty where it is the same as before."""

    x: float
    word: str
    year: str


@dataclass(frozen=True, slots=True)
class Scale:
    """From days to places between LEFT and RIGHT; what lies outside is held at the edge."""

    first: float
    last: float

    def x(self, day: float) -> float:
        part = (min(max(day, self.first), self.last) - self.first) / (self.last - self.first)
        return round(LEFT + part * (RIGHT - LEFT), 1)

    def holds(self, day: float) -> bool:
        return self.first <= day <= self.last


def scale_of(first: float, last: float, today: float) -> Scale:
    """Return the scale for these days: four weeks at least, today included when it is near, some room on both sides."""
    last = max(last, first + SHORTEST)
    near = (last - first) * TODAY_NEAR + SHORTEST
    if first - near <= today <= last + near:
        first, last = min(first, today), max(last, today + 1)
    room = (last - first) * ROOM
    return Scale(first - room, last + room)


def ticks(scale: Scale, months: Sequence[str]) -> tuple[Tick, ...]:
    """Months as close as they can be read; the weeks of a course of a few weeks."""
    per_day = (RIGHT - LEFT) / (scale.last - scale.first)
    if ONE_WEEK.days * per_day >= WEEK_LEAST:
        return _named([(day, f"{day.day} {months[day.month - 1]}") for day in _mondays(scale)], scale)
    step = next((n for n in MONTHS_PER_TICK if n * AVERAGE_MONTH * per_day >= TICK_LEAST), MONTHS_PER_TICK[-1])
    return _named([(day, months[day.month - 1]) for day in _firsts(scale, step)], scale)


def _named(days: Iterable[tuple[date, str]], scale: Scale) -> tuple[Tick, ...]:
    found, year = [], 0
    for day, word in days:
        found.append(Tick(scale.x(day.toordinal()), word, "" if day.year == year else str(day.year)))
        year = day.year
    return tuple(found)


def _mondays(scale: Scale) -> Iterable[date]:
    start = date.fromordinal(int(scale.first) + 1)
    day = start + timedelta(days=-start.weekday() % 7)
    while day.toordinal() <= scale.last:
        yield day
        day += ONE_WEEK


def _firsts(scale: Scale, step: int) -> Iterable[date]:
    """First days of months, counted so that January is among them."""
    start = date.fromordinal(int(scale.first))
    month = start.year * 12 + start.month
    month += -month % step
    while (day := date(month // 12, month % 12 + 1, 1)).toordinal() <= scale.last:
        yield day
        month += step
