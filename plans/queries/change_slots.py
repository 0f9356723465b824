"""Where an appointment that no longer fits could go: the next free times with the same people."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from clinic.models import Location
from clinic.models.hour_facts import OpenBook
from clinic.rules.local_time import at_local, local_day
from clinic.rules.opening import Period
from plans.models import Appointment
from plans.queries.taken_times import TakenTimes
from plans.rules.diary import MINUTE, Openings, local_day_of, taken_bits
from plans.rules.finder import Finder, Resource, outward

OFFERED = 3
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Need:
    """An appointment and the days on which it would fit, both included. It comes with practitioner, room and
    location."""

    appointment: Appointment
    first: date
    last: date

    @property
    def days(self) -> Iterator[date]:
        """The days nearest to the old one first."""
        one = self.appointment
        return outward(self.first, local_day(one.starts, one.location.zone), self.last)


def next_free(needs: Collection[Need], *, now: datetime) -> dict[UUID, tuple[Period, ...]]:
    """Return up to three free times for each appointment, by its id: one a day, nearest to its old day and hour.

    A hint, not a promise: moving asks again, under locks. Four queries whatever the number of appointments, of one
    location all.
    """
    possible = [need for need in needs if _can_be_held(need.appointment) and need.first <= need.last]
    found: dict[UUID, tuple[Period, ...]] = {}
    for place in {_place(need.appointment) for need in possible}:
        mine = [need for need in possible if _place(need.appointment) == place]
        first, last = min(need.first for need in mine), max(need.last for need in mine)
        book = OpenBook.read([place], first=first, last=last)
        span = (last - first).days + 1
        rows = [need.appointment for need in mine]
        taken = TakenTimes(
            zone=place.zone,
            practitioners={one.practitioner_id for one in rows},
            rooms={one.room_id for one in rows if one.room_id},
            patients={one.patient_id for one in rows},
            around=first + span // 2 * ONE_DAY,
            span=span,
        )
        openings = Openings.of(book.hours, place.pk, place.zone)
        found |= {need.appointment.pk: tuple(_offers(need, openings, taken, now)) for need in mine}
    return found


@dataclass(frozen=True, slots=True)
class _Without:
    """The same without one appointment: nothing else can be where it is."""

    taken: TakenTimes
    one: Appointment

    def on(self, day: date) -> Callable[[UUID], int]:
        page, read = local_day_of(day, self.taken.zone), self.taken.on(day)
        until = {
            self.one.practitioner_id: self.one.practitioner_free_at,
            self.one.room_id: self.one.room_free_at,
            self.one.patient_id: self.one.ends,
        }
        return lambda who: read(who) & ~taken_bits(self.one.starts, until.get(who, self.one.starts), page)


def _place(one: Appointment) -> Location:
    """Where the practitioner works now, which is where it was made, as a rule."""
    return one.location if one.practitioner.location_id == one.location_id else one.practitioner.location


def _can_be_held(one: Appointment) -> bool:
    return one.practitioner.is_active and _place(one).is_active and (not one.room or one.room.is_active)


def _offers(need: Need, openings: Openings, taken: TakenTimes, now: datetime) -> Iterator[Period]:
    one, zone = need.appointment, openings.zone
    length = one.ends - one.starts
    minutes, hour = -(-length // MINUTE), one.starts.astimezone(zone).time()
    person = Resource(one.practitioner_id, one.practitioner.buffer_minutes)
    room = Resource(one.room.pk, one.room.buffer_minutes) if one.room else None
    finder = Finder(zone, openings, _Without(taken, one), [person], [room] if room else None, one.patient_id, now)
    found = 0
    for day in need.days:
        if free := finder.starts_of(person, room, day, minutes):
            wanted = at_local(day, hour, zone)
            start = min(free, key=lambda start: abs(start - wanted))
            yield start, start + length
            found += 1
        if found == OFFERED:
            return
