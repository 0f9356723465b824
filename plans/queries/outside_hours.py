"""Which appointments would lie outside of hours somebody is about to write down: nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from clinic.models import Location, Staff
from clinic.models.hour_facts import OpenBook
from clinic.models.hour_owner import Owner
from clinic.rules.local_time import local_day
from clinic.rules.opening import Clocks, Hours
from plans.models import Appointment
from plans.queries.day_rows import what_words
from plans.rules.booking import is_inside
from plans.rules.states import AppointmentState

# Whoever is being treated is not asked to leave.
WAITING = (AppointmentState.BOOKED, AppointmentState.CONFIRMED, AppointmentState.ARRIVED)


@dataclass(frozen=True, slots=True)
class Outside:
    """One that would lie outside. `what` it holds; `zone` its place's."""

    appointment: Appointment
    zone: ZoneInfo
    what: str


@dataclass(frozen=True, slots=True)
class Effect:
    """`others`: booked by patients of other places, whom the viewer does not see. `sign` tells whether the page that
    was looked at showed the same."""

    rows: tuple[Outside, ...]
    others: int

    @property
    def sign(self) -> str:
        return ",".join([*(row.appointment.pk.hex[-8:] for row in self.rows), str(self.others)])

    def __bool__(self) -> bool:
        return bool(self.rows or self.others)


def outside_week(by: Staff, owner: Owner, weekly: Mapping[int, Sequence[Clocks]], *, now: datetime) -> Effect:
    """Return what would lie outside of a new week, and lies inside today. Five queries."""
    rows = _coming(owner, now)
    return _effect(by, owner, rows, lambda hours: replace(hours, weekly=weekly))


def outside_day(by: Staff, owner: Owner, day: date, periods: Sequence[Clocks], *, now: datetime) -> Effect:
    """The same for other hours on one date; without periods the weekly hours count again."""
    rows = [row for row in _coming(owner, now) if local_day(row.starts, owner.location.zone) == day]

    def changed(hours: Hours) -> Hours:
        special = {one: clocks for one, clocks in hours.special.items() if one != day}
        return replace(hours, special={**special, day: periods} if periods else special)

    return _effect(by, owner, rows, changed)


def booked_on(location: Location, days: Iterable[date], *, now: datetime) -> dict[date, int]:
    """Return how many are booked on each of these days. One query."""
    found = dict.fromkeys(days, 0)
    for starts in _coming_rows(Owner(location), now).values_list("starts", flat=True):
        day = local_day(starts, location.zone)
        if day in found:
            found[day] += 1
    return found


def _effect(by: Staff, owner: Owner, rows: Sequence[Appointment], changed: Callable[[Hours], Hours]) -> Effect:
    if not rows:
        return Effect((), 0)
    zone = owner.location.zone
    days = [local_day(row.starts, zone) for row in rows]
    before = OpenBook.read([owner.location], first=min(days), last=max(days))
    key = owner.thing.pk
    after = OpenBook({**before.hours, key: changed(before.hours.get(key) or Hours())})
    out = [row for row in rows if _fits(row, before, zone) and not _fits(row, after, zone)]
    seen = set(Appointment.objects.visible_to(by).filter(pk__in=[row.pk for row in out]).values_list("pk", flat=True))
    shown = tuple(Outside(row, zone, what_words(row)) for row in out if row.pk in seen)
    return Effect(shown, len(out) - len(shown))


def _fits(row: Appointment, book: OpenBook, zone: ZoneInfo) -> bool:
    day = local_day(row.starts, zone)
    if not is_inside(row.starts, row.ends, book.of_person(row.practitioner_id, row.location_id, day, zone)):
        return False
    if row.room_id is None:
        return True
    usable = book.of_room_at(row.room_id, row.location_id, day, zone)
    return usable is None or is_inside(row.starts, row.ends, usable)


def _coming(owner: Owner, now: datetime) -> list[Appointment]:
    rows = _coming_rows(owner, now).select_related("patient", "practitioner", "room", "session__plan", "review")
    return list(rows.order_by("starts", "pk"))


def _coming_rows(owner: Owner, now: datetime) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(location=owner.location, state__in=WAITING, ends__gt=now)
    if owner.practitioner:
        return rows.filter(practitioner=owner.practitioner)
    return rows.filter(room=owner.room) if owner.room else rows
