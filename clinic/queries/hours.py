"""When people work and what can be used: the weeks of a location, days that are otherwise, and what is closed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from clinic.models import Closure, Location, Practitioner, Room, SpecialHours, Staff, WeeklyHours
from clinic.models.hour_owner import Owner
from clinic.rules.closures import when_words
from clinic.rules.holidays import Holiday, countries, country_of, holidays_of, regions
from clinic.rules.local_time import local_day
from clinic.rules.opening import Clocks, ClosureKind
from clinic.rules.roles import Deed
from clinic.rules.week import clocks_words, week_words

WEEK = range(7)


@dataclass(frozen=True, slots=True)
class Week:
    """One line of the week's table. `days`: a sentence for each weekday, "" where nobody works; empty when the
    hours are not its own."""

    owner: Owner
    days: tuple[str, ...]

    @property
    def is_own(self) -> bool:
        return bool(self.days)

    @property
    def buffer(self) -> int:
        thing = self.owner.thing
        return 0 if isinstance(thing, Location) else thing.buffer_minutes


@dataclass(frozen=True, slots=True)
class Special:
    """One date of one owner: `pk` is that of its first period."""

    pk: UUID
    owner: Owner
    day: date
    words: str
    note: str


@dataclass(frozen=True, slots=True)
class Shut:
    closure: Closure
    owner: Owner
    words: str
    first: date
    may_remove: bool


@dataclass(frozen=True, slots=True)
class HoursPage:
    location: Location
    locations: tuple[Location, ...]
    today: date
    weeks: tuple[Week, ...]
    special: tuple[Special, ...]
    closures: tuple[Shut, ...]


@dataclass(frozen=True, slots=True)
class WeekToEdit:
    """`seen` is what is written today, to tell whether somebody else changes it meanwhile."""

    owner: Owner
    weekly: Mapping[int, Sequence[Clocks]]
    seen: str
    place: str


@dataclass(frozen=True, slots=True)
class HolidayRow:
    holiday: Holiday
    is_closed: bool


@dataclass(frozen=True, slots=True)
class HolidayPage:
    location: Location
    today: date
    year: int
    country: str
    region: str
    rows: tuple[HolidayRow, ...]

    @property
    def years(self) -> tuple[int, ...]:
        return (self.today.year, self.today.year + 1)

    @property
    def countries(self) -> tuple[tuple[str, str], ...]:
        return countries()

    @property
    def regions(self) -> tuple[str, ...]:
        return regions(self.country)

    @property
    def country_name(self) -> str:
        return dict(countries()).get(self.country, "")


def hours_page(by: Staff, *, location_id: UUID | None, now: datetime) -> HoursPage | None:
    """Return one location's hours, the first one's without an id; None for whoever has no location. DoesNotExist for
    one that is not the viewer's. Six queries."""
    locations = tuple(Location.objects.visible_to(by).filter(is_active=True))
    if location_id is None and not locations:
        return None
    location = next((one for one in locations if location_id in (None, one.pk)), None)
    if location is None:
        raise Location.DoesNotExist
    today = local_day(now, location.zone)
    people = Practitioner.objects.filter(location=location, is_active=True)
    rooms = Room.objects.filter(location=location, is_active=True)
    owners = [
        Owner(location),
        *(Owner(location, practitioner=one) for one in people),
        *(Owner(location, room=one) for one in rooms),
    ]
    weekly = _weeklies(WeeklyHours.objects.filter(location=location))
    weeks = (Week(owner, _days(weekly.get(owner.thing.pk, {}))) for owner in owners)
    special = tuple(_special(location, today))
    return HoursPage(location, locations, today, tuple(weeks), special, coming_closures(by, [location], now=now))


def coming_closures(by: Staff, locations: Iterable[Location], *, now: datetime) -> tuple[Shut, ...]:
    """Return what is away or closed and not over yet, by its beginning. One query."""
    rows = Closure.objects.visible_to(by).filter(location__in=list(locations), ends__gt=now)
    rows = rows.select_related("location", "practitioner", "room").order_by("starts", "pk")
    return tuple(shut(row, by) for row in rows)


def shut(row: Closure, by: Staff) -> Shut:
    """Return a closure in words. It comes with location, practitioner and room."""
    owner, zone = Owner.of(row), row.location.zone
    deed = Deed.CHANGE_CLINIC if owner.is_location else Deed.MOVE
    return Shut(row, owner, when_words(row.starts, row.ends, zone), local_day(row.starts, zone), by.can(deed))


def closure_of(by: Staff, pk: UUID) -> Shut:
    rows = Closure.objects.visible_to(by).select_related("location", "practitioner", "room")
    return shut(rows.get(pk=pk), by)


def special_day(by: Staff, pk: UUID) -> tuple[Owner, date]:
    """Return whose and which day a row of other hours is about."""
    row = SpecialHours.objects.visible_to(by).select_related("location", "practitioner", "room").get(pk=pk)
    return Owner.of(row), row.day


def owners_to_close(by: Staff) -> tuple[tuple[Location, tuple[Owner, ...]], ...]:
    """Return by location who may be entered as away: people, rooms, and for managers the location itself. Three
    queries."""
    locations = tuple(Location.objects.visible_to(by).filter(is_active=True))
    people = list(Practitioner.objects.filter(location__in=locations, is_active=True))
    rooms = list(Room.objects.filter(location__in=locations, is_active=True))
    whole = by.can(Deed.CHANGE_CLINIC)
    return tuple(
        (
            place,
            (
                *(Owner(place, practitioner=one) for one in people if one.location_id == place.pk),
                *(Owner(place, room=one) for one in rooms if one.location_id == place.pk),
                *([Owner(place)] if whole else []),
            ),
        )
        for place in locations
    )


def week_to_edit(by: Staff, key: str) -> WeekToEdit:
    """DoesNotExist for what is not the viewer's. Two queries."""
    owner = Owner.get(key, by)
    weekly = _weeklies(WeeklyHours.objects.filter(location=owner.location))
    mine = weekly.get(owner.thing.pk, {})
    return WeekToEdit(owner, mine, week_words(mine), week_words(weekly.get(owner.location.pk, {})))


def holiday_page(
    by: Staff, *, location_id: UUID, country: str | None, region: str, year: int | None, now: datetime
) -> HolidayPage:
    """Return the holidays still to come of this year or the next. Two queries."""
    location = Location.objects.visible_to(by).get(pk=location_id)
    today = local_day(now, location.zone)
    country = country_of(location.jurisdiction) if country is None else country
    region = region if region in regions(country) else ""
    year = year if year in (today.year, today.year + 1) else today.year
    rows = Closure.objects.filter(location=location, practitioner=None, room=None, kind=ClosureKind.HOLIDAY)
    closed = {local_day(starts, location.zone) for starts in rows.values_list("starts", flat=True)}
    coming = (one for one in holidays_of(country, year, region) if one.day >= today)
    found = tuple(HolidayRow(one, one.day in closed) for one in coming)
    return HolidayPage(location, today, year, country, region, found)


def _weeklies(rows: Iterable[WeeklyHours]) -> dict[UUID, dict[int, list[Clocks]]]:
    found: dict[UUID, dict[int, list[Clocks]]] = {}
    for row in rows:
        owner = row.practitioner_id or row.room_id or row.location_id
        found.setdefault(owner, {}).setdefault(row.weekday, []).append((row.opens, row.closes))
    return found


def _days(weekly: Mapping[int, Sequence[Clocks]]) -> tuple[str, ...]:
    return tuple(clocks_words(weekly.get(day, ())) for day in WEEK) if weekly else ()


def _special(location: Location, today: date) -> Iterable[Special]:
    rows = SpecialHours.objects.filter(location=location, day__gte=today).select_related("practitioner", "room")
    found: dict[tuple[date, str], list[SpecialHours]] = {}
    for row in rows.order_by("day", "opens"):
        row.location = location
        found.setdefault((row.day, Owner.of(row).key), []).append(row)
    for (day, _), periods in found.items():
        words = clocks_words([(one.opens, one.closes) for one in periods])
        yield Special(periods[0].pk, Owner.of(periods[0]), day, words, periods[0].note)
