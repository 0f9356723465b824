"""Whether a freed time suits somebody who would rather come earlier, and until when an offer of it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.local_time import local_day
from clinic.rules.opening import Period
from plans.rules.appointment_letters import OFFER_LEAD
from plans.rules.booking import is_inside, why_not_in_window
from plans.rules.states import AppointmentState
from plans.rules.windows import Window
from plans.rules.wishes import Wishes
from plans.rules.wording import clock_words, day_words

# Long enough to be read at home in the evening; after that others are asked.
HOLDS = timedelta(hours=24)
# A mail that is answered within less than this is a mail answered by chance.
LEAST = timedelta(minutes=30)
ROUND_TO = timedelta(minutes=5)
EXPECTED = frozenset({AppointmentState.BOOKED, AppointmentState.CONFIRMED})


@dataclass(frozen=True, slots=True)
class FreedTime:
    """A time somebody gave up, with whom and where it was."""

    practitioner: UUID
    room: UUID | None
    starts: datetime
    ends: datetime

    @property
    def minutes(self) -> int:
        return int((self.ends - self.starts) / timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Waiter:
    """What somebody who waits has, needs and wants. `opens`: a review's first day; `is_open`: it may be held now."""

    starts: datetime
    minutes: int
    needs_room: bool
    wishes: Wishes
    wish_words: str = ""
    not_before: date | None = None
    window: Window | None = None
    opens: date | None = None
    is_open: bool = True


def is_free_to_offer(state: AppointmentState) -> bool:
    """Return whether an appointment in this state has let its time go."""
    return state in (AppointmentState.CANCELLED, AppointmentState.NO_SHOW)


def freed_time(freed: FreedTime, now: datetime) -> FreedTime | None:
    """Return what is left of it from `now` on, beginning on a round minute; None when nothing is."""
    if freed.starts > now:
        return freed
    steps = -((freed.starts - now) // ROUND_TO)
    starts = freed.starts + steps * ROUND_TO
    return FreedTime(freed.practitioner, freed.room, starts, freed.ends) if starts < freed.ends else None


def holds_until(starts: datetime, now: datetime) -> datetime | None:
    """Return until when an offer made `now` holds; None when the time is too near for a mail."""
    until = min(now + HOLDS, starts - OFFER_LEAD)
    return until if until - now >= LEAST else None


def why_not_earlier(freed: FreedTime, waiter: Waiter, *, zone: ZoneInfo, opening: Sequence[Period]) -> str:
    """Return why the freed time does not suit, as a sentence; empty when it does.

    `opening`: when its practitioner and room can be used on that day.
    """
    day, starts = local_day(freed.starts, zone), freed.starts.astimezone(zone)
    if waiter.starts <= freed.starts:
        return f"The present appointment, {day_words(local_day(waiter.starts, zone))}, is not later."
    if not waiter.is_open:
        return "The plan does not go on at the moment."
    if waiter.minutes > freed.minutes:
        return f"Needs {waiter.minutes} minutes, {freed.minutes} are free."
    if waiter.needs_room and freed.room is None:
        return "Needs a room, and none was kept for this time."
    if waiter.window and (refusal := why_not_in_window(freed.starts, waiter.window, zone)):
        return refusal.sentence
    if waiter.opens and day < waiter.opens:
        return f"The review is not before {day_words(waiter.opens)}."
    if waiter.not_before and day < waiter.not_before:
        return f"Not before {day_words(waiter.not_before)}, as asked."
    wishes = waiter.wishes
    suits = wishes.suit_day(day) and wishes.suit_clock(starts.time()) and wishes.suit_person(freed.practitioner)
    if not suits:
        return f"Wished: {waiter.wish_words}."
    ends = freed.starts + timedelta(minutes=waiter.minutes)
    if not is_inside(freed.starts, ends, opening):
        return f"Outside the hours of that day: it would end at {clock_words(ends, zone)}."
    return ""
