"""Which starts of a day are still free: opening periods less what is taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from clinic.rules.opening import Period

GRID = timedelta(minutes=15)


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
