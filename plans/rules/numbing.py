"""Numbing cream: when it is due before a session, and whether it works yet. Staff apply it 30 to 60 minutes before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from plans.rules.wording import clock_words

NUMBING = "numbing"  # the act of the care rule
WORKS_AFTER = timedelta(minutes=30)
GOOD_FOR = timedelta(minutes=60)


class Numb(StrEnum):
    """TO_DO and LATE ask for the cream; SOON is on and does not work yet; OVER has been on for too long."""

    TO_DO = "to_do"
    LATE = "late"
    SOON = "soon"
    WORKS = "works"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Numbing:
    state: Numb
    sentence: str

    @property
    def is_to_check(self) -> bool:
        return self.state in (Numb.TO_DO, Numb.LATE, Numb.OVER)


def numbing(*, starts: datetime, numbed_at: datetime | None, now: datetime, zone: ZoneInfo) -> Numbing | None:
    """Return how it stands before a treatment that has not begun; None before the hour in which it is applied."""
    if numbed_at is not None:
        return _on(numbed_at, now, zone)
    first, last = starts - GOOD_FOR, starts - WORKS_AFTER
    if now < first:
        return None
    if now <= last:
        between = f"{clock_words(first, zone)} and {clock_words(last, zone)}"
        return Numbing(Numb.TO_DO, f"Numbing cream: apply it between {between}.")
    works = clock_words(now + WORKS_AFTER, zone)
    return Numbing(Numb.LATE, f"Numbing cream is not on yet: applied now, it works from {works}.")


def _on(numbed_at: datetime, now: datetime, zone: ZoneInfo) -> Numbing:
    since, works = f"Numbing cream since {clock_words(numbed_at, zone)}", numbed_at + WORKS_AFTER
    if now < works:
        return Numbing(Numb.SOON, f"{since}, works from {clock_words(works, zone)}.")
    if now <= numbed_at + GOOD_FOR:
        until = clock_words(numbed_at + GOOD_FOR, zone)
        return Numbing(Numb.WORKS, f"{since}: it works, begin by {until}.")
    return Numbing(Numb.OVER, f"{since}: too long ago, more than 60 minutes. The clinician decides.")
