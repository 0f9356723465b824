"""Letters about appointments: booked, alone or together, moved, cancelled, coming, missed, or offered earlier."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from plans.rules.letter_kinds import LetterKind
from plans.rules.states import AppointmentPurpose, AppointmentState

# A patient who is late may still come.
MISSED_AFTER = timedelta(hours=1)
MISSED_USEFUL = timedelta(days=5)
# Later than this before it begins, nobody reads a mail and comes in time: such a time is offered by phone.
OFFER_LEAD = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A letter to plan. `facts` is what it states: when that changes, it is a new version of the letter."""

    kind: LetterKind
    about: UUID
    due_at: datetime
    useful_until: datetime
    facts: str


@dataclass(frozen=True, slots=True)
class AppointmentFacts:
    """`announced` is the last thing that happened to it: "booked", "moved", "cancelled", "missed", or "" for nothing to
    tell.

    `changed_at` is when that happened. `series` is shared by what was booked together: one letter tells of all of it.
    """

    id: UUID
    purpose: AppointmentPurpose
    starts: datetime
    ends: datetime
    state: AppointmentState
    announced: str
    changed_at: datetime
    session_number: int | None = None
    series: UUID | None = None


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """An earlier time that is still hers to take, until `until`."""

    id: UUID
    starts: datetime
    made_at: datetime
    until: datetime


_ANNOUNCEMENTS = {
    "booked": LetterKind.APPOINTMENT_BOOKED,
    "moved": LetterKind.APPOINTMENT_MOVED,
    "cancelled": LetterKind.APPOINTMENT_CANCELLED,
}
_EXPECTED = (AppointmentState.BOOKED, AppointmentState.CONFIRMED)


def about_appointments(rows: Iterable[AppointmentFacts]) -> Iterator[Wanted]:
    series: dict[UUID, list[AppointmentFacts]] = {}
    for row in rows:
        if row.series:
            series.setdefault(row.series, []).append(row)
        yield from _announcement(row)
        yield from _reminders(row)
    for key, together in series.items():
        yield from _about_series(key, together)


def about_offer(offer: OfferFacts) -> Wanted:
    until = min(offer.until, offer.starts - OFFER_LEAD)
    return Wanted(LetterKind.WAITING_OFFER, offer.id, offer.made_at, until, offer.starts.isoformat())


def _about_series(key: UUID, together: Sequence[AppointmentFacts]) -> Iterator[Wanted]:
    """One letter for all that still stand as they were booked. What was moved or cancelled since has its own.

    It states which were booked together, not what became of them: a letter that has left is not sent again because one
    of its dates changed or passed.
    """
    standing = [row for row in together if row.announced == "booked" and row.state in _EXPECTED]
    if standing:
        due, until = min(row.changed_at for row in standing), max(row.starts for row in standing)
        yield Wanted(LetterKind.SERIES_BOOKED, key, due, until, key.hex)


def _announcement(row: AppointmentFacts) -> Iterator[Wanted]:
    if row.announced == "missed" and row.state is AppointmentState.NO_SHOW:
        due = max(row.starts + MISSED_AFTER, row.changed_at)
        yield _letter(LetterKind.APPOINTMENT_MISSED, row, due, row.starts + MISSED_USEFUL)
    kind = _ANNOUNCEMENTS.get(row.announced)
    if kind is None or (row.series and kind is LetterKind.APPOINTMENT_BOOKED):
        return
    is_cancelled = row.state is AppointmentState.CANCELLED
    if (is_cancelled or row.state in _EXPECTED) and is_cancelled == (kind is LetterKind.APPOINTMENT_CANCELLED):
        yield _letter(kind, row, row.changed_at, row.starts)


def _reminders(row: AppointmentFacts) -> Iterator[Wanted]:
    if row.state not in _EXPECTED:
        return
    starts, changed = row.starts, row.changed_at
    # Booked later than the reminder's hour: it is due when the booking is.
    due = max(starts - timedelta(hours=48), changed)
    yield _letter(LetterKind.SESSION_REMINDER, row, due, starts - timedelta(hours=2))
    if row.purpose is AppointmentPurpose.SESSION:
        due = max(starts - timedelta(hours=72), changed)
        yield _letter(LetterKind.PRE_CARE, row, due, starts - timedelta(hours=24))


def _letter(kind: LetterKind, row: AppointmentFacts, due_at: datetime, useful_until: datetime) -> Wanted:
    return Wanted(kind, row.id, due_at, useful_until, row.starts.isoformat())
