"""The day, or one person's week, on paper: what one needs when the screen is elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Location, Practitioner, Staff
from clinic.rules.local_time import local_day
from plans.models import Appointment
from plans.models.appointment import LIVE
from plans.queries.day_rows import (
    ONE_DAY,
    Places,
    appointments_between,
    given_words,
    is_to_phone,
    places_of,
    what_words,
)
from plans.queries.readiness import Readiness, readiness

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SheetRow:
    appointment: Appointment
    zone: ZoneInfo
    what: str
    given: str
    to_phone: bool
    readiness: Readiness | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person's day, on pages of its own."""

    practitioner: Practitioner
    location: Location
    rows: tuple[SheetRow, ...]


@dataclass(frozen=True, slots=True)
class DaySheet:
    day: date
    today: date
    places: Places
    people: tuple[Practitioner, ...]
    who: Practitioner | None
    sheets: tuple[Sheet, ...]

    @property
    def before(self) -> date:
        return self.day - ONE_DAY

    @property
    def after(self) -> date:
        return self.day + ONE_DAY


@dataclass(frozen=True, slots=True)
class WeekDay:
    day: date
    rows: tuple[SheetRow, ...]


@dataclass(frozen=True, slots=True)
class WeekSheet:
    """Monday to Sunday of one person. `who` None: there is nobody to show."""

    first: date
    last: date
    today: date
    people: tuple[Practitioner, ...]
    who: Practitioner | None
    days: tuple[WeekDay, ...]

    @property
    def before(self) -> date:
        return self.first - WEEK

    @property
    def after(self) -> date:
        return self.first + WEEK

    @property
    def count(self) -> int:
        return sum(len(one.rows) for one in self.days)


def day_sheet(by: Staff, *, day: date | None, location_id: UUID | None, who_id: UUID | None, now: datetime) -> DaySheet:
    """Return the day, today without one. DoesNotExist for a location or a person that is not the viewer's."""
    places = places_of(by, location_id)
    today = places.today(now)
    day = day or today
    people = _people(by, places.looked_at)
    who = _person(by, who_id)
    rows = appointments_between(by, [(place, day, day) for place in places.looked_at])
    if who:
        rows = rows.filter(practitioner=who)
    found = sorted(rows, key=lambda row: (row.location.name, row.practitioner.name, row.practitioner_id, row.starts))
    lines = _lines(found, by, now)
    sheets = tuple(
        Sheet(mine[0].appointment.practitioner, mine[0].appointment.location, tuple(mine))
        for _, group in groupby(lines, key=lambda line: line.appointment.practitioner_id)
        if (mine := list(group))
    )
    return DaySheet(day, today, places, people, who, sheets)


def week_sheet(by: Staff, *, day: date | None, who_id: UUID | None, now: datetime) -> WeekSheet:
    """Return the week of `day`, of this week without one; of oneself, or of the first there is, without a person."""
    places = places_of(by, None)
    people = _people(by, places.all)
    who = _person(by, who_id) or next((one for one in people if one.staff_id == by.pk), next(iter(people), None))
    zone = who.location.zone if who else ZoneInfo("UTC")
    today = local_day(now, zone)
    shown = day or today
    first = shown - timedelta(days=shown.weekday())
    last = first + WEEK - ONE_DAY
    found: list[Appointment] = []
    if who:
        found = list(appointments_between(by, [(who.location, first, last)]).filter(practitioner=who))
    lines = _lines(found, by, None)
    days = tuple(
        WeekDay(one, tuple(line for line in lines if local_day(line.appointment.starts, zone) == one))
        for one in (first + number * ONE_DAY for number in range(7))
    )
    return WeekSheet(first, last, today, people, who, days)


def _people(by: Staff, places: Iterable[Location]) -> tuple[Practitioner, ...]:
    rows = Practitioner.objects.visible_to(by).filter(is_active=True, location__in=list(places))
    return tuple(rows.select_related("location").order_by("location__name", "name"))


def _person(by: Staff, who_id: UUID | None) -> Practitioner | None:
    if who_id is None:
        return None
    return Practitioner.objects.visible_to(by).select_related("location").get(pk=who_id)


def _lines(rows: Iterable[Appointment], by: Staff, now: datetime | None) -> list[SheetRow]:
    """`now` None: without how each stands, which changes before the week is over."""
    found = list(rows)
    stand = readiness([row for row in found if row.state in LIVE], by=by, now=now) if now else {}
    return [
        SheetRow(row, row.location.zone, what_words(row), given_words(row), is_to_phone(row.patient), stand.get(row.pk))
        for row in found
    ]
