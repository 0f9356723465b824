"""Rows of hours read into the rules' values: when each person, room and location of some places is open."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models.hours import Closure, SpecialHours
from clinic.models.location import Location
from clinic.models.premises import Practitioner, Room, WeeklyHours
from clinic.rules.local_time import start_of_day
from clinic.rules.opening import Clocks, Hours, Period, opening, room_opening

ONE_DAY = timedelta(days=1)
UTC_ZONE = ZoneInfo("UTC")
_WHOSE = ("location_id", "practitioner_id", "room_id")


@dataclass(frozen=True, slots=True)
class OpenBook:
    """Hours by the id of the person, room or location whose they are. Asks nothing of the database any more."""

    hours: Mapping[UUID, Hours]

    @classmethod
    def read(cls, places: Collection[Location], *, first: date, last: date) -> OpenBook:
        """Read the hours of all at `places` between two local days, both included. Three queries."""
        weekly: dict[UUID, dict[int, list[Clocks]]] = {}
        special: dict[UUID, dict[date, list[Clocks]]] = {}
        closed: dict[UUID, list[Period]] = {}
        here = {"location__in": [place.pk for place in places]}
        rows = WeeklyHours.objects.filter(**here).order_by("opens")
        for *whose, weekday, opens, closes in rows.values_list(*_WHOSE, "weekday", "opens", "closes"):
            weekly.setdefault(_owner(whose), {}).setdefault(weekday, []).append((opens, closes))
        days = SpecialHours.objects.filter(**here, day__range=(first, last)).order_by("opens")
        for *whose, day, opens, closes in days.values_list(*_WHOSE, "day", "opens", "closes"):
            special.setdefault(_owner(whose), {}).setdefault(day, []).append((opens, closes))
        # A day more at both ends: places lie in different zones.
        begins, ends = start_of_day(first - ONE_DAY, UTC_ZONE), start_of_day(last + 2 * ONE_DAY, UTC_ZONE)
        shut = Closure.objects.filter(**here, starts__lt=ends, ends__gt=begins)
        for *whose, starts, until in shut.values_list(*_WHOSE, "starts", "ends"):
            closed.setdefault(_owner(whose), []).append((starts, until))
        owners = {*weekly, *special, *closed}
        return cls({one: Hours(weekly.get(one, {}), special.get(one, {}), closed.get(one, ())) for one in owners})

    def of_practitioner(self, practitioner: Practitioner, day: date, zone: ZoneInfo) -> tuple[Period, ...]:
        """Return when they can be booked on a local day, in order."""
        return self.of_person(practitioner.pk, practitioner.location_id, day, zone)

    def of_person(self, practitioner_id: UUID, location_id: UUID, day: date, zone: ZoneInfo) -> tuple[Period, ...]:
        place = self.hours.get(location_id) or Hours()
        return opening(day, zone, own=self.hours.get(practitioner_id), place=place)

    def of_room(self, room: Room, day: date, zone: ZoneInfo) -> tuple[Period, ...] | None:
        """Return when it can be used on a local day; None: whenever somebody works in it."""
        return self.of_room_at(room.pk, room.location_id, day, zone)

    def of_room_at(self, room_id: UUID, location_id: UUID, day: date, zone: ZoneInfo) -> tuple[Period, ...] | None:
        place = self.hours.get(location_id) or Hours()
        return room_opening(day, zone, own=self.hours.get(room_id), place=place)


def _owner(whose: list[UUID | None]) -> UUID:
    location, practitioner, room = whose
    owner = practitioner or room or location
    assert owner is not None
    return owner
