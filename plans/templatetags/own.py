"""A patient's pages in her language: dates, hours and ready sentences as its readers write them.

The language is the one being rendered in; a sentence the house has no translation for stays as it is, set apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from django import template
from django.utils.translation import get_language, gettext, gettext_noop

from clinic import clock as house_clock
from clinic.language import ENGLISH, Tongue, tongue
from plans.templatetags.sources import known_sources

register = template.Library()
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
ACTS: Mapping[str, str] = MappingProxyType(
    {
        "dye": gettext_noop("May I dye my hair?"),
        "wash": gettext_noop("May I wash my hair?"),
        "heat": gettext_noop("Heat, sauna, steam, direct sun"),
        "products": gettext_noop("Oils, creams, styling sprays"),
        "regrowth_medicine": gettext_noop("Minoxidil or finasteride"),
        "tight_hairstyles": gettext_noop("Tight hairstyles"),
    }
)
PARTS: Mapping[str, str] = MappingProxyType(
    {
        "morning": gettext_noop("In the morning"),
        "afternoon": gettext_noop("In the afternoon"),
        "evening": gettext_noop("In the evening"),
    }
)


def _tongue() -> Tongue:
    return tongue(get_language() or ENGLISH)


@register.filter
def day(value: date) -> str:
    """`{{ answer.free_on|day }}`: Tue 3 Nov 2026."""
    return _tongue().day(value)


@register.filter
def distance(value: date, today: date) -> str:
    """`{{ answer.free_on|distance:today }}`: in 12 days."""
    return _tongue().distance(value, today)


@register.filter
def clock(value: datetime, zone: ZoneInfo) -> str:
    """`{{ appointment.starts|clock:zone }}`: 14:30."""
    return _tongue().clock(value, zone)


@register.filter
def local_day(value: datetime, zone: ZoneInfo) -> str:
    """`{{ appointment.starts|local_day:zone }}`: Tue 3 Nov 2026."""
    return _tongue().day(value.astimezone(zone).date())


@register.filter
def day_hour(value: datetime, zone: ZoneInfo) -> str:
    """`{{ appointment.starts|day_hour:zone }}`: Tue 3 Nov 2026, 14:30."""
    return gettext("%(day)s, %(hour)s") % {"day": local_day(value, zone), "hour": clock(value, zone)}


@register.filter
def from_today(value: datetime, zone: ZoneInfo) -> str:
    """`{{ appointment.starts|from_today:zone }}`: in 12 days."""
    return _tongue().distance(value.astimezone(zone).date(), house_clock.now().astimezone(zone).date())


@register.filter
def zone_name(zone: ZoneInfo) -> str:
    """`{{ zone|zone_name }}`: Singapore time."""
    return _tongue().zone_name(zone)


@register.filter
def weekday(number: int) -> str:
    """`{{ 0|weekday }}`: Mon."""
    return _tongue().say(WEEKDAYS[number])


@register.filter
def own(text: str) -> str:
    """`{{ item.text|own }}`: a sentence of the library in her language, anything else as the clinic wrote it."""
    return _tongue().own(text)


@register.filter
def apart(text: str) -> str:
    """`{{ practitioner.name|apart }}`: a name that does not disturb the direction of the sentence around it."""
    return _tongue().apart(text)


@register.filter
def act_words(answer: object) -> str:
    """`{{ answer|act_words }}`: what the answer is about; of an act only this clinic knows, its rule's own words."""
    act, text = getattr(answer, "act", ""), getattr(answer, "text", "")
    return gettext(ACTS[act]) if act in ACTS else _tongue().own(text or act)


@register.filter
def part_words(part: str) -> str:
    return gettext(PARTS[part])


@register.simple_tag
def sources_of(lines: object) -> list[tuple[str, str]]:
    """`{% sources_of page.expectations as sources %}`: key and title of everything the lines name, in order."""
    keys = [key.strip() for line in lines for key in line.source.split(",")]  # type: ignore[attr-defined]
    known = known_sources()
    return [(key, known[key].title) for key in dict.fromkeys(keys) if key in known]
