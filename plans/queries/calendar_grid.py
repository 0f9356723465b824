"""A day's grid: for each practitioner or room what is open, what is shut and what is booked, as rows and tracks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.local_time import local_day
from clinic.rules.opening import Period
from plans.queries.calendar_alerts import Alert, AlertBook
from plans.queries.calendar_rows import ROOM, HourBook, Premises, Row, Shut, Thing
from plans.rules.calendar_grid import DAY, LEAST_ROWS, Place, Span, gaps, rows_of, shown_hours, side_by_side
from plans.rules.states import HOLDING, AppointmentState, may_move
from plans.rules.wording import clock_words

STRANGER = "Taken: a patient of another clinic"


class Event(NamedTuple):
    """One appointment as it is drawn. `pk` None: somebody else's patient, of whom nothing is shown but the time.

    `other`: the room where columns are practitioners, and the other way round; None where it cannot be dragged.
    """

    pk: UUID | None
    css: str
    when: str
    name: str
    state: str
    alerts: tuple[Alert, ...]
    what: str
    where: str
    other: str | None
    minutes: int


class Block(NamedTuple):
    """A time with a word: "Break", "Leave"; none for what is simply open."""

    css: str
    words: str


@dataclass(slots=True)
class Column:
    """One practitioner or one room on one local day. `pk` None: what stands in no room."""

    pk: UUID | None
    name: str
    place: Thing
    day: date
    zone: ZoneInfo
    rows: list[Row]
    periods: tuple[Span, ...]
    shut: tuple[tuple[Span, str], ...]
    note: str = ""
    blocks: tuple[Block, ...] = ()
    tails: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    now: str = ""
    is_today: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """`hours`: where each hour shown begins, with its words. `rows`: how many five minutes there are. `now`: where it
    stands at the side; None where the day is another, or the places' clocks differ."""

    columns: tuple[Column, ...]
    hours: tuple[Block, ...]
    rows: int
    first: int
    several: bool
    now: Block | None


def grid_of(
    columns: Sequence[Column], premises: Premises, alerts: AlertBook, *, by: str, now: datetime, may_drag: bool
) -> Grid:
    """Lay the columns out over the same hours. Asks nothing of the database."""
    names, homes = premises.named(), premises.homes
    spans = {row.pk: _span(row.starts, row.ends, column.day, column.zone) for column in columns for row in column.rows}
    opened = (span for column in columns for span in column.periods)
    shown = shown_hours([*opened, *spans.values()])
    for column in columns:
        places = side_by_side(
            [spans[row.pk] for row in column.rows],
            [row.state == AppointmentState.NO_SHOW for row in column.rows],
            shown,
        )
        drawn = [(row, place) for row, place in zip(column.rows, places, strict=True) if place]
        column.events = tuple(
            _event(row, place, column, alerts, names, homes, by=by, may_drag=may_drag) for row, place in drawn
        )
        column.tails = tuple(_tails(drawn, column, shown, by=by))
        column.blocks = tuple(_blocks(column, shown))
        column.is_today = column.day == local_day(now, column.zone)
        column.now = _now(column, shown, now)
    hours = tuple(
        Block(f"k-r{(minute - shown[0]) // 5 + 1}", f"{minute // 60:02}:00") for minute in range(shown[0], shown[1], 60)
    )
    several = len({column.place.pk for column in columns}) > 1
    clocks = {Block(column.now, clock_words(now, column.zone)) for column in columns if column.now}
    line = clocks.pop() if len(clocks) == 1 else None
    return Grid(tuple(columns), hours, (shown[1] - shown[0]) // 5, shown[0], several, line)


def column_of(thing: Thing, day: date, rows: list[Row], hours: HourBook, place: Thing) -> Column:
    """What a practitioner or a room does on a local day; a room without hours is open when its place is."""
    zone = ZoneInfo(thing.zone)
    periods: Sequence[Period] | None
    if thing.kind == ROOM:
        periods = hours.book.of_room_at(thing.pk, thing.place, day, zone)
        if periods is None:
            periods = hours.book.of_person(thing.place, thing.place, day, zone)
    else:
        periods = hours.book.of_person(thing.pk, thing.place, day, zone)
    opened = tuple(_span(start, end, day, zone) for start, end in periods)
    shut = tuple(_shut(hours.shut, {thing.pk, thing.place}, day, zone))
    return Column(thing.pk, thing.name, place, day, zone, rows, opened, shut)


def no_room(day: date, rows: list[Row], hours: HourBook, place: Thing) -> Column:
    """What is held in no room at all."""
    zone = ZoneInfo(place.zone)
    opened = tuple(_span(*period, day, zone) for period in hours.book.of_person(place.pk, place.pk, day, zone))
    return Column(None, "No room", place, day, zone, rows, opened, ())


def _event(
    row: Row,
    place: Place,
    column: Column,
    alerts: AlertBook,
    names: dict[UUID, str],
    homes: frozenset[UUID],
    *,
    by: str,
    may_drag: bool,
) -> Event:
    when = clock_words(row.starts, column.zone)
    if row.home not in homes:
        return Event(None, f"is-stranger {place.css}", when, STRANGER, "", (), "", "", None, 0)
    found, _ = alerts.alerts(row, column.zone)
    state = AppointmentState(row.state)
    other = row.room if by != ROOM else row.practitioner
    loose = may_drag and may_move(state, AppointmentState.CANCELLED)
    size = "k-low " if place.rows <= LEAST_ROWS + 1 else ""
    return Event(
        row.pk,
        f"{size}is-{row.state} {place.css}",
        when,
        row.name,
        state.label,
        found,
        alerts.what(row),
        names.get(other, "") if other else "No room",
        (str(other) if other else "") if loose else None,
        int((row.ends - row.starts).total_seconds() // 60),
    )


def _tails(drawn: Sequence[tuple[Row, Place]], column: Column, shown: Span, *, by: str) -> Iterable[str]:
    """The minutes kept free afterwards."""
    for row, place in drawn:
        free_at = row.room_free_at if by == ROOM else row.practitioner_free_at
        if free_at > row.ends and row.state in HOLDING:
            tail = rows_of(_span(row.ends, free_at, column.day, column.zone), shown)
            if tail:
                yield Place(tail.row, tail.rows, place.track, place.tracks).css


def _blocks(column: Column, shown: Span) -> Iterable[Block]:
    """First what is open, then what is shut: the words of a closure, "Break" between two open periods."""
    for span in column.periods:
        if place := rows_of(span, shown):
            yield Block(f"k-open {place.css}", "")
    named = [span for span, _ in column.shut]
    lulls = [gap for gap in gaps(column.periods) if not any(_meet(gap, span) for span in named)]
    for span, words in (*column.shut, *((gap, "Break") for gap in lulls)):
        if place := rows_of(span, shown):
            yield Block(f"k-shut {place.css}", words)
    if not column.periods and not column.shut:
        yield Block(f"k-shut {Place(1, (shown[1] - shown[0]) // 5).css}", "Not in")


def _now(column: Column, shown: Span, now: datetime) -> str:
    if not column.is_today:
        return ""
    minute = _minute(now, column.day, column.zone)
    return f"k-r{(minute - shown[0]) // 5 + 1}" if shown[0] <= minute < shown[1] else ""


def _shut(shut: Iterable[Shut], owners: set[UUID], day: date, zone: ZoneInfo) -> Iterable[tuple[Span, str]]:
    for one in shut:
        if one.owner in owners:
            start, end = _span(one.starts, one.ends, day, zone)
            if start < end:
                yield (start, end), one.label


def _span(starts: datetime, ends: datetime, day: date, zone: ZoneInfo) -> Span:
    return _minute(starts, day, zone), _minute(ends, day, zone)


def _minute(instant: datetime, day: date, zone: ZoneInfo) -> int:
    """The minute on the local day's clock; before it 0, after it 24 hours."""
    local = instant.astimezone(zone)
    on = local.date()
    return 0 if on < day else DAY if on > day else local.hour * 60 + local.minute


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
