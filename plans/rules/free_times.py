"""Which starts of a day are still free: opening periods less what is taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic.rules.local_time import at_local

GRID = timedelta(minutes=15)
Period = tuple[datetime, datetime]


def open_periods(day: date, hours: Iterable[tuple[time, time]], zone: ZoneInfo) -> tuple[Period, ...]:
    """Return the instants between which a local day is open; an end of 00:00 is midnight. Periods that touch join."""
    joined: list[Period] = []
    for opens, closes in sorted(hours):
        end_day = day + timedelta(days=1) if closes == time.min else day
        begins, ends = at_local(day, opens, zone), at_local(end_day, closes, zone)
        if joined and begins <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends))
        else:
            joined.append((begins, ends))
    return tuple(joined)


def free_starts(
    periods: Iterable[Period], taken: Sequence[Period], *, length: timedelta, not_before: datetime
) -> tuple[datetime, ...]:
    """Return every start on the grid, from each opening on, at which `length` fits between what is taken.

    Half-open: an appointment may begin when another ends. None before `not_before`.
    """
    return tuple(
        start
        for opens, closes in periods
        for start in _grid(opens, closes - length)
        if start >= not_before and not any(start < end and begin < start + length for begin, end in taken)
    )


def _grid(first: datetime, last: datetime) -> Iterable[datetime]:
    start = first
    while start <= last:
        yield start
        start += GRID
