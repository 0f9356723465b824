"""The house's words for dates, in templates: the same as in letters."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template

from clinic import clock as house_clock
from plans.rules.wording import clock_words, day_words, distance_words, zone_words

register = template.Library()


@register.filter
def day(value: date) -> str:
    """`{{ session.target|day }}`: Tue 3 Nov 2026."""
    return day_words(value)


@register.filter
def distance(value: date, today: date) -> str:
    """`{{ session.target|distance:today }}`: in 12 days."""
    return distance_words(value, today)


@register.filter
def clock(value: datetime, zone: ZoneInfo) -> str:
    """`{{ appointment.starts|clock:zone }}`: 14:30."""
    return clock_words(value, zone)


@register.filter
def local_day(value: datetime, zone: ZoneInfo) -> str:
    """`{{ appointment.starts|local_day:zone }}`: Tue 3 Nov 2026."""
    return day_words(value.astimezone(zone).date())


@register.filter
def from_today(value: datetime, zone: ZoneInfo) -> str:
    """`{{ appointment.starts|from_today:zone }}`: in 12 days."""
    return distance_words(value.astimezone(zone).date(), house_clock.now().astimezone(zone).date())


@register.filter
def zone_name(zone: ZoneInfo) -> str:
    """`{{ location.zone|zone_name }}`: Singapore time."""
    return zone_words(zone)
