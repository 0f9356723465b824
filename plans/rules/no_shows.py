"""What follows from not coming: it is counted over a year, and who missed twice is phoned the day before."""

from __future__ import annotations

from datetime import timedelta

COUNTED_FOR = timedelta(days=365)
PHONED_FROM = 2


def is_phoned_before(count: int) -> bool:
    return count >= PHONED_FROM


def no_show_words(count: int) -> str:
    """Return "2nd no-show in 12 months"."""
    return f"{ordinal(count)} no-show in 12 months"


def phone_words(count: int) -> str:
    """Return "Phone the day before (2 no-shows)"."""
    return f"Phone the day before ({count} no-shows)"


def ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
