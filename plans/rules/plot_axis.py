"""A chart's axes: round numbers up the side, days along the bottom, and words that never lie on each other.

A day is a number, `date.toordinal()`. Places are in the drawing's own units; y grows downwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

LETTER = 7.4  # as wide as a letter of 12 px may be, on average
LINE = 14.0
GAP = 6.0
STEPS = (1, 2, 5)
MOST_STEPS = 5
MONTHS_PER_TICK = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
ONE_WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True)
class Scale:
    """From values between `low` and `high` to places between `start` and `end`; what lies outside is held there."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        part = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.start + part * (self.end - self.start), 1)

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Tick:
    """`year` stands on a second row, and only where it is another one than before."""

    at: float
    word: str
    year: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def inside(self, other: Box) -> bool:
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


@dataclass(slots=True)
class Room:
    """What has its place inside `frame`: a word is only written where it lies on nothing."""

    frame: Box
    taken: list[Box] = field(default_factory=list)

    def take(self, boxes: Iterable[Box]) -> Box | None:
        """Return the first of these boxes that is free, and keep it; None where none is."""
        for box in boxes:
            if box.inside(self.frame) and not any(box.touches(other) for other in self.taken):
                self.taken.append(box)
                return box
        return None


def width_of(word: str) -> float:
    """Return how much room a word of 12 px needs, on the safe side."""
    return len(word) * LETTER


def round_steps(low: Decimal, high: Decimal, most: int = MOST_STEPS) -> tuple[Decimal, ...]:
    """Return round numbers, evenly apart, of which the first is `low` or less and the last `high` or more.

    Apart by 1, 2 or 5 times a power of ten, and by the least that needs no more than `most` steps.
    ValueError unless low < high.
    """
    if not low < high:
        raise ValueError(f"An axis needs room: {low} is not less than {high}.")
    power = (high - low).adjusted() - 1
    while True:
        for digit in STEPS:
            step = Decimal(digit).scaleb(power)
            first = int((low / step).to_integral_value(ROUND_FLOOR))
            last = int((high / step).to_integral_value(ROUND_CEILING))
            if last - first <= most:
                return tuple(step * number for number in range(first, last + 1))
        power += 1


def day_ticks(scale: Scale, months: Sequence[str]) -> tuple[Tick, ...]:
    """Weeks, months or years, as close as they can be read. `months` are their twelve short names."""
    per_day = (scale.end - scale.start) / (scale.high - scale.low)
    if ONE_WEEK.days * per_day >= width_of("30 Nov") + GAP:
        return _named(((day, f"{day.day} {months[day.month - 1]}") for day in _mondays(scale)), scale)
    # The shortest month is 28 days: two ticks are never nearer than that many for each month between them.
    least = width_of("2026") + GAP
    step = next((n for n in MONTHS_PER_TICK if n * 28 * per_day >= least), MONTHS_PER_TICK[-1])
    return _named(((day, months[day.month - 1]) for day in _firsts(scale, step)), scale)


def _named(days: Iterable[tuple[date, str]], scale: Scale) -> tuple[Tick, ...]:
    found, year = [], 0
    for day, word in days:
        found.append(Tick(scale.at(day.toordinal()), word, "" if day.year == year else str(day.year)))
        year = day.year
    return tuple(found)


def _mondays(scale: Scale) -> Iterator[date]:
    start = date.fromordinal(int(-(-scale.low // 1)))
    day = start + timedelta(days=-start.weekday() % 7)
    while day.toordinal() <= scale.high:
        yield day
        day += ONE_WEEK


def _firsts(scale: Scale, step: int) -> Iterator[date]:
    """First days of months, counted so that January is among them."""
    start = date.fromordinal(int(scale.low))
    month = start.year * 12 + start.month - 1
    month += -month % step
    while (day := date(month // 12, month % 12 + 1, 1)).toordinal() <= scale.high:
        if day.toordinal() >= scale.low:
            yield day
        month += step
