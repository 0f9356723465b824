"""Lengths of time as people state them: a number and a unit. Eight weeks is not two months."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

# In days, for comparing and drawing only: dates are counted by the calendar.
AVERAGE_MONTH = 365.25 / 12


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time, never negative."""

    number: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.number < 0:
            raise ValueError(f"A length of time cannot be negative: {self.number} {self.unit}.")

    def __str__(self) -> str:
        unit = self.unit.value
        return f"{self.number} {unit[:-1] if self.number == 1 else unit}"

    @classmethod
    def parse(cls, text: str) -> Span:
        """Read "4 weeks" or "1 month". ValueError with a sentence when it cannot be read."""
        number, _, unit = text.strip().partition(" ")
        plural = unit.strip().lower()
        plural = plural if plural.endswith("s") else plural + "s"
        try:
            return cls(int(number), Unit(plural))
        except ValueError as error:
            raise ValueError(f"“{text}” is not a length of time: write for example “4 weeks” or “24 hours”.") from error


def later(day: date, span: Span) -> date:
    """Return the day `span` after `day`. Months clamp to the month's end: 31 Jan + 1 month is 28 or 29 Feb.

    Count from the anchor each time; never chain (31 Jan + 2 months is 31 Mar). ValueError for hours: they have no
    calendar.
    """
    return _shift(day, span, +1)


def earlier(day: date, span: Span) -> date:
    """Return the day `span` before `day`, with the same clamping as `later`."""
    return _shift(day, span, -1)


def _shift(day: date, span: Span, sign: int) -> date:
    match span.unit:
        case Unit.DAYS:
            return day + timedelta(days=sign * span.number)
        case Unit.WEEKS:
            return day + timedelta(weeks=sign * span.number)
        case Unit.MONTHS:
            year, month0 = divmod(day.year * 12 + day.month - 1 + sign * span.number, 12)
            last = calendar.monthrange(year, month0 + 1)[1]
            return date(year, month0 + 1, min(day.day, last))
        case Unit.HOURS:
            raise ValueError("Hours are elapsed time: they cannot be added to a date.")
