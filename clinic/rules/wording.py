"""How dates, hours and distances read. English words spelled out here: never the machine's locale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(day: date) -> str:
    """Return "Tue 3 Nov 2026"."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def clock_words(instant: datetime, zone: ZoneInfo) -> str:
    """Return the wall clock in `zone`: "10:30"."""
    return f"{instant.astimezone(zone):%H:%M}"


def zone_words(zone: ZoneInfo) -> str:
    """Return "Singapore time" for Asia/Singapore, "UTC" for UTC and its other names."""
    if zone.key in {"UTC", "Zulu", "Universal", "GMT"} or zone.key.startswith("Etc/"):
        return "UTC"
    return f"{zone.key.rpartition('/')[2].replace('_', ' ')} time"


def distance_words(day: date, today: date) -> str:
    """Return "today", "tomorrow", "in 12 days", "3 weeks ago": days below three weeks, then full weeks, then months."""
    days = (day - today).days
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return near[days]
    length = _length_words(abs(days))
    return f"in {length}" if days > 0 else f"{length} ago"


def _length_words(days: int) -> str:
    if days < 21:
        return f"{days} days"
    if days < 91:
        return f"{days // 7} weeks"
    if days < 730:
        return f"{int(days / 30.4375 + 0.01)} months"
    return f"{int(days / 365.25 + 0.001)} years"


def first_up(words: str) -> str:
    """Return the words as a sentence begins."""
    return words[:1].upper() + words[1:]


def list_words(words: Sequence[str]) -> str:
    """Return "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
