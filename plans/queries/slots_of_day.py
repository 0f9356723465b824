"""Which times are free for one practitioner, one room and one patient, over the days somebody looks at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from clinic.models import Practitioner, Room, WeeklyHours
from clinic.rules.local_time import start_of_day
from patients.models import Patient
from plans.models import Appointment
from plans.rules.free_times import Period, free_starts, open_periods

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpenTimes:
    """What is open and what is taken between two days; asks nothing of the database any more."""

    zone: ZoneInfo
    first: date
    last: date
    hours: Mapping[int, Sequence[tuple[time, time]]]
    taken: Sequence[Period]
    now: datetime

    def free(self, day: date, minutes: int) -> tuple[datetime, ...]:
        """Return the day's free starts; nothing outside the days that were read."""
        if not self.first <= day <= self.last:
            return ()
        periods = open_periods(day, self.hours.get(day.weekday(), ()), self.zone)
        return free_starts(periods, self.taken, length=timedelta(minutes=minutes), not_before=self.now)

    def days(self) -> Iterator[date]:
        for number in range((self.last - self.first).days + 1):
            yield self.first + number * ONE_DAY


def open_times(
    *,
    practitioner: Practitioner,
    room: Room | None,
    patient: Patient,
    first: date,
    last: date,
    now: datetime,
    instead_of: Appointment | None = None,
) -> OpenTimes:
    """Read hours and appointments between two local days, both included. Two queries.

    A hint, not a promise: booking asks again, under locks. `instead_of` is the appointment that would be moved.
    """
    zone = practitioner.location.zone
    taken = Appointment.objects.overlapping(start_of_day(first, zone), start_of_day(last + ONE_DAY, zone))
    whose = Q(practitioner=practitioner) | Q(patient=patient)
    taken = taken.filter(whose | Q(room=room) if room else whose)
    if instead_of is not None:
        taken = taken.exclude(pk=instead_of.pk)
    return OpenTimes(zone, first, last, _hours(practitioner), list(taken.values_list("starts", "ends")), now)


def _hours(practitioner: Practitioner) -> dict[int, list[tuple[time, time]]]:
    """The practitioner's own hours by weekday, else the location's."""
    rows = list(
        WeeklyHours.objects.filter(
            Q(practitioner=practitioner) | Q(location=practitioner.location, practitioner__isnull=True),
            room__isnull=True,
        )
    )
    own = [row for row in rows if row.practitioner_id]
    found: dict[int, list[tuple[time, time]]] = {}
    for row in own or rows:
        found.setdefault(row.weekday, []).append((row.opens, row.closes))
    return found
