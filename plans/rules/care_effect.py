"""What a changed care rule means for one patient: which dates move, and what no longer fits between her sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from clinic.rules.local_time import local_day
from plans.rules.course import CareRule
from plans.rules.restrictions import Occasion, Restriction, current_and_coming, made_concrete, next_free_day
from plans.rules.wording import act_words, day_words

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Effect:
    """`words`: each date that moves, as a sentence. Occasions by their number: `crowded` has no free day before it any
    more, `begun` is booked and its care would have had to begin before today."""

    words: tuple[str, ...] = ()
    crowded: tuple[int, ...] = ()
    begun: tuple[int, ...] = ()


def effect(
    act: str,
    before: Iterable[Restriction],
    after: Iterable[Restriction],
    occasions: Sequence[Occasion],
    *,
    zone: ZoneInfo,
    now: datetime,
) -> Effect:
    """Compare what is forbidden of `act` before and after the change. `begun` is asked of `begun_by_now`."""
    old, new = ([p for p in current_and_coming(periods, now) if p.act == act] for periods in (before, after))
    crowded_before = set(_crowded(act, old, occasions, zone, now))
    crowded = tuple(number for number in _crowded(act, new, occasions, zone, now) if number not in crowded_before)
    return Effect(words=tuple(_moves(act, old, new, zone, now)), crowded=crowded)


def dates_that_move(
    act: str, before: Iterable[Restriction], after: Iterable[Restriction], *, zone: ZoneInfo, now: datetime
) -> tuple[str, ...]:
    """Return only the words of `effect`."""
    old, new = ([p for p in current_and_coming(periods, now) if p.act == act] for periods in (before, after))
    return tuple(_moves(act, old, new, zone, now))


def begun_by_now(
    old: CareRule, new: CareRule, occasions: Iterable[Occasion], *, zone: ZoneInfo, now: datetime
) -> tuple[int, ...]:
    """Return the booked sessions to come for which the new rule has begun already, and the old one has not.

    Nobody could have kept it from the start: they have to be told, or their day moved.
    """
    booked = [one for one in occasions if one.certain and one.starts > now]
    return tuple(one.number for one in booked if _runs(new, one, zone, now) and not _runs(old, one, zone, now))


def _runs(rule: CareRule, session: Occasion, zone: ZoneInfo, now: datetime) -> bool:
    return any(period.begins < now for period in made_concrete([rule], session, zone=zone))


def _moves(
    act: str, old: Sequence[Restriction], new: Sequence[Restriction], zone: ZoneInfo, now: datetime
) -> Iterator[str]:
    """Pair the periods by the sessions they stand on, and say what is different. Periods that grow together, or fall
    apart, are one period more or less on the same sessions: nothing of them is new or gone."""
    what, left = act_words(act), list(old)
    for period in new:
        twin = next((one for one in left if _share(one, period)), None)
        if twin is not None:
            left.remove(twin)
            yield from _moved(what, twin, period, zone, now)
        elif any(_share(one, period) for one in old):
            yield f"And none from {_day(period.begins, zone)} {_until(period)}{_guess(period)}"
        else:
            yield f"No {what} from {_day(period.begins, zone)} {_until(period)}{_guess(period)}: that is new"
    for period in left:
        if not any(_share(period, one) for one in new):
            yield f"{what[:1].upper()}{what[1:]} allowed: not forbidden {_until(period)} any more{_guess(period)}"


def _moved(what: str, old: Restriction, new: Restriction, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    if (old.safe_on, old.ends is None) != (new.safe_on, new.ends is None):
        yield f"No {what} until {_pair(old.safe_on, new.safe_on)}{_guess(new)}"
    elif max(old.begins, new.begins) > now and _day(old.begins, zone) != _day(new.begins, zone):
        days = (local_day(one.begins, zone) for one in (old, new))
        yield f"No {what} from {_pair(*days)}{_guess(new)}"


def _share(one: Restriction, other: Restriction) -> bool:
    return not {reason.session for reason in one.reasons}.isdisjoint(reason.session for reason in other.reasons)


def _day(instant: datetime, zone: ZoneInfo) -> str:
    return day_words(local_day(instant, zone))


def _guess(period: Restriction) -> str:
    return ", as far as planned" if period.estimated else ""


def _until(period: Restriction) -> str:
    return f"until {day_words(period.safe_on)}" if period.safe_on else "without an end"


def _pair(first: date | None, second: date | None) -> str:
    """Return "Tue 3 Nov → Tue 10 Nov 2026": the year once where it is the same."""
    begin, end = (day_words(day) if day else "no end" for day in (first, second))
    if first and second and first.year == second.year:
        begin = begin.rsplit(" ", 1)[0]
    return f"{begin} → {end}"


def _crowded(
    act: str, periods: Sequence[Restriction], occasions: Sequence[Occasion], zone: ZoneInfo, now: datetime
) -> Iterator[int]:
    """Yield the sessions to come between which and the one before no whole day is free for `act`."""
    if not periods:
        return
    for one, following in pairwise(sorted(occasions, key=lambda occasion: occasion.starts)):
        first = local_day(max(one.ends, now), zone) + ONE_DAY
        last = local_day(following.starts, zone) - ONE_DAY
        if following.starts <= now or first > last:
            continue
        free = next_free_day(act, periods, first, zone)
        if free is None or free > last:
            yield following.number
