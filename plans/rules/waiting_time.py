"""How long somebody waits, is late or is being treated, in words for the day's board."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from plans.rules.states import AppointmentState

# Longer than this after her hour, somebody goes and tells her why.
PATIENCE = timedelta(minutes=15)
_MINUTE = timedelta(minutes=1)
_EXPECTED = (AppointmentState.BOOKED, AppointmentState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Spell:
    """`is_long`: somebody should do something about it. The words alone say so too."""

    words: str
    is_long: bool = False


def spell(
    state: AppointmentState,
    *,
    starts: datetime,
    ends: datetime,
    arrived_at: datetime | None,
    began_at: datetime | None,
    now: datetime,
) -> Spell | None:
    """Return the words for whoever is expected, here or being treated; None where nothing passes.

    Who comes before her hour is early, not kept waiting: waiting counts from the hour or from when she came,
    whichever is later.
    """
    if state in _EXPECTED:
        return _late(now - starts)
    if state is AppointmentState.ARRIVED and arrived_at:
        return _waits(max(arrived_at, starts), arrived_at, now)
    if state is AppointmentState.IN_TREATMENT and began_at:
        return _treated(now - began_at, now - ends)
    return None


def _late(late: timedelta) -> Spell | None:
    if late < _MINUTE:
        return None
    is_long = late > PATIENCE
    return Spell(f"late {span_words(late)}{': phone' if is_long else ''}", is_long)


def _waits(since: datetime, arrived_at: datetime, now: datetime) -> Spell:
    if now < since:
        return Spell(f"here {span_words(now - arrived_at)}, early")
    is_long = now - since > PATIENCE
    return Spell(f"waits {span_words(now - since)}{': too long' if is_long else ''}", is_long)


def _treated(treated: timedelta, over: timedelta) -> Spell:
    words = f"in treatment {span_words(treated)}"
    if over > PATIENCE:
        return Spell(f"{words}, {span_words(over)} over", is_long=True)
    return Spell(words)


def span_words(span: timedelta) -> str:
    """Return "12 min" or "1 h 05 min": whole minutes, never negative."""
    minutes = max(0, int(span / _MINUTE))
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
