"""Which times are free for one practitioner, one room and one patient, over the days somebody looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.models import Practitioner, Room
from clinic.models.hour_facts import OpenBook
from patients.models import Patient
from plans.models import Appointment
from plans.queries.taken_times import TakenTimes
from plans.rules.diary import Openings
from plans.rules.finder import Finder, Resource

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpenTimes:
    """What is open and what is taken between two days, for this very person and this very room."""

    zone: ZoneInfo
    first: date
    last: date
    practitioner: Resource
    room: Resource | None
    finder: Finder

    def free(self, day: date, minutes: int) -> tuple[datetime, ...]:
        """Return the day's free starts; nothing outside the days that were read."""
        if not self.first <= day <= self.last:
            return ()
        return self.finder.starts_of(self.practitioner, self.room, day, minutes)

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
    """Read hours and appointments between two local days, both included. Four queries, the last one once it is asked.

    A hint, not a promise: booking asks again, under locks. `instead_of` is the appointment that would be moved.
    """
    place = practitioner.location
    person = Resource(practitioner.pk, practitioner.buffer_minutes)
    chair = Resource(room.pk, room.buffer_minutes) if room else None
    book = OpenBook.read([place], first=first, last=last)
    span = max(1, (last - first).days + 1)
    taken = TakenTimes(
        zone=place.zone,
        practitioners=[person.id],
        rooms=[chair.id] if chair else [],
        patients=[patient.pk],
        around=first + span // 2 * ONE_DAY,
        span=span,
        without=instead_of.pk if instead_of else None,
    )
    openings = Openings.of(book.hours, place.pk, place.zone)
    finder = Finder(place.zone, openings, taken, [person], [chair] if chair else None, patient.pk, now)
    return OpenTimes(place.zone, first, last, person, chair, finder)
