"""What belongs to a course and is not given at a session: medicines at home, and when they may go on; referrals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic.rules.local_time import local_day
from clinic.rules.spans import Unit, later
from plans.rules.course import Alongside, Modality
from plans.rules.restrictions import Restriction, next_free_day
from plans.rules.wording import day_words

REGROWTH = "regrowth_medicine"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from `begins` to before `ends` (None: no end). `holds_off`: not taken then, because of a session."""

    begins: date
    ends: date | None
    holds_off: bool = False
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class HomeLine:
    """`when` reads "From Mon 5 Oct 2026, continuously"; `now` what holds today, empty where nothing is to be said."""

    one: Alongside
    is_referral: bool
    begins: date
    when: str
    now: str
    stretches: tuple[Stretch, ...]


def home_lines(
    alongside: Sequence[Alongside],
    *,
    starts_on: date,
    today: date,
    certain: Sequence[Restriction],
    with_estimates: Sequence[Restriction],
    zone: ZoneInfo,
) -> tuple[HomeLine, ...]:
    """Return the lines in the course's order. A medicine is held off while a restriction on it runs (S1)."""
    return tuple(_line(one, starts_on, today, certain, with_estimates, zone) for one in alongside)


def _line(
    one: Alongside,
    starts_on: date,
    today: date,
    certain: Sequence[Restriction],
    with_estimates: Sequence[Restriction],
    zone: ZoneInfo,
) -> HomeLine:
    begins = one.began_on or _after(starts_on, one)
    if one.modality is Modality.TRANSPLANT:
        return HomeLine(one, True, begins, _referral(one, begins), "", ())
    ends = one.stopped_on or (later(begins, one.lasts) if one.lasts and one.lasts.unit is not Unit.HOURS else None)
    holds = tuple(_held_off(with_estimates, certain, zone, begins, ends))
    runs = begins <= today and (ends is None or today < ends)
    now = _now(certain, today, zone) if runs else ""
    return HomeLine(one, False, begins, _when(one, begins, ends, today), now, (Stretch(begins, ends), *holds))


def _after(starts_on: date, one: Alongside) -> date:
    return starts_on if one.starts.unit is Unit.HOURS else later(starts_on, one.starts)


def _referral(one: Alongside, begins: date) -> str:
    return f"Referred on {day_words(begins)}" if one.began_on else f"To refer around {day_words(begins)}"


def _when(one: Alongside, begins: date, ends: date | None, today: date) -> str:
    said = f"{'Since' if one.began_on and begins <= today else 'From'} {day_words(begins)}"
    if one.stopped_on:
        return f"{said}, stopped on {day_words(one.stopped_on)}"
    return f"{said} until {day_words(ends)}" if ends else f"{said}, continuously"


def _held_off(
    with_estimates: Sequence[Restriction],
    certain: Sequence[Restriction],
    zone: ZoneInfo,
    begins: date,
    ends: date | None,
) -> Iterator[Stretch]:
    for periods, estimated in ((with_estimates, True), (certain, False)):
        for period in periods:
            if period.act != REGROWTH:
                continue
            first, over = local_day(period.begins, zone), _over(period.ends, zone)
            if (ends is None or first < ends) and (over is None or over > begins):
                yield Stretch(max(first, begins), _sooner(over, ends), True, estimated)


def _over(ends: datetime | None, zone: ZoneInfo) -> date | None:
    return local_day(ends, zone) if ends else None


def _sooner(one: date | None, other: date | None) -> date | None:
    return min((day for day in (one, other) if day), default=None)


def _now(certain: Sequence[Restriction], today: date, zone: ZoneInfo) -> str:
    free = next_free_day(REGROWTH, certain, today, zone)
    if free == today:
        return ""
    again = f"May be taken again from {day_words(free)}" if free else "Nobody has said yet when it may be taken again"
    return f"Held off now, after a session. {again}, unless the doctor says to continue."
