"""When what speaks against a treatment stops doing so: from its last time, or when somebody has looked again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from clinic.rules.spans import Span, Unit, later
from clinic.rules.wording import day_words
from patients.rules.contraindications import Strength, contraindication

ONE_DAY = timedelta(days=1)
LONGEST_AGO = Span(60, Unit.MONTHS)  # a slip of the keyboard otherwise: 1900 for 2026
FURTHEST = Span(36, Unit.MONTHS)


class Standing(StrEnum):
    """HOLDS: it counts. LOOK_AGAIN: its day to be looked at has come, and it counts until somebody has looked.
    CLEARED: the time its source names has passed."""

    HOLDS = "holds"
    LOOK_AGAIN = "look_again"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Found:
    """One contraindication of one patient. `last_on`: the last day of it; `recheck_on`: when to look again."""

    code: str
    last_on: date | None = None
    recheck_on: date | None = None


def clears_on(found: Found) -> date | None:
    """Return the first local date on which it does not count any more; None when no arithmetic can say.

    The hour of the last time is not asked, so it is taken for the last minute of its day: 48 hours after Mon 5 Oct
    are over on Thu 8 Oct, two weeks after it on Tue 20 Oct. Better a day late than an hour early.
    """
    span = contraindication(found.code).clears_after
    if span is None or found.last_on is None:
        return None
    whole = Span(-(-span.number // 24), Unit.DAYS) if span.unit is Unit.HOURS else span
    return later(found.last_on, whole) + ONE_DAY


def standing(found: Found, day: date) -> Standing:
    """Return how it stands on `day`. Only arithmetic clears: a day to look again never does."""
    cleared = clears_on(found)
    if cleared is not None and day >= cleared:
        return Standing.CLEARED
    return Standing.LOOK_AGAIN if found.recheck_on is not None and day >= found.recheck_on else Standing.HOLDS


def holding(found: Iterable[Found], day: date) -> frozenset[str]:
    """Return the codes that count on `day`."""
    return frozenset(one.code for one in found if standing(one, day) is not Standing.CLEARED)


def standing_words(found: Found, day: date) -> str:
    """Return how it stands as a sentence; empty when there is nothing to say about its end."""
    row, cleared = contraindication(found.code), clears_on(found)
    match standing(found, day):
        case Standing.CLEARED if cleared:
            return f"Cleared on {day_words(cleared)}."
        case Standing.LOOK_AGAIN:
            return "It is time to look again: make a new assessment."
    if cleared:
        return f"It clears on {day_words(cleared)}."
    if found.recheck_on:
        return f"To be looked at again on {day_words(found.recheck_on)}."
    if row.clears_after:
        return f"It clears {row.clears_after} after the last time, once that day is recorded."
    return "No day to look again is set." if row.strength is Strength.TEMPORARY else ""


def why_not_last_on(found: Found, today: date) -> str:
    """Return what is wrong with its last day, as a sentence; empty when nothing is."""
    if found.last_on is None:
        return ""
    if contraindication(found.code).clears_after is None:
        return "No source says how long after the last time this clears: set a day to look again instead."
    if found.last_on > today:
        return "The last time cannot lie in the future."
    return "" if later(found.last_on, LONGEST_AGO) >= today else "That is more than five years ago: check the year."


def why_not_recheck_on(found: Found, today: date) -> str:
    """Return what is wrong with the day to look again, as a sentence; empty when nothing is."""
    if found.recheck_on is None:
        return ""
    if not contraindication(found.code).may_recheck:
        return "This does not pass: there is no day to look again."
    if found.recheck_on <= today:
        return "This day has come: set the next day to look again, or untick what has passed."
    return "" if found.recheck_on <= later(today, FURTHEST) else "That is more than three years ahead: check the year."
