"""New times for several appointments at once, so that no two of them are sent to the same place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Practitioner, Room
from clinic.models.hour_facts import OpenBook
from clinic.models.hour_owner import Owner
from clinic.rules.local_time import local_day
from clinic.rules.opening import Hours, Period
from plans.models import Appointment
from plans.models.slots import buffer_of
from plans.queries.taken_times import TakenTimes
from plans.rules.diary import MINUTE, Openings, local_day_of, taken_bits
from plans.rules.finder import Finder, Resource, Taken, Vacancy, outward

OFFERED = 3
STRETCH = 21


@dataclass(frozen=True, slots=True)
class Wanted:
    """An appointment and the days on which it may be, both included. `wish`: what somebody has ticked: an offer's
    value, or a word that means it stays or goes; "" when nobody has."""

    row: Appointment
    first: date
    last: date
    wish: str = ""

    @property
    def minutes(self) -> int:
        return (self.row.ends - self.row.starts) // MINUTE

    @property
    def day(self) -> date:
        return local_day(self.row.starts, self.row.location.zone)

    @property
    def takes_a_time(self) -> bool:
        return not self.wish or "|" in self.wish


def value_of(one: Vacancy) -> str:
    """What a form sends: when, with whom, where."""
    return f"{one.starts.isoformat()}|{one.practitioner}|{one.room or ''}"


@dataclass
class AwayTimes:
    """One search for all who are hit. `away`: the absence, while nobody else knows of it yet.

    Five queries and one for every three weeks that are looked at, however many are hit.
    """

    owner: Owner
    wanted: Sequence[Wanted]
    away: Period | None
    now: datetime
    picked: dict[UUID, Vacancy] = field(default_factory=dict)

    def offers(self) -> dict[UUID, tuple[Vacancy, ...]]:
        """Return up to three for each, the best first: the nearest day, the same person, the nearest hour.

        Each takes one before the next chooses, those with a wish first, so that nobody is offered what another was
        given.
        """
        for one in sorted(self.wanted, key=lambda one: not one.wish):
            finder = self._finder(one)
            if one.takes_a_time and (best := self._wished(one, finder) or next(self._best(one, finder), None)):
                self.picked[one.row.pk] = best
        return {one.row.pk: self._shown(one) for one in self.wanted}

    def _shown(self, one: Wanted) -> tuple[Vacancy, ...]:
        shown: list[Vacancy] = []
        for found in self._best(one, self._finder(one)):
            if len(shown) == OFFERED:
                break
            shown.append(found)
        mine = self.picked.get(one.row.pk)
        if mine and mine not in shown:
            shown[OFFERED - 1 :] = [mine]
        return tuple(shown)

    def _wished(self, one: Wanted, finder: Finder) -> Vacancy | None:
        try:
            day = local_day(datetime.fromisoformat(one.wish.partition("|")[0]), finder.zone)
        except ValueError:
            return None
        if not one.first <= day <= one.last:
            return None
        return next((found for found in finder.on(day, one.minutes) if value_of(found) == one.wish), None)

    def _best(self, one: Wanted, finder: Finder) -> Iterator[Vacancy]:
        """The nearest hour of every day with each person, the best first."""
        if one.last < one.first or not finder.people:
            return
        clock = _minute(one.row.starts, finder)
        for day in outward(one.first, one.day, one.last):
            nearest: dict[UUID, Vacancy] = {}
            found = finder.on(day, one.minutes)
            for vacancy in sorted(found, key=lambda at: (abs(_minute(at.starts, finder) - clock), at.starts)):
                nearest.setdefault(vacancy.practitioner, vacancy)
            yield from sorted(nearest.values(), key=lambda at: at.practitioner != one.row.practitioner_id)

    # -- who is open, and what is taken ------------------------------------------------------------------------------
    def _finder(self, one: Wanted) -> Finder:
        people = [Resource(who.pk, who.buffer_minutes) for who in self.people if who.is_active]
        rooms = [Resource(room.pk, room.buffer_minutes) for room in self.rooms if room.is_active]
        rooms.sort(key=lambda room: room.id != one.row.room_id)
        zone = self.owner.location.zone

        needs_room = one.row.room_id is not None
        taken = _WithoutOwn(self._taken, one.row, zone, self._given(one.row))
        return Finder(zone, self._openings, taken, people, rooms if needs_room else None, one.row.patient_id, self.now)

    def _given(self, row: Appointment) -> dict[UUID, list[Period]]:
        """What the others were given, each with the minutes kept free afterwards."""
        given: dict[UUID, list[Period]] = {}
        for pk, one in self.picked.items():
            if pk != row.pk:
                given.setdefault(self._patients[pk], []).append((one.starts, one.ends))
                for who in filter(None, (one.practitioner, one.room)):
                    given.setdefault(who, []).append((one.starts, one.ends + buffer_of(self._things[who])))
        return given

    @cached_property
    def people(self) -> list[Practitioner]:
        return list(Practitioner.objects.filter(location=self.owner.location))

    @cached_property
    def rooms(self) -> list[Room]:
        return list(Room.objects.filter(location=self.owner.location))

    @cached_property
    def _things(self) -> Mapping[UUID, Practitioner | Room]:
        return {**{one.pk: one for one in self.people}, **{room.pk: room for room in self.rooms}}

    @property
    def names(self) -> Mapping[UUID, str]:
        return {pk: thing.name for pk, thing in self._things.items()}

    @cached_property
    def _patients(self) -> Mapping[UUID, UUID]:
        return {one.row.pk: one.row.patient_id for one in self.wanted}

    @cached_property
    def _taken(self) -> TakenTimes:
        return TakenTimes(
            zone=self.owner.location.zone,
            practitioners=[one.pk for one in self.people],
            rooms=[one.pk for one in self.rooms],
            patients=sorted(set(self._patients.values())),
            around=self.wanted[0].day,
            span=STRETCH,
        )

    @cached_property
    def _openings(self) -> Openings:
        location = self.owner.location
        first, last = min(one.first for one in self.wanted), max(one.last for one in self.wanted)
        hours = dict(OpenBook.read([location], first=first, last=max(first, last)).hours)
        if self.away:
            known = hours.get(self.owner.thing.pk) or Hours()
            hours[self.owner.thing.pk] = replace(known, closed=(*known.closed, self.away))
        return Openings.of(hours, location.pk, location.zone)


@dataclass(frozen=True, slots=True)
class _WithoutOwn:
    """What is held, less one appointment's own time, and what the others were given. No two share a minute of anybody,
    so taking away its own takes away nobody else's."""

    taken: Taken
    row: Appointment
    zone: ZoneInfo
    given: Mapping[UUID, Sequence[Period]]

    def on(self, day: date) -> Callable[[UUID], int]:
        held, page, row = self.taken.on(day), local_day_of(day, self.zone), self.row
        own = {row.patient_id: row.ends, row.practitioner_id: row.practitioner_free_at, row.room_id: row.room_free_at}

        def of(who: UUID) -> int:
            bits = held(who)
            if who in own:
                bits &= ~taken_bits(row.starts, own[who], page)
            for starts, ends in self.given.get(who, ()):
                bits |= taken_bits(starts, ends, page)
            return bits

        return of


def _minute(instant: datetime, finder: Finder) -> int:
    local = instant.astimezone(finder.zone)
    return local.hour * 60 + local.minute
