"""The calendar of one look: the day's or the week's columns, what is to come, and who is not ready."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.roles import Deed
from plans.models.appointment import LIVE
from plans.queries.calendar_alerts import Alert, AlertBook
from plans.queries.calendar_grid import Column, Grid, column_of, grid_of, no_room
from plans.queries.calendar_rows import (
    PLACE,
    PRACTITIONER,
    ROOM,
    HourBook,
    Premises,
    Row,
    Thing,
    read_hours,
    read_rows,
    rows_between,
    token_in,
    token_of,
)
from plans.queries.calendar_where import fresh, today_at, where
from plans.queries.readiness import Standing
from plans.rules.calendar_look import WEEK, Look
from plans.rules.states import AppointmentState
from plans.rules.wording import clock_words


@dataclass(frozen=True, slots=True)
class Coming:
    """The first who is still expected or waiting to be seen."""

    patient: UUID
    when: str
    where: str
    name: str
    what: str
    standing: Standing
    alerts: tuple[Alert, ...]


class Line(NamedTuple):
    """One appointment in a week's cell."""

    pk: UUID | None
    css: str
    when: str
    name: str
    state: str
    what: str
    grave: str


@dataclass(frozen=True, slots=True)
class WeekRow:
    """One practitioner or room over seven days."""

    pk: UUID | None
    name: str
    place: Thing
    cells: tuple[tuple[date, tuple[Line, ...], str], ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """`grid` or `week`, never both. `things`: what can be chosen as a column; `nobody`: none of them works then."""

    look: Look
    today: date
    days: tuple[date, ...]
    locations: tuple[Thing, ...]
    location: Thing | None
    things: tuple[Thing, ...]
    grid: Grid | None
    week: tuple[WeekRow, ...]
    token: str
    booked: int
    to_come: int
    not_ready: int
    to_check: int
    coming: Coming | None
    nobody: bool

    @property
    def day(self) -> date:
        return self.look.day or self.today

    @property
    def before(self) -> date:
        return self.day - self.look.step

    @property
    def after(self) -> date:
        return self.day + self.look.step


def calendar(by: Staff, look: Look, *, now: datetime) -> Calendar:
    """Return what is looked at. DoesNotExist for a location that is not the viewer's. Eight queries at most."""
    premises, places, location = where(by, look)
    today = today_at(places, now)
    days = look.days(today)
    hours = read_hours([place.pk for place in places], first=days[0], last=days[-1])
    rows = read_rows(places, days[0], days[-1])
    alerts = AlertBook.read([row for row in rows if row.home in premises.homes])
    things = tuple(one for one in premises.active(look.by) if one.place in {place.pk for place in places})
    columns = _columns(look, things, premises, places, rows, hours, days)
    is_grid = look.view != WEEK or len(look.who) == 1
    may_drag = by.can(Deed.MOVE)
    stand = _Standings.of([row for column in columns for row in column.rows], premises, alerts)
    return Calendar(
        look=look,
        today=today,
        days=days,
        locations=premises.active(PLACE),
        location=location,
        things=things,
        grid=grid_of(columns, premises, alerts, by=look.by, now=now, may_drag=may_drag) if is_grid else None,
        week=() if is_grid else _week(columns, premises, alerts),
        token=fresh(token_of(rows), now),
        booked=stand.booked,
        to_come=stand.to_come,
        not_ready=stand.not_ready,
        to_check=stand.to_check,
        coming=stand.coming(alerts, premises) if days == (today,) else None,
        nobody=not any(column.periods for column in columns),
    )


def calendar_token(by: Staff, look: Look, *, now: datetime) -> str:
    """Return what `Calendar.token` would be now. Two queries."""
    _, places, _ = where(by, look)
    days = look.days(today_at(places, now))
    return fresh(token_in(rows_between(places, days[0], days[-1])), now)


def _columns(
    look: Look,
    things: tuple[Thing, ...],
    premises: Premises,
    places: tuple[Thing, ...],
    rows: list[Row],
    hours: HourBook,
    days: tuple[date, ...],
) -> list[Column]:
    """A column for everybody who can be booked, and for whoever else has something: nothing booked is left out."""
    is_room = look.by == ROOM
    by_place = {place.pk: place for place in places}
    zones = {place.pk: ZoneInfo(place.zone) for place in places}
    found: dict[tuple[UUID | None, UUID, date], list[Row]] = {}
    for row in rows:
        key = (row.room if is_room else row.practitioner, row.location, local_day(row.starts, zones[row.location]))
        found.setdefault(key, []).append(row)
    booked = {pk for pk, *_ in found}
    kind = ROOM if is_room else PRACTITIONER
    gone = [one for one in premises.things if one.kind == kind and one not in things and one.pk in booked]
    shown = [one for one in (*things, *gone) if not look.who or one.pk in look.who]
    columns = [
        column_of(one, day, found.get((one.pk, one.place, day), []), hours, by_place[one.place])
        for one in shown if one.place in by_place
        for day in days
    ]  # fmt: skip
    if is_room and not look.who:
        homeless = {place for pk, place, _ in found if pk is None}
        columns += [
            no_room(day, found.get((None, place, day), []), hours, by_place[place]) for place in homeless
            for day in days
        ]  # fmt: skip
    return columns


@dataclass(frozen=True, slots=True)
class _Standings:
    booked: int
    to_come: int
    not_ready: int
    to_check: int
    first: Row | None
    zones: dict[UUID, ZoneInfo]

    @classmethod
    def of(cls, rows: list[Row], premises: Premises, alerts: AlertBook) -> _Standings:
        zones = {one.pk: ZoneInfo(one.zone) for one in premises.things if one.kind == PLACE}
        ours = [row for row in rows if row.home in premises.homes]
        found = [alerts.alerts(row, zones[row.location])[1] for row in ours]
        live = [row for row in ours if row.state in LIVE]
        first = min(live, key=lambda row: (row.starts, row.pk), default=None)
        return cls(len(rows), len(live), found.count(Standing.NOT_READY), found.count(Standing.CHECK), first, zones)

    def coming(self, alerts: AlertBook, premises: Premises) -> Coming | None:
        row = self.first
        if row is None:
            return None
        zone = self.zones[row.location]
        found, standing = alerts.alerts(row, zone)
        where = premises.named().get(row.room, "") if row.room else ""
        assert standing is not None
        return Coming(row.patient, clock_words(row.starts, zone), where, row.name, alerts.what(row), standing, found)


def _week(columns: list[Column], premises: Premises, alerts: AlertBook) -> tuple[WeekRow, ...]:
    rows: dict[tuple[UUID | None, UUID], list[Column]] = {}
    for column in columns:
        rows.setdefault((column.pk, column.place.pk), []).append(column)
    return tuple(
        WeekRow(pk, those[0].name, those[0].place, tuple(_cell(column, premises, alerts) for column in those))
        for (pk, _), those in rows.items()
    )


def _cell(column: Column, premises: Premises, alerts: AlertBook) -> tuple[date, tuple[Line, ...], str]:
    lines = tuple(_line(row, column, premises, alerts) for row in column.rows)
    words = next((words for _, words in column.shut), "") if not column.periods else ""
    return column.day, lines, words or ("" if column.periods else "Not in")


def _line(row: Row, column: Column, premises: Premises, alerts: AlertBook) -> Line:
    when = clock_words(row.starts, column.zone)
    if row.home not in premises.homes:
        return Line(None, "is-stranger", when, "Taken", "", "", "")
    found, _ = alerts.alerts(row, column.zone)
    plan = alerts.plans[row.plan] if row.plan else None
    what = f"{row.number}/{plan.total}" if plan else (row.review or "Consultation")
    grave = ", ".join(alert.words for alert in found if alert.kind == "alarm")
    return Line(row.pk, f"is-{row.state}", when, row.name, AppointmentState(row.state).label, what, grave)
