"""One day at the desk as a list: who comes when, how each appointment stands, and who is not ready."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from clinic.models import Location, Staff
from clinic.rules.local_time import local_day
from clinic.rules.roles import Deed
from plans.models import Appointment
from plans.models.appointment import LIVE
from plans.queries.calendar_rows import PLACE, ROOM, Thing, token_in, token_of
from plans.queries.calendar_where import fresh, today_at, where
from plans.queries.day_rows import ONE_DAY, appointments_between, given_words, is_to_phone, what_words
from plans.queries.readiness import Readiness, Standing, readiness
from plans.rules.booking import why_not_check_in, why_not_no_show
from plans.rules.calendar_look import Look
from plans.rules.states import AppointmentState


@dataclass(frozen=True, slots=True)
class DeskRow:
    """`readiness` None once the appointment is over; `to_phone`: no mail reaches this patient."""

    appointment: Appointment
    zone: ZoneInfo
    what: str
    given: str
    readiness: Readiness | None
    to_phone: bool
    can_check_in: bool
    can_no_show: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """`location` None: all of the viewer's. `things`: the practitioners or rooms to choose from. `not_ready` and
    `to_check` count those still to come. `token` changes when an appointment comes, goes or changes."""

    look: Look
    day: date
    today: date
    location: Thing | None
    locations: tuple[Thing, ...]
    things: tuple[Thing, ...]
    rows: tuple[DeskRow, ...]
    token: str
    not_ready: int
    to_check: int
    to_come: int

    @property
    def upcoming(self) -> DeskRow | None:
        """The first who is still expected or waiting to be seen; only today has one."""
        return next((row for row in self.rows if row.readiness), None) if self.day == self.today else None

    @property
    def before(self) -> date:
        return self.day - ONE_DAY

    @property
    def after(self) -> date:
        return self.day + ONE_DAY


def desk_day(by: Staff, look: Look, *, now: datetime) -> Desk:
    """Return the day, today without one. DoesNotExist for a location that is not the viewer's. Nine queries at most."""
    premises, places, location = where(by, look)
    today = today_at(places, now)
    day = look.day or today
    found = list(_of_day(by, look, day, places))
    open_ones = [row for row in found if row.state in LIVE]
    stand = readiness(open_ones, by=by, now=now)
    rows = tuple(_row(row, stand.get(row.pk), by, now) for row in found)
    standings = [row.readiness.standing for row in rows if row.readiness]
    here = {place.pk for place in places}
    return Desk(
        look=look,
        day=day,
        today=today,
        location=location,
        locations=premises.active(PLACE),
        things=tuple(one for one in premises.active(look.by) if one.place in here),
        rows=rows,
        token=fresh(token_of(found), now),
        not_ready=standings.count(Standing.NOT_READY),
        to_check=standings.count(Standing.CHECK),
        to_come=len(open_ones),
    )


def desk_token(by: Staff, look: Look, *, now: datetime) -> str:
    """Return what `Desk.token` would be now. Two queries."""
    _, places, _ = where(by, look)
    return fresh(token_in(_of_day(by, look, look.day or today_at(places, now), places)), now)


def _of_day(by: Staff, look: Look, day: date, places: Iterable[Thing]) -> QuerySet[Appointment]:
    """All of the day by each place's own calendar, of whom one looks for."""
    here = [Location(pk=place.pk, name=place.name, time_zone=place.zone) for place in places]
    rows = appointments_between(by, [(place, day, day) for place in here])
    if not look.who:
        return rows
    return rows.filter(room__in=look.who) if look.by == ROOM else rows.filter(practitioner__in=look.who)


def _row(row: Appointment, standing: Readiness | None, by: Staff, now: datetime) -> DeskRow:
    state = AppointmentState(row.state)
    may = by.can(Deed.CHECK_IN)
    return DeskRow(
        appointment=row,
        zone=row.location.zone,
        what=what_words(row),
        given=given_words(row),
        readiness=standing,
        to_phone=is_to_phone(row.patient),
        can_check_in=may and why_not_check_in(state) is None and _is_near(row, now),
        can_no_show=may and why_not_no_show(state, row.starts, now) is None,
    )


def _is_near(row: Appointment, now: datetime) -> bool:
    """On its own day: checking in for next week is a slip of the finger."""
    return local_day(row.starts, row.location.zone) == local_day(now, row.location.zone)
