"""Today at the front desk: who is expected, here, being treated and done, and since when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.roles import Deed
from plans.models import Appointment
from plans.models.appointment import LIVE
from plans.models.visit_facts import numbing_keys
from plans.queries.day_rows import (
    Places,
    appointments_between,
    given_words,
    is_to_phone,
    places_of,
    what_words,
    with_no_shows,
)
from plans.queries.readiness import Readiness, readiness
from plans.rules.booking import why_not_no_show
from plans.rules.no_shows import no_show_words
from plans.rules.states import AppointmentPurpose, AppointmentState, SessionState
from plans.rules.waiting_time import Spell, spell

_A = AppointmentState


@dataclass(frozen=True, slots=True)
class Step:
    """One button: the step's name in the address, its word, and whether it is the one to press next."""

    name: str
    word: str
    is_next: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """`spell`: how long she waits or is late. `missed`: words for a no-show, e.g. "2nd no-show in 12 months"."""

    appointment: Appointment
    zone: ZoneInfo
    what: str
    given: str
    readiness: Readiness | None
    spell: Spell | None
    to_phone: bool
    steps: tuple[Step, ...]
    undo: Step | None
    can_complete: bool
    can_review: bool
    can_miss: bool
    missed: str

    @property
    def mark(self) -> str:
        """Whatever of it can change while one looks."""
        one = self.appointment
        whys = [why.sentence for why in self.readiness.whys] if self.readiness else []
        said = (
            self.what,
            self.given,
            one.starts,
            one.room_id,
            one.practitioner_id,
            one.patient.name,
            one.patient.alert,
        )
        return repr((one.pk.hex, one.version, one.state, self.spell, self.to_phone, self.missed, whys, said))


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    title: str
    cards: tuple[Card, ...]
    empty: str


@dataclass(frozen=True, slots=True)
class Board:
    """`mark` is another one as soon as anything shown is: who polls is answered only then."""

    today: date
    places: Places
    columns: tuple[Column, ...]
    missed: tuple[Card, ...]
    mark: str

    @property
    def is_empty(self) -> bool:
        return not self.missed and not any(column.cards for column in self.columns)

    @property
    def long_waits(self) -> int:
        """Who waits or is late for too long."""
        return sum(1 for column in self.columns for card in column.cards if card.spell and card.spell.is_long)


_COLUMNS: tuple[tuple[str, str, tuple[AppointmentState, ...], str], ...] = (
    ("expected", "Expected", (_A.BOOKED, _A.CONFIRMED), "Nobody else is expected today."),
    ("arrived", "Arrived", (_A.ARRIVED,), "Nobody waits. Who is checked in stands here."),
    ("in_treatment", "In treatment", (_A.IN_TREATMENT,), "Nobody is being treated now."),
    ("done", "Done", (_A.DONE,), "Nobody has left yet."),
)


def board(by: Staff, *, location_id: UUID | None, now: datetime) -> Board:
    """Return the day as each place counts it. DoesNotExist for a location that is not the viewer's. Eight queries."""
    places = places_of(by, location_id)
    days = [(place, day, day) for place in places.looked_at if (day := local_day(now, place.zone))]
    rows = list(with_no_shows(appointments_between(by, days), now))
    stand = readiness([row for row in rows if row.state in LIVE], by=by, now=now)
    cards = [_card(row, stand.get(row.pk), by, now) for row in rows]
    missed = _in(cards, [_A.NO_SHOW])
    columns = tuple(Column(key, title, _in(cards, states), empty) for key, title, states, empty in _COLUMNS)
    today = places.today(now)
    return Board(today, places, columns, missed, _mark(today, cards))


def _mark(today: date, cards: Iterable[Card]) -> str:
    return sha256("\n".join([today.isoformat(), *(card.mark for card in cards)]).encode()).hexdigest()[:16]


def _in(cards: Iterable[Card], states: Sequence[AppointmentState]) -> tuple[Card, ...]:
    return tuple(card for card in cards if card.appointment.state in states)


def _card(row: Appointment, standing: Readiness | None, by: Staff, now: datetime) -> Card:
    state, may = AppointmentState(row.state), by.can(Deed.CHECK_IN)
    passing = spell(state, starts=row.starts, ends=row.ends, arrived_at=row.arrived_at, began_at=row.began_at, now=now)
    is_here = state in (_A.ARRIVED, _A.IN_TREATMENT)
    is_open = row.session is not None and row.session.state == SessionState.PLANNED
    missed = row.missed  # type: ignore[attr-defined]  # annotated by with_no_shows
    return Card(
        appointment=row,
        zone=row.location.zone,
        what=what_words(row),
        given=given_words(row),
        readiness=standing,
        spell=passing,
        to_phone=is_to_phone(row.patient),
        steps=tuple(_steps(row, state)) if may else (),
        undo=_undo(state) if may else None,
        can_complete=is_here and is_open and by.can(Deed.COMPLETE_SESSION),
        can_review=is_here and row.review is not None and by.can(Deed.REVIEW),
        can_miss=may and why_not_no_show(state, row.starts, now) is None,
        missed=no_show_words(missed) if state is _A.NO_SHOW and missed else "",
    )


def _steps(row: Appointment, state: AppointmentState) -> Iterable[Step]:
    if state in (_A.BOOKED, _A.CONFIRMED):
        yield Step("arrive", "Check in", is_next=True)
    elif state is _A.NO_SHOW:
        yield Step("arrive", "Came after all")
    elif state is _A.ARRIVED:
        if numbing_keys(row.session):
            yield Step("not-numbed", "Undo cream") if row.numbed_at else Step("numb", "Numbing cream applied")
        yield Step("begin", "Begin", is_next=True)
    elif state is _A.IN_TREATMENT and row.purpose != AppointmentPurpose.SESSION:
        yield Step("finish", "Done", is_next=True)


def _undo(state: AppointmentState) -> Step | None:
    if state is _A.ARRIVED:
        return Step("back", "Undo check-in")
    if state is _A.IN_TREATMENT:
        return Step("back", "Undo begin")
    return None
