"""One letter that is wanted, and the house that signs it: whether it goes, and never in its quiet hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.local_time import at_local, local_day
from clinic.rules.spans import Span
from plans.rules.letter_kinds import LetterKind
from plans.rules.letter_times import HOUSE_TIMES, TIMINGS, LetterTimes

ONE_DAY = timedelta(days=1)
# A letter that cannot wait for the morning goes just before the night begins.
BEFORE_QUIET = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A letter to plan. `facts` is what it states: when that changes, it is a new version of the letter."""

    kind: LetterKind
    about: UUID
    due_at: datetime
    useful_until: datetime
    facts: str


@dataclass(frozen=True, slots=True)
class House:
    """The premises that sign a letter: by which clock, and when their letters leave."""

    zone: ZoneInfo
    times: LetterTimes = HOUSE_TIMES

    def is_on(self, kind: LetterKind) -> bool:
        return self.times.of(kind).is_on

    def lead(self, kind: LetterKind) -> Span:
        """Return how long before or after; a kind without a lead has no business asking."""
        lead = self.times.of(kind).lead or TIMINGS[kind].times.lead
        if lead is None:
            raise ValueError(f"{kind} has no lead.")
        return lead

    def hour(self, kind: LetterKind) -> time:
        hour = self.times.of(kind).hour or TIMINGS[kind].times.hour
        if hour is None:
            raise ValueError(f"{kind} goes at no hour of its own.")
        return hour

    def wish(
        self,
        kind: LetterKind,
        about: UUID,
        facts: str,
        *,
        due: datetime,
        until: datetime,
        not_before: datetime | None = None,
    ) -> Wanted | None:
        """Return the letter; None when this house does not send it, or it would be useless once it may leave.

        `not_before`: earlier it makes no sense, or says what is not true yet. None: its due time is the earliest.
        """
        if not self.is_on(kind):
            return None
        at = self._awake(due, until, not_before or due) if TIMINGS[kind].waits else due
        return Wanted(kind, about, at, until, facts) if at and at < until else None

    def quiet_at(self, instant: datetime) -> tuple[datetime, datetime] | None:
        """Return the quiet time the instant lies in, None when letters may leave."""
        first, last = self.times.quiet_from, self.times.quiet_until
        if first == last:
            return None
        today = local_day(instant, self.zone)
        for day in (today - ONE_DAY, today):
            begins = at_local(day, first, self.zone)
            ends = at_local(day + ONE_DAY if last < first else day, last, self.zone)
            if begins <= instant < ends:
                return begins, ends
        return None

    def _awake(self, due: datetime, until: datetime, not_before: datetime) -> datetime | None:
        """In the morning; where that is too late, before the night; where that is too early, not at all."""
        quiet = self.quiet_at(due)
        if quiet is None:
            return due
        begins, ends = quiet
        if ends < until:
            return ends
        evening = begins - BEFORE_QUIET
        return evening if evening >= not_before else None
