"""What a patient may not do and until when, said the same way on every page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic.rules.local_time import local_day, start_of_day
from plans.models.facts import Held
from plans.rules.course import CarePhase
from plans.rules.restrictions import Reason, Restriction, current_and_coming, may_do
from plans.rules.wording import act_words, clock_words, day_words, distance_words, list_words

REASONS_SAID = 6
_PROVISO = "A session that is not booked yet belongs around that day: book it, then ask again."


@dataclass(frozen=True, slots=True)
class RestrictionLine:
    """`heading` "No dyeing"; `until` says when it ends; `because` after or before which sessions."""

    act: str
    heading: str
    is_now: bool
    begins: date
    until: str
    distance: str
    because: str
    texts: tuple[str, ...]
    sources: tuple[str, ...]
    estimated: bool


@dataclass(frozen=True, slots=True)
class Spoken:
    """An answer to "may I dye on Friday?", with what may still change it."""

    allowed: bool
    sentence: str
    because: str
    proviso: str


def restriction_lines(
    periods: Iterable[Restriction], held: Sequence[Held], *, zone: ZoneInfo, now: datetime
) -> tuple[RestrictionLine, ...]:
    """Return what is forbidden now, then what will be, in the order in which it begins; what has no end comes last."""
    lines = [_line(period, held, zone, now) for period in current_and_coming(periods, now)]
    return tuple(sorted(lines, key=lambda line: (not line.is_now, not line.distance)))


def speak(
    act: str,
    day: date,
    periods: Sequence[Restriction],
    estimated: Sequence[Restriction],
    held: Sequence[Held],
    *,
    zone: ZoneInfo,
) -> Spoken:
    """Answer for one day: yes or no from what was done or is booked, with a proviso from what has no date yet."""
    answer, what = may_do(act, day, periods, zone), act_words(act)
    if not answer.allowed:
        free = f"Allowed again from {day_words(answer.free_on)}." if answer.free_on else "No end is known."
        return Spoken(False, f"No: no {what} on {day_words(day)}. {free}", _because(answer.because, held, zone), "")
    later = may_do(act, day, estimated, zone)
    proviso = "" if later.allowed else _PROVISO
    return Spoken(True, f"Yes: {what} is allowed on {day_words(day)}.", "", proviso)


def _line(period: Restriction, held: Sequence[Held], zone: ZoneInfo, now: datetime) -> RestrictionLine:
    today = local_day(now, zone)
    begins = local_day(period.begins, zone)
    return RestrictionLine(
        act=period.act,
        heading=f"No {act_words(period.act)}",
        is_now=period.begins <= now,
        begins=begins,
        until=_until(period, zone),
        distance=_distance(period, zone, today),
        because=_because(period.reasons, held, zone),
        texts=period.texts,
        sources=_sources(period),
        estimated=period.estimated,
    )


def _distance(period: Restriction, zone: ZoneInfo, today: date) -> str:
    """How far away the day is that `until` names."""
    if period.ends is None or period.safe_on is None:
        return ""
    return distance_words(local_day(period.ends, zone) if _ends_at_an_hour(period, zone) else period.safe_on, today)


def _ends_at_an_hour(period: Restriction, zone: ZoneInfo) -> bool:
    return period.ends is not None and period.ends != start_of_day(local_day(period.ends, zone), zone)


def _sources(period: Restriction) -> tuple[str, ...]:
    keys = [key.strip() for source in period.sources for key in source.split(",")]
    return tuple(dict.fromkeys(keys))


def _until(period: Restriction, zone: ZoneInfo) -> str:
    if period.ends is None or period.safe_on is None:
        return "as long as the treatment goes on" if period.ongoing else "until the clinic says otherwise"
    if _ends_at_an_hour(period, zone):
        return f"until {day_words(local_day(period.ends, zone))}, {clock_words(period.ends, zone)}"
    return f"allowed again from {day_words(period.safe_on)}"


def _because(reasons: Iterable[Reason], held: Sequence[Held], zone: ZoneInfo) -> str:
    """Return "after session 1 (Mon 5 Oct 2026)"; the plan is named where the patient has several."""
    by_number = {one.occasion.number: one for one in held}
    several = len({one.session.plan_id for one in held}) > 1
    said = []
    for reason in reasons:
        if one := by_number.get(reason.session):
            when = "before" if reason.phase is CarePhase.PRE else "after"
            whose = f" of {one.session.plan.title}" if several else ""
            day = day_words(local_day(one.occasion.starts, zone))
            said.append(f"{when} session {one.session.number}{whose} ({day})")
    once = list(dict.fromkeys(said))
    if len(once) > REASONS_SAID:
        once = [*once[-REASONS_SAID:], f"{len(once) - REASONS_SAID} before that"]
    return list_words(once)
