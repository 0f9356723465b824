"""Where a look at the calendar leads: whose premises, which of them, which day is today there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic.models import Location, Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from plans.queries.calendar_rows import PLACE, Premises, Thing, read_premises
from plans.rules.calendar_look import Look

UTC = ZoneInfo("UTC")
# What is not an appointment (hours, consents, ticks) is looked at again after as many minutes.
FRESH_MINUTES = 5


def where(by: Staff, look: Look) -> tuple[Premises, tuple[Thing, ...], Thing | None]:
    """Return the viewer's premises, the places looked at, and the one that was chosen. DoesNotExist when that is not
    the viewer's. One query."""
    if not by.can(Deed.SEE_PATIENT):
        raise Forbidden(Deed.SEE_PATIENT)
    premises = read_premises(by)
    places = premises.active(PLACE)
    if look.location is None:
        return premises, places, None
    chosen = next((place for place in places if place.pk == look.location), None)
    if chosen is None:
        raise Location.DoesNotExist
    return premises, (chosen,), chosen


def today_at(places: Iterable[Thing], now: datetime) -> date:
    first = next(iter(places), None)
    return local_day(now, ZoneInfo(first.zone) if first else UTC)


def fresh(token: str, now: datetime) -> str:
    """The token of what is shown; it also changes every few minutes, and with it the line that says what time it is."""
    return f"{token}-{int(now.timestamp()) // (60 * FRESH_MINUTES)}"
