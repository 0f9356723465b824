"""When somebody works and something can be used: weekly hours, other hours for once, and times that are closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from clinic.rules.local_time import at_local

Clocks = tuple[time, time]
Period = tuple[datetime, datetime]
ONE_DAY = timedelta(days=1)


class ClosureKind(StrEnum):
    LEAVE = "leave"
    ILL = "ill"
    BREAK = "break"
    HOLIDAY = "holiday"
    REPAIR = "repair"
    OTHER = "other"

    @property
    def label(self) -> str:
        return {"ill": "Away ill", "holiday": "Public holiday", "break": "Break"}.get(
            self.value, self.value.capitalize()
        )


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of one person, room or location. `weekly` by weekday (0 is Monday); `special` by date, and stands
    instead of the weekly ones; `closed` are half-open periods in which nothing is booked."""

    weekly: Mapping[int, Sequence[Clocks]] = field(default_factory=dict)
    special: Mapping[date, Sequence[Clocks]] = field(default_factory=dict)
    closed: Sequence[Period] = ()


def opening(day: date, zone: ZoneInfo, *, own: Hours | None, place: Hours) -> tuple[Period, ...]:
    """Return the periods of a local day in which somebody can be booked, in order, those that touch joined.

    Weekly hours of their own stand instead of the location's. What the location does for once on a date binds
    everybody who has no special hours of their own that day; what closes either closes both.
    """
    mine = own or Hours()
    clocks = place.special.get(day, place.weekly.get(day.weekday(), ()))
    periods = open_periods(day, clocks, zone)
    if day in mine.special:
        periods = open_periods(day, mine.special[day], zone)
    elif mine.weekly:
        periods = open_periods(day, mine.weekly.get(day.weekday(), ()), zone)
        if day in place.special:
            periods = both(periods, open_periods(day, clocks, zone))
    return less(periods, (*place.closed, *mine.closed))


def room_opening(day: date, zone: ZoneInfo, *, own: Hours | None, place: Hours) -> tuple[Period, ...] | None:
    """The same for a room; None when it has no hours and no closure that day: whoever works may use it."""
    mine = own or Hours()
    begins, ends = at_local(day, time.min, zone), at_local(day + ONE_DAY, time.min, zone)
    if day in mine.special:
        periods = open_periods(day, mine.special[day], zone)
    elif mine.weekly:
        periods = open_periods(day, mine.weekly.get(day.weekday(), ()), zone)
    else:
        periods = ((begins, ends),)
        if not any(start < ends and begins < end for start, end in (*place.closed, *mine.closed)):
            return None
    return less(periods, (*place.closed, *mine.closed))


def open_periods(day: date, hours: Iterable[Clocks], zone: ZoneInfo) -> tuple[Period, ...]:
    """Return the instants between which a local day is open; an end of 00:00 is midnight. Periods that touch join."""
    joined: list[Period] = []
    # Sorted as instants: where clocks jump, a later time of the clock may come first.
    for begins, ends in sorted(_instants(day, clocks, zone) for clocks in hours):
        if joined and begins <= joined[-1][1] and begins < ends:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends))
        elif begins < ends:
            joined.append((begins, ends))
    return tuple(joined)


def _instants(day: date, clocks: Clocks, zone: ZoneInfo) -> Period:
    opens, closes = clocks
    return at_local(day, opens, zone), at_local(day + ONE_DAY if closes == time.min else day, closes, zone)


def both(some: Iterable[Period], others: Sequence[Period]) -> tuple[Period, ...]:
    """Return what lies in a period of each."""
    shared = ((max(a, c), min(b, d)) for a, b in some for c, d in others)
    return tuple(sorted((start, end) for start, end in shared if start < end))


def less(periods: Iterable[Period], taken: Iterable[Period]) -> tuple[Period, ...]:
    """Return what is left of `periods` once `taken` is cut out."""
    left = list(periods)
    for start, end in taken:
        left = [
            piece
            for begins, ends in left
            for piece in ((begins, min(ends, start)), (max(begins, end), ends))
            if piece[0] < piece[1]
        ]
    return tuple(sorted(left))
