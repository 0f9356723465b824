"""What holds people and rooms over some days, read as bits. One query, without a model per row: a clinic's month is
thousands of rows, and making objects of them would cost more than everything else."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from clinic.models.premises import LONGEST_BUFFER
from plans.models import Appointment
from plans.rules.diary import MINUTE, LocalDay, local_day_of
from plans.rules.states import HOLDING

ONE_DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# An index finds rows by their start: one that began longer ago than this does not hold anybody any more.
LONGEST = timedelta(days=2)
_TABLE = Appointment._meta.db_table
_WHOSE = (("practitioner_id", "practitioner_free_at"), ("room_id", "room_free_at"), ("patient_id", "ends"))
Pages = dict[UUID, list[int]]


@dataclass(slots=True)
class TakenTimes:
    """Reads `span` days at a time, when one of them is asked for; the days around `around` are the first stretch.

    `without`: an appointment that would be given up for the time that is looked for.
    """

    zone: ZoneInfo
    practitioners: Collection[UUID]
    rooms: Collection[UUID]
    patients: Collection[UUID]
    around: date
    span: int = 7
    without: UUID | None = None
    _read: dict[int, Pages] = field(default_factory=dict)

    def on(self, day: date) -> Callable[[UUID], int]:
        """Return what is taken from the start of the local day on, into the hours after it, by whose it is."""
        stretch, place = divmod((day - self.around).days + self.span // 2, self.span)
        pages = self._read.get(stretch)
        if pages is None:
            pages = self._read[stretch] = self._stretch(self.around + (stretch * self.span - self.span // 2) * ONE_DAY)
        return lambda who: pages[who][place]

    def _stretch(self, first: date) -> Pages:
        # One day more: what begins right after the last one may need its buffer.
        days = [local_day_of(first + number * ONE_DAY, self.zone) for number in range(self.span + 1)]
        whose = (self.practitioners, self.rooms, self.patients)
        rows = _rows(whose, days[0].begins, days[-1].begins + LONGEST_BUFFER * MINUTE, self.without)
        keys = {_key(one): one for group in whose for one in group}
        return _paged(rows, keys, days)


def _rows(
    whose: Sequence[Collection[UUID]], begins: datetime, ends: datetime, without: UUID | None
) -> Sequence[tuple[Any, Any, Any]]:
    """Return whose it is, from when and until when, the minutes kept free afterwards included."""
    parts: list[str] = []
    values: list[Any] = []
    adapt = connection.ops.adapt_datetimefield_value
    soonest, start, end = adapt(begins - LONGEST), adapt(begins), adapt(ends)
    states = sorted(str(state) for state in HOLDING)
    spared = "AND id <> %s" if without else ""
    for ids, (owner, until) in zip(whose, _WHOSE, strict=True):
        if ids:
            parts.append(
                f"SELECT {_owner_sql(owner)}, {_minute_sql('starts')}, {_minute_sql(until, up=True)} FROM {_TABLE} "
                f"WHERE {owner} IN ({_marks(ids)}) AND starts > %s AND starts < %s AND {until} > %s "
                f"AND state IN ({_marks(states)}) {spared}"
            )
            values += [*map(_key, ids), soonest, end, start, *states, *([_key(without)] if without else [])]
    if not parts:
        return ()
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), values)
        rows: list[tuple[Any, Any, Any]] = cursor.fetchall()
        return rows


def _paged(rows: Iterable[tuple[Any, Any, Any]], keys: dict[str, UUID], days: Sequence[LocalDay]) -> Pages:
    pages = {key: [0] * len(days) for key in keys}
    begins = [(day.begins - EPOCH) // MINUTE for day in days]
    starting, ending = _Places(begins), _Places(begins, up=True)
    last_who, mine = "", []
    for who, starts, ends in rows:
        # They come out of an index: one after the other's.
        if who != last_who:
            last_who, mine = who, pages[who]
        first, begin = starting[starts]
        last, end = ending[ends]
        if first == last:
            mine[first] |= end - begin
        else:
            _over_midnight(mine, starting.whole(starts), ending.whole(ends), begins)
    for mine in pages.values():
        _look_ahead(mine, days)
    return {keys[key]: mine for key, mine in pages.items()}


def _over_midnight(mine: list[int], starts: int, ends: int, begins: Sequence[int]) -> None:
    for number, midnight in enumerate(begins):
        until = begins[number + 1] if number + 1 < len(begins) else ends
        begin, end = max(starts, midnight) - midnight, min(ends, until) - midnight
        if begin < end:
            mine[number] |= (1 << end) - (1 << begin)


def _look_ahead(mine: list[int], days: Sequence[LocalDay]) -> None:
    """The minutes kept free after the last appointment of a day may reach into the next one."""
    early = (1 << LONGEST_BUFFER) - 1
    for number in range(len(mine) - 1):
        if after := mine[number + 1] & early:
            mine[number] |= after << days[number].minutes


class _Places(dict[Any, tuple[int, int]]):
    """Where an instant as the database gives it stands: the number of its day, and its minute as one bit. Instants come
    again and again, so each is read once. Before the first day: -1. Of a minute begun, all is taken: `up` at an end."""

    def __init__(self, begins: Sequence[int], *, up: bool = False) -> None:
        super().__init__()
        self.begins, self.up = begins, up
        self.midnights: dict[str, int] = {}

    def __missing__(self, raw: Any) -> tuple[int, int]:
        minute = self.whole(raw)
        number = bisect_right(self.begins, minute) - 1
        place = number, 1 << (minute - self.begins[number]) if number >= 0 else 0
        self[raw] = place
        return place

    def whole(self, raw: Any) -> int:
        """Minutes since 1970. SQLite keeps instants as text, in UTC."""
        if isinstance(raw, int):
            return raw
        day = raw[:10]
        if day not in self.midnights:
            self.midnights[day] = (date.fromisoformat(day) - EPOCH.date()).days * 1440
        minute = self.midnights[day] + 60 * int(raw[11:13]) + int(raw[14:16])
        return minute + 1 if self.up and raw[16:] != ":00" and raw[16:].strip(":.0") else minute


def _is_sqlite() -> bool:
    return connection.vendor == "sqlite"


def _key(one: UUID) -> str:
    """An id as it is compared with and as it comes back."""
    return one.hex if _is_sqlite() else str(one)


def _owner_sql(column: str) -> str:
    return column if _is_sqlite() else f"{column}::text"


def _minute_sql(column: str, *, up: bool = False) -> str:
    rounded = "ceil" if up else "floor"
    return f"CAST({column} AS TEXT)" if _is_sqlite() else f"{rounded}(date_part('epoch', {column}) / 60)::bigint"


def _marks(values: Collection[object]) -> str:
    return ", ".join(["%s"] * len(values))
