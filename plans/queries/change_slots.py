"""Where an appointment that no longer fits could go: the next free times with the same people, in two queries."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q

from clinic.models import WeeklyHours
from clinic.rules.local_time import at_local, local_day, start_of_day
from clinic.rules.opening import Period, open_periods
from plans.models import Appointment
from plans.rules.free_times import free_starts
from plans.rules.states import HOLDING

OFFERED = 3
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Need:
    """An appointment and the days on which it would fit, both included. It comes with practitioner and location."""

    appointment: Appointment
    first: date
    last: date

    @property
    def days(self) -> Iterator[date]:
        """The days nearest to the old one first."""
        one = self.appointment
        day = local_day(one.starts, one.location.zone)
        window = [self.first + number * ONE_DAY for number in range((self.last - self.first).days + 1)]
        yield from sorted(window, key=lambda found: (abs(found - day), found))


@dataclass(frozen=True, slots=True)
class _Taken:
    id: UUID
    starts: datetime
    ends: datetime
    who: tuple[UUID | None, ...]


def next_free(needs: Collection[Need], *, now: datetime) -> dict[UUID, tuple[Period, ...]]:
    """Return up to three free times for each appointment, by its id: one a day, nearest to its old day and hour.

    A hint, not a promise: moving asks again, under locks. Two queries whatever the number of appointments.
    """
    possible = [need for need in needs if need.appointment.practitioner.is_active and need.first <= need.last]
    if not possible:
        return {}
    hours, taken = _hours(possible), _taken(possible)
    return {need.appointment.pk: tuple(_offers(need, hours, taken, now)) for need in possible}


def _offers(
    need: Need, hours: dict[UUID, dict[int, list[tuple[time, time]]]], taken: Sequence[_Taken], now: datetime
) -> Iterator[Period]:
    one, zone = need.appointment, need.appointment.location.zone
    length, hour = one.ends - one.starts, one.starts.astimezone(zone).time()
    mine = {one.practitioner_id, one.patient_id, *filter(None, [one.room_id])}
    busy = [other for other in taken if other.id != one.pk and mine & set(other.who)]
    found = 0
    for day in need.days:
        begins, ends = start_of_day(day, zone), start_of_day(day + ONE_DAY, zone)
        that_day = [(other.starts, other.ends) for other in busy if other.starts < ends and other.ends > begins]
        periods = open_periods(day, hours[one.practitioner_id].get(day.weekday(), ()), zone)
        free = free_starts(periods, that_day, length=length, not_before=now)
        if free:
            wanted = at_local(day, hour, zone)
            start = min(free, key=lambda start: abs(start - wanted))
            yield start, start + length
            found += 1
        if found == OFFERED:
            return


def _taken(needs: Collection[Need]) -> list[_Taken]:
    asked = Q(pk__in=[])
    for need in needs:
        one, zone = need.appointment, need.appointment.location.zone
        whose = Q(practitioner=one.practitioner_id) | Q(patient=one.patient_id)
        whose = whose | Q(room=one.room_id) if one.room_id else whose
        asked |= whose & Q(starts__lt=start_of_day(need.last + ONE_DAY, zone), ends__gt=start_of_day(need.first, zone))
    rows = Appointment.objects.filter(asked, state__in=HOLDING).order_by("starts")
    columns = rows.values_list("pk", "starts", "ends", "practitioner", "patient", "room")
    return [_Taken(pk, starts, ends, tuple(who)) for pk, starts, ends, *who in columns]


def _hours(needs: Collection[Need]) -> dict[UUID, dict[int, list[tuple[time, time]]]]:
    """Each practitioner's own hours by weekday, else the location's."""
    people = {need.appointment.practitioner_id: need.appointment.practitioner.location_id for need in needs}
    whose = Q(practitioner__in=people) | Q(location__in=set(people.values()), practitioner__isnull=True)
    rows = list(WeeklyHours.objects.filter(whose, room__isnull=True))
    found: dict[UUID, dict[int, list[tuple[time, time]]]] = {}
    for person, place in people.items():
        own = [row for row in rows if row.practitioner_id == person]
        usual = [row for row in rows if row.location_id == place and row.practitioner_id is None]
        days = found.setdefault(person, {})
        for row in own or usual:
            days.setdefault(row.weekday, []).append((row.opens, row.closes))
    return found
