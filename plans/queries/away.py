"""Whom an absence hits, and where each of them could go: shown before it is entered, and until nobody is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from clinic.models import Staff
from clinic.models.hour_owner import Owner
from clinic.rules.closures import when_words
from clinic.rules.local_time import local_day
from plans.models import Appointment
from plans.queries.away_times import AwayTimes, Wanted, value_of
from plans.queries.day_rows import what_words
from plans.queries.outside_hours import WAITING
from plans.rules.finder import Vacancy
from plans.rules.wording import clock_words, day_words

KEEP, CANCEL = "keep", "cancel"
# More would be neither read nor decided at once: the others come up when these are done.
MOST_LINES = 30
# A consultation has no window.
ANY_DAY = timedelta(days=42)


@dataclass(frozen=True, slots=True)
class Option:
    """`value` is what a form sends for it."""

    value: str
    when: str
    whom: str


@dataclass(frozen=True, slots=True)
class HitLine:
    """One appointment that cannot be kept as it is. `chosen`: an option's value, keep or cancel; `why_none`: why no
    time is offered."""

    appointment: Appointment
    zone: ZoneInfo
    what: str
    window: str
    options: tuple[Option, ...]
    chosen: str
    why_none: str

    @property
    def is_moved(self) -> bool:
        return self.chosen not in (KEEP, CANCEL)


@dataclass(frozen=True, slots=True)
class AwayStory:
    """`more`: how many are not listed yet; `others`: booked by patients of other places, whom the viewer does not
    see."""

    owner: Owner
    words: str
    today: date
    lines: tuple[HitLine, ...]
    more: int
    others: int

    @property
    def hit(self) -> int:
        return len(self.lines) + self.more + self.others

    @property
    def movable(self) -> int:
        return sum(line.is_moved for line in self.lines)


def away_story(
    by: Staff,
    owner: Owner,
    starts: datetime,
    ends: datetime,
    *,
    is_entered: bool,
    chosen: Mapping[UUID, str] | None = None,
    now: datetime,
) -> AwayStory:
    """Return whom it hits, by time, each with up to three new times inside its window; no two are offered the same.

    `is_entered`: whether the absence is written down already, and so known to the finder. `chosen`: what somebody has
    ticked, by appointment.
    """
    zone = owner.location.zone
    today = local_day(now, zone)
    rows = list(hit_by(owner, starts, ends, now=now))
    seen = set(Appointment.objects.visible_to(by).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    mine = [row for row in rows if row.pk in seen]
    wanted = [Wanted(row, *_days(row, today), (chosen or {}).get(row.pk, "")) for row in mine[:MOST_LINES]]
    times = AwayTimes(owner, wanted, None if is_entered else (starts, ends), now)
    offers = times.offers() if wanted else {}
    names = times.names if wanted else {}
    return AwayStory(
        owner=owner,
        words=when_words(starts, ends, zone),
        today=today,
        lines=tuple(_line(one, offers[one.row.pk], names) for one in wanted),
        more=len(mine) - len(wanted),
        others=len(rows) - len(mine),
    )


def hit_by(owner: Owner, starts: datetime, ends: datetime, *, now: datetime) -> QuerySet[Appointment]:
    """Return what is booked then, not over and not under way, by time. It comes with all its line needs."""
    rows = Appointment.objects.filter(state__in=WAITING, starts__lt=ends, ends__gt=max(starts, now))
    if owner.practitioner:
        rows = rows.filter(practitioner=owner.practitioner)
    elif owner.room:
        rows = rows.filter(room=owner.room)
    else:
        rows = rows.filter(location=owner.location)
    read = ("patient__home_location", "location", "practitioner", "room", "session__plan", "review")
    return rows.select_related(*read).order_by("starts", "pk")


def _days(row: Appointment, today: date) -> tuple[date, date]:
    """The days on which it may be: its window, from today on."""
    if row.session:
        return max(today, row.session.earliest), row.session.latest
    if row.review:
        return max(today, row.review.opens), row.review.closes
    return today, max(today, local_day(row.starts, row.location.zone)) + ANY_DAY


def _line(one: Wanted, found: Sequence[Vacancy], names: Mapping[UUID, str]) -> HitLine:
    row = one.row
    options = tuple(_option(vacancy, row, names) for vacancy in found)
    values = [option.value for option in options]
    return HitLine(
        appointment=row,
        zone=row.location.zone,
        what=what_words(row),
        window=_window(row),
        options=options,
        chosen=one.wish if one.wish in (*values, KEEP, CANCEL) else next(iter(values), KEEP),
        why_none="" if options else _why_none(one.first, one.last),
    )


def _window(row: Appointment) -> str:
    if row.session:
        return f"{day_words(row.session.earliest)} to {day_words(row.session.latest)}"
    return f"{day_words(row.review.opens)} to {day_words(row.review.closes)}" if row.review else "any day"


def _why_none(first: date, last: date) -> str:
    if last < first:
        return f"Its window ended on {day_words(last)}: no new time is inside it. Keep it for now, or cancel it."
    return f"No time is free from {day_words(first)} to {day_words(last)}: keep it for now, or cancel it."


def _option(found: Vacancy, row: Appointment, names: Mapping[UUID, str]) -> Option:
    zone = row.location.zone
    when = f"{day_words(local_day(found.starts, zone))}, {clock_words(found.starts, zone)}"
    who = names.get(found.practitioner, "")
    who = f"{who} as before" if found.practitioner == row.practitioner_id else who
    return Option(value_of(found), when, f"{who}, {names.get(found.room, '')}" if found.room else who)
