"""What a patient may do today and on a day she asks about, as dates: "not yet, from Tue 3 Nov, in 12 days"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.rules.local_time import local_day, start_of_day
from plans.rules.restrictions import Restriction, current_and_coming, forbidden_at, may_do, next_free_day

# What patients ask about first, and may ask about for a day of their own.
ASKED = ("dye", "wash")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """One question with its answer for `day`.

    Forbidden: `until` is an hour of today or tomorrow, else `free_on` the first free day; neither: no end is known, or
    it is `ongoing`. Allowed: `last_day` is the last before it is forbidden again, if it will be. `may_change`: a
    session that has no date yet belongs around that day. `text`: the rule's own words.
    """

    act: str
    day: date
    allowed: bool
    until: datetime | None = None
    free_on: date | None = None
    last_day: date | None = None
    ongoing: bool = False
    may_change: bool = False
    text: str = ""


def answers_today(periods: Sequence[Restriction], *, zone: ZoneInfo, now: datetime) -> tuple[OwnAnswer, ...]:
    """Return what everybody asks about, then all else that is forbidden now or will be."""
    coming = dict.fromkeys(period.act for period in current_and_coming(periods, now))
    acts = (*ASKED, *(act for act in coming if act not in ASKED))
    return tuple(_today(act, periods, zone, now) for act in acts)


def answer_on(
    day: date, act: str, periods: Sequence[Restriction], guessed: Sequence[Restriction], *, zone: ZoneInfo
) -> OwnAnswer:
    """Yes or no for that whole day, with a proviso from what has no date yet."""
    answer = may_do(act, day, periods, zone)
    if not answer.allowed:
        return OwnAnswer(act, day, False, free_on=answer.free_on)
    return OwnAnswer(act, day, True, may_change=not may_do(act, day, guessed, zone).allowed)


def _today(act: str, periods: Sequence[Restriction], zone: ZoneInfo, now: datetime) -> OwnAnswer:
    """A rule counted in hours says its hour; one counted in days speaks of whole days."""
    today = local_day(now, zone)
    mine = [period for period in periods if period.act == act]
    text = next((text for period in current_and_coming(mine, now) for text in period.texts), "")
    by_hour = next((p.ends for p in forbidden_at(mine, now) if p.ends and _ends_in_the_day(p.ends, zone)), None)
    if by_hour:
        return OwnAnswer(act, today, False, until=by_hour, text=text)
    if may_do(act, today, mine, zone).allowed:
        begins = min((day for p in mine if (day := local_day(p.begins, zone)) > today), default=None)
        return OwnAnswer(act, today, True, last_day=begins - ONE_DAY if begins else None, text=text)
    free_on = next_free_day(act, mine, today, zone)
    ongoing = free_on is None and all(p.ongoing for p in forbidden_at(mine, now) if p.ends is None)
    return OwnAnswer(act, today, False, free_on=free_on, ongoing=ongoing, text=text)


def _ends_in_the_day(ends: datetime, zone: ZoneInfo) -> bool:
    return ends != start_of_day(local_day(ends, zone), zone)
