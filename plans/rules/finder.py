"""Times at which somebody, somewhere can see a patient: what is open and not taken, over people and rooms.

The same answer as booking gives: the length inside the hours of both, the length and each one's own minutes behind it
clear of what they hold, the length clear of what the patient has.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from plans.rules.diary import MINUTE, LocalDay, Openings, bits_of, clock_bits, local_day_of, open_starts, reach_back
from plans.rules.wishes import Wishes

ONE_DAY = timedelta(days=1)
ANYTHING = Wishes()
Room = tuple[int | None, int]


class Taken(Protocol):
    """What holds whom: bits from the start of the local day on, into the hours after it, by whose they are."""

    def on(self, day: date) -> Callable[[UUID], int]: ...


@dataclass(frozen=True, slots=True)
class Vacancy:
    """A time that can be booked: who, where, from when until when (UTC)."""

    practitioner: UUID
    room: UUID | None
    starts: datetime
    ends: datetime

    def overlaps(self, starts: datetime, ends: datetime) -> bool:
        return self.starts < ends and starts < self.ends


@dataclass(frozen=True, slots=True)
class Resource:
    """A practitioner or a room: the minutes it keeps free after each appointment."""

    id: UUID
    buffer: int = 0


@dataclass(slots=True)
class Finder:
    """Looks for this patient's times with these people in these rooms, both in order of preference.

    `rooms` None: no room is needed. `patient` None: nobody yet.
    """

    zone: ZoneInfo
    openings: Openings
    taken: Taken
    people: Sequence[Resource]
    rooms: Sequence[Resource] | None
    patient: UUID | None
    now: datetime
    _days: dict[tuple[date, int, Wishes], tuple[Vacancy, ...]] = field(default_factory=dict)

    def on(self, day: date, minutes: int, wishes: Wishes = ANYTHING) -> tuple[Vacancy, ...]:
        """Return the day's times: by person in their order, each person's early ones first, the first room that is
        free. Empty in the past."""
        key = day, minutes, wishes
        if key not in self._days:
            self._days[key] = tuple(self._found(day, minutes, wishes))
        return self._days[key]

    def starts_of(self, who: Resource, room: Resource | None, day: date, minutes: int) -> tuple[datetime, ...]:
        """Return every start with this very person, in this very room."""
        page = local_day_of(day, self.zone)
        taken = self.taken.on(day)
        usable, blocked = self._room(room, page, minutes, taken) if room else (None, 0)
        open_ = self.openings.of_person(who.id, page)
        free = open_starts(open_ if usable is None else open_ & usable, minutes) & ~blocked
        free &= ~reach_back(taken(who.id), minutes + who.buffer) & self._allowed(page, minutes, ANYTHING, taken)
        return tuple(page.at(minute) for minute in bits_of(free))

    def _found(self, day: date, minutes: int, wishes: Wishes) -> Iterator[Vacancy]:
        if not wishes.suit_day(day) or minutes <= 0:
            return
        page, length, taken = local_day_of(day, self.zone), timedelta(minutes=minutes), self.taken.on(day)
        allowed = self._allowed(page, minutes, wishes, taken)
        if not allowed:
            return
        rooms = None if self.rooms is None else [self._room(room, page, minutes, taken) for room in self.rooms]
        groups = [(None, 0)] if rooms is None else _groups(rooms)
        # Most people keep the same hours: where a room is free for one, it is for the others.
        within: dict[int, int] = {}
        for person in self.people:
            if not wishes.suit_person(person.id):
                continue
            open_ = self.openings.of_person(person.id, page)
            if open_ not in within:
                within[open_] = _starts_in(groups, open_, minutes) & allowed
            # A cheap look first: whoever is busy at a start itself need not be looked at closely.
            found = within[open_] & ~taken(person.id)
            if found:
                found &= ~reach_back(taken(person.id), minutes + person.buffer)
            for minute in bits_of(found):
                starts = page.at(minute)
                room = None if rooms is None else self._first_room(rooms, open_, minutes, minute)
                yield Vacancy(person.id, room, starts, starts + length)

    def _allowed(self, page: LocalDay, minutes: int, wishes: Wishes, taken: Callable[[UUID], int]) -> int:
        """Starts that are not over, at which the patient is free, at an hour that is wished."""
        allowed = (1 << page.minutes) - 1
        if self.now > page.begins:
            past = -((page.begins - self.now) // MINUTE)
            allowed = allowed >> past << past
        if wishes.begins or wishes.until:
            allowed &= clock_bits(wishes.begins, wishes.until, page, self.zone)
        if allowed and self.patient:
            allowed &= ~reach_back(taken(self.patient), minutes)
        return allowed

    def _room(self, room: Resource, page: LocalDay, minutes: int, taken: Callable[[UUID], int]) -> Room:
        """Return when it can be used, and the starts at which something is in the way."""
        usable = self.openings.of_room(room.id, page)
        return usable, reach_back(taken(room.id), minutes + room.buffer)

    def _first_room(self, rooms: Sequence[Room], open_: int, minutes: int, minute: int) -> UUID:
        assert self.rooms is not None
        return next(
            room.id
            for room, one in zip(self.rooms, rooms, strict=True)
            if _starts_in([one], open_, minutes) >> minute & 1
        )


def _starts_in(rooms: Sequence[Room], open_: int, minutes: int) -> int:
    """Return the starts at which one of the rooms is free and somebody with these hours works."""
    found = 0
    for usable, blocked in rooms:
        if free := open_starts(open_ if usable is None else open_ & usable, minutes):
            found |= free & ~blocked
    return found


def _groups(rooms: Sequence[Room]) -> list[Room]:
    """Rooms with the same hours are one: blocked where all of them are."""
    found: dict[int | None, int] = {}
    for usable, blocked in rooms:
        if usable != 0:
            found[usable] = found.get(usable, blocked) & blocked
    return list(found.items())


def outward(first: date, target: date, last: date) -> Iterator[date]:
    """Yield the days between two, both included, those nearest to `target` first, the earlier of two as near."""
    target = min(max(target, first), last)
    for distance in range(max((target - first).days, (last - target).days) + 1):
        step = distance * ONE_DAY
        if distance <= (target - first).days:
            yield target - step
        if distance and distance <= (last - target).days:
            yield target + step
