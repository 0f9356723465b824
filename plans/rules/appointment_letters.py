"""Letters that tell what has become of an appointment: booked, alone or together, moved, cancelled, missed, offered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from clinic.rules.local_time import after
from plans.rules.coming_letters import EXPECTED, AppointmentFacts, about_coming
from plans.rules.letter_kinds import LetterKind
from plans.rules.letter_wish import House, Wanted
from plans.rules.states import AppointmentState

MISSED_USEFUL = timedelta(days=5)
# Later than this before it begins, nobody reads a mail and comes in time: such a time is offered by phone.
OFFER_LEAD = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """An earlier time that is still hers to take, until `until`."""

    id: UUID
    starts: datetime
    made_at: datetime
    until: datetime
    house: House | None = None


_ANNOUNCEMENTS = {
    "booked": LetterKind.APPOINTMENT_BOOKED,
    "moved": LetterKind.APPOINTMENT_MOVED,
    "cancelled": LetterKind.APPOINTMENT_CANCELLED,
}


def about_appointments(rows: Iterable[AppointmentFacts], house: House) -> Iterator[Wanted]:
    """`house` signs for appointments that name none of their own."""
    series: dict[UUID, list[AppointmentFacts]] = {}
    for row in rows:
        if row.series:
            series.setdefault(row.series, []).append(row)
        yield from _announcement(row, row.house or house)
        yield from about_coming(row, row.house or house)
    for key, together in series.items():
        yield from _about_series(key, together, house)


def about_offer(offer: OfferFacts, house: House) -> Iterator[Wanted]:
    until = min(offer.until, offer.starts - OFFER_LEAD)
    letter = (offer.house or house).wish(
        LetterKind.WAITING_OFFER, offer.id, offer.starts.isoformat(), due=offer.made_at, until=until
    )
    if letter:
        yield letter


def _about_series(key: UUID, together: Sequence[AppointmentFacts], house: House) -> Iterator[Wanted]:
    """One letter for all that still stand as they were booked. What was moved or cancelled since has its own.

    It states which were booked together, not what became of them: a letter that has left is not sent again because one
    of its dates changed or passed.
    """
    standing = [row for row in together if row.announced == "booked" and row.state in EXPECTED]
    if standing:
        due, until = min(row.changed_at for row in standing), max(row.starts for row in standing)
        signs = standing[0].house or house
        letter = signs.wish(LetterKind.SERIES_BOOKED, key, key.hex, due=due, until=until)
        if letter:
            yield letter


def _announcement(row: AppointmentFacts, house: House) -> Iterator[Wanted]:
    if row.announced == "missed" and row.state is AppointmentState.NO_SHOW:
        kind = LetterKind.APPOINTMENT_MISSED
        # A patient who is late may still come.
        due = max(after(row.starts, house.lead(kind), house.zone), row.changed_at)
        yield from _letter(kind, row, house, due, row.starts + MISSED_USEFUL)
    kind_told = _ANNOUNCEMENTS.get(row.announced)
    if kind_told is None or (row.series and kind_told is LetterKind.APPOINTMENT_BOOKED):
        return
    is_cancelled = row.state is AppointmentState.CANCELLED
    if (is_cancelled or row.state in EXPECTED) and is_cancelled == (kind_told is LetterKind.APPOINTMENT_CANCELLED):
        yield from _letter(kind_told, row, house, row.changed_at, row.starts)


def _letter(kind: LetterKind, row: AppointmentFacts, house: House, due: datetime, until: datetime) -> Iterator[Wanted]:
    letter = house.wish(kind, row.id, row.starts.isoformat(), due=due, until=until)
    if letter:
        yield letter
