"""A day as a row of bits, one a minute from the start of the local day: what is open, what is taken, what is free.

Elapsed minutes: a day of 23 or 25 hours is a shorter or longer row, and nothing else about it is special. A bit stands
for the minute that begins there. A start is a bit, too: the first minute of what would be held.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.local_time import start_of_day
from clinic.rules.opening import Hours, Period, opening, room_opening

MINUTE = timedelta(minutes=1)
ONE_DAY = timedelta(days=1)
GRID_MINUTES = 15
FULL_DAY = 24 * 60
LONGEST_RUN = 1 << 14
_GRID = sum(1 << minute for minute in range(0, LONGEST_RUN, GRID_MINUTES))
_CLOSED = Hours()


@dataclass(frozen=True, slots=True)
class LocalDay:
    """`is_even`: every wall clock of the day is as many minutes from its start as on any other even day."""

    day: date
    begins: datetime
    minutes: int
    is_even: bool

    def minute_of(self, instant: datetime) -> int:
        """Return the minute in which it lies, negative before the day."""
        return (instant - self.begins) // MINUTE

    def at(self, minute: int) -> datetime:
        return self.begins + minute * MINUTE


@lru_cache(maxsize=1 << 12)
def local_day_of(day: date, zone: ZoneInfo) -> LocalDay:
    begins, ends = start_of_day(day, zone), start_of_day(day + ONE_DAY, zone)
    minutes = (ends - begins) // MINUTE
    is_even = minutes == FULL_DAY and begins.astimezone(zone).time() == time.min
    is_even = is_even and begins.astimezone(zone).utcoffset() == ends.astimezone(zone).utcoffset()
    return LocalDay(day, begins, minutes, is_even)


def open_bits(periods: Iterable[Period], day: LocalDay) -> int:
    """Return the minutes that lie wholly in a period."""
    found = 0
    for starts, ends in periods:
        begin, end = max(0, -((day.begins - starts) // MINUTE)), day.minute_of(ends)
        if begin < end:
            found |= (1 << end) - (1 << begin)
    return found


def taken_bits(starts: datetime, ends: datetime, day: LocalDay) -> int:
    """Return the minutes of which any part is taken, from the start of the day on."""
    begin, end = max(0, day.minute_of(starts)), max(0, -((day.begins - ends) // MINUTE))
    return (1 << end) - (1 << begin) if begin < end else 0


def reach_back(bits: int, minutes: int) -> int:
    """Return the starts from which `minutes` would run into one of the bits."""
    if not bits:
        return 0
    done = 1
    while done < minutes:
        step = min(done, minutes - done)
        bits |= bits >> step
        done += step
    return bits


@lru_cache(maxsize=1 << 12)
def open_starts(open_: int, minutes: int) -> int:
    """Return the starts on the grid, counted from each opening, at which `minutes` lie inside what is open."""
    edges, found = open_ & ~(open_ << 1), 0
    for begin in bits_of(edges):
        run = open_ >> begin
        length = (~run & (run + 1)).bit_length() - 1
        if length >= minutes:
            found |= (_GRID & ((1 << (length - minutes + 1)) - 1)) << begin
    return found


def bits_of(bits: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set, lowest first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low


@lru_cache(maxsize=1 << 10)
def clock_bits(begins: time | None, until: time | None, day: LocalDay, zone: ZoneInfo) -> int:
    """Return the minutes of a day at which the wall clock is at or after `begins` and before `until`."""
    if day.is_even:
        first = _minute(begins) if begins else 0
        end = _minute(until) if until else FULL_DAY
        return (1 << end) - (1 << first) if first < end else 0
    found = 0
    for minute in range(day.minutes):
        clock = day.at(minute).astimezone(zone).time()
        if (begins is None or clock >= begins) and (until is None or clock < until):
            found |= 1 << minute
    return found


def _minute(clock: time) -> int:
    """Return the first whole minute at or after that clock."""
    return clock.hour * 60 + clock.minute + (1 if clock.second or clock.microsecond else 0)


@dataclass(slots=True)
class Openings:
    """When people and rooms of one location are open, as bits. Weekdays on which nothing is special are alike."""

    hours: Mapping[UUID, Hours]
    place: UUID
    zone: ZoneInfo
    _usual: dict[tuple[tuple[time, time], ...], int]

    @classmethod
    def of(cls, hours: Mapping[UUID, Hours], place: UUID, zone: ZoneInfo) -> Openings:
        return cls(hours, place, zone, {})

    def of_person(self, who: UUID, day: LocalDay) -> int:
        own, place = self.hours.get(who, _CLOSED), self.hours.get(self.place, _CLOSED)
        if not self._is_usual(own, place, day):
            return open_bits(opening(day.day, self.zone, own=own, place=place), day)
        return self._weekly(own if own.weekly else place, day)

    def of_room(self, room: UUID, day: LocalDay) -> int | None:
        """None: whenever somebody works in it."""
        own, place = self.hours.get(room, _CLOSED), self.hours.get(self.place, _CLOSED)
        if self._is_usual(own, place, day):
            return self._weekly(own, day) if own.weekly else None
        periods = room_opening(day.day, self.zone, own=own, place=place)
        return None if periods is None else open_bits(periods, day)

    def _is_usual(self, own: Hours, place: Hours, day: LocalDay) -> bool:
        if not day.is_even or day.day in own.special or day.day in place.special:
            return False
        if not own.closed and not place.closed:
            return True
        ends = day.begins + day.minutes * MINUTE
        return not any(a < ends and day.begins < b for closed in (own.closed, place.closed) for a, b in closed)

    def _weekly(self, whose: Hours, day: LocalDay) -> int:
        weekday = day.day.weekday()
        clocks = tuple(whose.weekly.get(weekday, ()))
        if clocks not in self._usual:
            alone = Hours(weekly={weekday: clocks})
            self._usual[clocks] = open_bits(opening(day.day, self.zone, own=None, place=alone), day)
        return self._usual[clocks]
