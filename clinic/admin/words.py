"""How cells of the lists read: chips for states, local times, links."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from clinic.models import Location


def chip(state: str, word: object) -> SafeString:
    return format_html('<span class="c-chip c-chip--{}">{}</span>', state, word)


def day(value: date | None) -> str:
    return _unbroken(date_format(value, "DATE_FORMAT")) if value else "–"


def instant(value: datetime | None, zone: ZoneInfo) -> str:
    """An instant by the clock of the place it belongs to."""
    return _unbroken(date_format(value.astimezone(zone), "DATETIME_FORMAT")) if value else "–"


def zone_of(row: object) -> ZoneInfo:
    """The zone of the place a row belongs to, however far away; UTC for what belongs to none."""
    if isinstance(row, Location):
        return row.zone
    for way in ("location", "home_location", "patient", "plan", "session", "review"):
        if (further := getattr(row, way, None)) is not None:
            return zone_of(further)
    return ZoneInfo("UTC")


def link(href: str, words: object) -> SafeString:
    return format_html('<a class="c-link" href="{}">{}</a>', href, words) if href else format_html("{}", words)


def _unbroken(words: str) -> str:
    """A date that is split over two lines is read twice."""
    return words.replace(" ", "\N{NO-BREAK SPACE}")
