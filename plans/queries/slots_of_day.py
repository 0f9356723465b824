"""Which times are free for one practitioner, one room and one patient, over the days somebody looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.models import Practitioner, Room
from clinic.models.hour_facts import OpenBook
from clinic.rules.local_time import start_of_day
from clinic.rules.opening import both
from patients.models import Patient
from plans.models import Appointment
from plans.models.slots import Blocks
from plans.rules.free_times import free_starts

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpenTimes:
    """What is open and what is taken between two days; asks nothing of the database any more."""

    zone: ZoneInfo
    first: date
    last: date
    book: OpenBook
    practitioner: Practitioner
    room: Room | None
    taken: Blocks
    now: datetime

    def free(self, day: date, minutes: int) -> tuple[datetime, ...]:
        """Return the day's free starts; nothing outside the days that were read."""
        if not self.first <= day <= self.last:
            return ()
        periods = self.book.of_practitioner(self.practitioner, day, self.zone)
        usable = self.book.of_room(self.room, day, self.zone) if self.room else None
        if usable is not None:
            periods = both(periods, usable)
        length = timedelta(minutes=minutes)
        starts = free_starts(periods, (), length=length, not_before=self.now)
        return tuple(start for start in starts if self.taken.are_free(start, start + length))

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
    """Read hours and appointments between two local days, both included. Four queries.

    A hint, not a promise: booking asks again, under locks. `instead_of` is the appointment that would be moved.
    """
    zone = practitioner.location.zone
    book = OpenBook.read([practitioner.location], first=first, last=last)
    begins, ends = start_of_day(first, zone), start_of_day(last + ONE_DAY, zone)
    taken = Blocks.read(practitioner, room, patient, begins, ends, instead_of=instead_of)
    return OpenTimes(zone, first, last, book, practitioner, room, taken, now)
