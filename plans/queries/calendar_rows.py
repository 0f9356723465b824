"""What the calendar reads: premises, hours and appointments, each in one query, as tuples and not as objects."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateField,
    DateTimeField,
    Exists,
    F,
    Field,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    TimeField,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Cast

from clinic.models import Closure, Location, Practitioner, Room, SpecialHours, Staff, WeeklyHours
from clinic.models.hour_facts import OpenBook
from clinic.rules.local_time import start_of_day
from clinic.rules.opening import ClosureKind, Hours, Period
from plans.models import Appointment, CareRule, ChecklistItem, Photo
from plans.rules.course import CarePhase
from plans.rules.numbing import NUMBING
from plans.rules.states import AppointmentState

ONE_DAY = timedelta(days=1)
UTC = ZoneInfo("UTC")


class Thing(NamedTuple):
    """A location, a practitioner or a room: whatever can have a column or be filtered by."""

    kind: str
    pk: UUID
    place: UUID
    name: str
    zone: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class Premises:
    """Everything of the viewer's places, those given up included: old appointments stand with them."""

    things: tuple[Thing, ...]

    def active(self, kind: str) -> tuple[Thing, ...]:
        open_places = {one.pk for one in self.things if one.kind == PLACE and one.is_active}
        found = (one for one in self.things if one.kind == kind and one.is_active and one.place in open_places)
        return tuple(sorted(found, key=lambda one: one.name.casefold()))

    def named(self) -> dict[UUID, str]:
        return {one.pk: one.name for one in self.things}

    @property
    def homes(self) -> frozenset[UUID]:
        """The viewer's places: whoever's home is another stays a stranger here."""
        return frozenset(one.pk for one in self.things if one.kind == PLACE)


PLACE, PRACTITIONER, ROOM = "place", "practitioner", "room"


def read_premises(by: Staff) -> Premises:
    """One query."""
    places = _things(Location.objects.visible_to(by), PLACE, "pk", "time_zone")
    people = _things(Practitioner.objects.visible_to(by), PRACTITIONER, "location_id", "location__time_zone")
    rooms = _things(Room.objects.visible_to(by), ROOM, "location_id", "location__time_zone")
    return Premises(tuple(Thing(*row) for row in places.union(people, rooms, all=True)))


def _things(rows: Any, kind: str, place: str, zone: str) -> Any:  # three models, one shape
    named = rows.order_by().annotate(kind=Value(kind, output_field=CharField()))
    return named.values_list("kind", "pk", place, "name", zone, "is_active")


class Shut(NamedTuple):
    """A time when nothing is booked, and whose: the first of the three that is named."""

    owner: UUID
    starts: datetime
    ends: datetime
    label: str


@dataclass(frozen=True, slots=True)
class HourBook:
    book: OpenBook
    shut: tuple[Shut, ...]


class _HourRow(NamedTuple):
    location: UUID
    practitioner: UUID | None
    room: UUID | None
    weekday: int | None
    day: date | None
    opens: Any
    closes: Any
    starts: datetime | None
    ends: datetime | None
    kind: str
    note: str

    @property
    def owner(self) -> UUID:
        return self.practitioner or self.room or self.location


def read_hours(places: Collection[UUID], *, first: date, last: date) -> HourBook:
    """The hours of all at `places` between two local days, both included, as `OpenBook.read` would give them. One
    query instead of its three: a page has ten."""
    here = Q(location__in=places)
    begins, ends = start_of_day(first - ONE_DAY, UTC), start_of_day(last + 2 * ONE_DAY, UTC)
    weekly = WeeklyHours.objects.filter(here)
    special = SpecialHours.objects.filter(here, day__range=(first, last))
    closed = Closure.objects.filter(here, starts__lt=ends, ends__gt=begins)
    rows = _hours(weekly, "weekday", "opens", "closes").union(
        _hours(special, "day", "opens", "closes", "note"), _hours(closed, "starts", "ends", "kind", "note"), all=True
    )
    return _hour_book([_HourRow(*row) for row in rows])


_EMPTY: dict[str, Field[Any, Any]] = {
    "weekday": IntegerField(), "day": DateField(), "opens": TimeField(), "closes": TimeField(),
    "starts": DateTimeField(), "ends": DateTimeField(),
}  # fmt: skip


def _hours(rows: Any, *has: str) -> Any:
    """The same eleven columns of each table; what one has not is an empty one of the right type."""
    made: dict[str, Any] = {
        name: F(name) if name in has else Cast(Value(None), field) for name, field in _EMPTY.items()
    }
    made |= {name: F(name) if name in has else Value("", CharField()) for name in ("kind", "note")}
    made |= {f"of_{name}": Cast(F(f"{name}_id"), UUIDField()) for name in ("location", "practitioner", "room")}
    columns = (
        "of_location",
        "of_practitioner",
        "of_room",
        *(f"x_{name}" for name in made if not name.startswith("of")),
    )
    shown = {name if name.startswith("of") else f"x_{name}": value for name, value in made.items()}
    return rows.order_by().annotate(**shown).values_list(*columns)


def _hour_book(rows: Iterable[_HourRow]) -> HourBook:
    weekly: dict[UUID, dict[int, list[Any]]] = {}
    special: dict[UUID, dict[date, list[Any]]] = {}
    closed: dict[UUID, list[Period]] = {}
    shut = []
    for row in sorted(rows, key=lambda one: (one.opens is None, str(one.opens or ""))):
        if row.starts and row.ends:
            closed.setdefault(row.owner, []).append((row.starts, row.ends))
            label = ClosureKind(row.kind).label
            shut.append(Shut(row.owner, row.starts, row.ends, f"{label}: {row.note}" if row.note else label))
        elif row.day is not None:
            special.setdefault(row.owner, {}).setdefault(row.day, []).append((row.opens, row.closes))
        elif row.weekday is not None:
            weekly.setdefault(row.owner, {}).setdefault(row.weekday, []).append((row.opens, row.closes))
    owners = {*weekly, *special, *closed}
    hours = {one: Hours(weekly.get(one, {}), special.get(one, {}), closed.get(one, ())) for one in owners}
    return HourBook(OpenBook(hours), tuple(shut))


class Row(NamedTuple):
    """One appointment as the calendar needs it. The order is `COLUMNS`'."""

    pk: UUID
    location: UUID
    practitioner: UUID
    room: UUID | None
    starts: datetime
    ends: datetime
    practitioner_free_at: datetime
    room_free_at: datetime
    state: str
    purpose: str
    version: int
    changed_at: datetime
    patient: UUID
    first_name: str
    last_name: str
    phone: str
    email: str
    mailbox: str
    alert: str
    home: UUID
    jurisdiction: str
    session: UUID | None
    plan: UUID | None
    number: int | None
    parts: Any
    earliest: date | None
    latest: date | None
    review: str | None
    is_unticked: bool
    has_photos: bool

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


COLUMNS = (
    "pk", "location_id", "practitioner_id", "room_id", "starts", "ends", "practitioner_free_at", "room_free_at",
    "state", "purpose", "version", "changed_at", "patient_id", "patient__first_name", "patient__last_name",
    "patient__phone", "patient__email", "patient__mailbox", "patient__alert", "patient__home_location_id",
    "patient__home_location__jurisdiction", "session_id", "session__plan_id", "session__number",
    "session__parts_json", "session__earliest", "session__latest", "review__title", "is_unticked", "has_photos",
)  # fmt: skip


def rows_between(places: Iterable[Thing], first: date, last: date) -> QuerySet[Appointment]:
    """All of those local days by each place's own calendar, those cancelled left out."""
    either = Q(pk__in=[])
    for place in places:
        zone = ZoneInfo(place.zone)
        begins, ends = start_of_day(first, zone), start_of_day(last + ONE_DAY, zone)
        either |= Q(location=place.pk, starts__gte=begins, starts__lt=ends)
    return Appointment.objects.filter(either).exclude(state=AppointmentState.CANCELLED)


def read_rows(places: Iterable[Thing], first: date, last: date) -> list[Row]:
    """One query. Those of patients from other places are there too, for the time they hold: show no name of theirs."""
    # Numbing cream has an hour of its own, and is asked for then.
    creams = CareRule.objects.filter(act=NUMBING).order_by().values("key")
    open_items = ChecklistItem.objects.filter(
        session=OuterRef("session_id"), phase=CarePhase.PRE, ticked_at__isnull=True
    ).exclude(rule_key__in=creams)
    photos = Photo.objects.filter(review=OuterRef("review_id"), superseded_at__isnull=True)
    rows = rows_between(places, first, last).annotate(
        is_unticked=_where("session_id", Exists(open_items)), has_photos=_where("review_id", Exists(photos))
    )
    return [Row(*row) for row in rows.order_by("starts", "pk").values_list(*COLUMNS)]


def _where(name: str, asked: Exists) -> Case:
    """Asked only of rows that have one."""
    there = Q(**{f"{name}__isnull": False})
    return Case(When(there & Q(asked), then=Value(True)), default=Value(False), output_field=BooleanField())


def token_in(rows: QuerySet[Appointment]) -> str:
    """Changes whenever an appointment comes, goes or changes. One query."""
    found = rows.order_by().aggregate(count=Count("pk"), changes=Sum("version"), newest=Max("changed_at"))
    return _token(found["count"], found["changes"] or 0, found["newest"])


def token_of(rows: Iterable[Row | Appointment]) -> str:
    """The same, for rows that are read already."""
    found = [(row.version, row.changed_at) for row in rows]
    newest = max((changed_at for _, changed_at in found), default=None)
    return _token(len(found), sum(version for version, _ in found), newest)


def _token(count: int, changes: int, newest: datetime | None) -> str:
    return f"{count}-{changes}-{newest.timestamp() if newest else 0:.6f}"
