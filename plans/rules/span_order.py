"""Which of two lengths of time is the longer one on every day of the calendar: 4 weeks are never more than 1 month."""

from __future__ import annotations

from calendar import monthrange
from functools import cache

from clinic.rules.spans import Span, Unit

MONTHS_OF_CYCLE = 4800  # the calendar repeats after 400 years
LONGEST_YEARS = 100
_DAYS = {Unit.HOURS: 1 / 24, Unit.DAYS: 1.0, Unit.WEEKS: 7.0}


def is_too_long(span: Span) -> bool:
    """Return whether it is longer than a hundred years: from this century it would leave the years the program knows.

    Every other question about a span may be asked once this one is answered with no.
    """
    years = {Unit.HOURS: 24 * 366, Unit.DAYS: 366, Unit.WEEKS: 53, Unit.MONTHS: 12}
    return span.number > LONGEST_YEARS * years[span.unit]


def days_of(span: Span) -> tuple[float, float]:
    """Return the fewest and the most days it can last, whatever day it is counted from.

    Months clamp as `later` does: 31 Jan + 1 month is 28 Feb, which is 28 days.
    """
    if span.unit is Unit.MONTHS:
        return _days_of_months(span.number)
    days = span.number * _DAYS[span.unit]
    return days, days


def is_never_more(one: Span, other: Span) -> bool:
    """Return whether `one` after any day is no later than `other` after that day."""
    if one.unit is other.unit:
        return one.number <= other.number
    return days_of(one)[1] <= days_of(other)[0]


def may_meet(one: Span, other: Span) -> bool:
    """Return whether there is a day after which both fall on the same day."""
    if one.unit is other.unit:
        return one.number == other.number
    (fewest, most), (least, last) = days_of(one), days_of(other)
    return fewest <= last and least <= most


@cache
def _days_of_months(number: int) -> tuple[float, float]:
    lengths = _month_lengths()
    days = sum(lengths[i % MONTHS_OF_CYCLE] for i in range(number))
    fewest = most = float(days)
    for first in range(MONTHS_OF_CYCLE):
        last = lengths[(first + number) % MONTHS_OF_CYCLE]
        fewest = min(fewest, days - max(0, lengths[first] - last))
        most = max(most, days)
        days += last - lengths[first]
    return fewest, most


@cache
def _month_lengths() -> tuple[int, ...]:
    return tuple(monthrange(2000 + month // 12, month % 12 + 1)[1] for month in range(MONTHS_OF_CYCLE))
