"""When a source says something may be seen: "2–4 weeks" counted from the first session, as days of a calendar."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from clinic.rules.spans import Span, Unit, later

_WHEN = re.compile(r"(?:(after|about) )?(\d+)(?:–(\d+))? (week|month)s?")
ABOUT = timedelta(days=30)


class Phase(StrEnum):
    PAST = "past"
    NOW = "now"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Expected:
    """From `begins` until before `ends`; without an end where the source names none."""

    begins: date
    ends: date | None

    def phase(self, today: date) -> Phase:
        if today < self.begins:
            return Phase.LATER
        return Phase.PAST if self.ends and today >= self.ends else Phase.NOW


def expected_when(when: str, first_session: date) -> Expected | None:
    """Return the days the words mean; None for words that are not a time since the first session ("1–3 sessions")."""
    found = _WHEN.fullmatch(when.strip())
    if found is None:
        return None
    how, low, high, unit_word = found.groups()
    unit = Unit.WEEKS if unit_word == "week" else Unit.MONTHS
    begins = later(first_session, Span(int(low), unit))
    if how == "after":
        return Expected(begins, None)
    if how == "about":
        return Expected(begins - ABOUT, begins + ABOUT)
    # "3–6 months" lasts until the sixth month is full; "3 months" for a month.
    return Expected(begins, later(first_session, Span(int(high or int(low) + 1), unit)))
