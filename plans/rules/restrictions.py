"""What a patient may not do, from when, until when, and because of which session.

A restriction is an "avoid" rule made concrete. Every end errs on the safe side: see `first_safe_date`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from clinic.rules.local_time import first_whole_day, start_of_day
from plans.rules.course import CareKind, CarePhase, CareRule, Modality
from plans.rules.rule_period import rule_period
from plans.rules.wording import act_words, day_words, list_words

ONE_DAY = timedelta(days=1)
_FOREVER = datetime.max.replace(tzinfo=UTC)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Occasion:
    """A session with its instants. `certain`: done or booked; otherwise only estimated from its target.

    `number` is what a restriction's reasons name: unique among the occasions read together, over all plans.
    """

    number: int
    starts: datetime
    ends: datetime
    modalities: tuple[Modality, ...]
    certain: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """Which care rule forbids it, around which session, before or after it."""

    rule: str
    session: int
    phase: CarePhase


@dataclass(frozen=True, slots=True)
class Restriction:
    """`act` is forbidden from `begins` until before `ends` (None: no end stated).

    `safe_on` is the first local date at or after the end on which the act is free all day, other restrictions
    included. `decided_by` is the reason with the strictest end. `estimated`: some session in it has no fixed date.
    """

    act: str
    texts: tuple[str, ...]
    begins: datetime
    ends: datetime | None
    safe_on: date | None
    ongoing: bool
    reasons: tuple[Reason, ...]
    sources: tuple[str, ...]
    decided_by: Reason | None = None
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """`free_on` is the asked day when allowed, else the next day free from midnight to midnight, None if unknown."""

    allowed: bool
    free_on: date | None
    because: tuple[Reason, ...]


def restrictions(
    rules: Iterable[CareRule], occasions: Iterable[Occasion], *, zone: ZoneInfo
) -> tuple[Restriction, ...]:
    """Return every "avoid" rule in force made concrete, by beginning; periods of one act that meet become one.

    Days, weeks and months end at the start of the first safe date, hours at the exact instant. A rule before a
    session begins with the local day and ends with the session. One more session never shortens anything.
    Source: the owner's rule “no dye for 4 weeks”; S3; docs/decisions/days-err-on-the-safe-side.md.
    """
    return restrictions_by_certainty(rules, occasions, zone=zone)[1]


def restrictions_by_certainty(
    rules: Iterable[CareRule], occasions: Iterable[Occasion], *, zone: ZoneInfo
) -> tuple[tuple[Restriction, ...], tuple[Restriction, ...]]:
    """Return `restrictions` twice: of the certain occasions alone, and of all of them."""
    in_force = [rule for rule in rules if _forbids(rule)]
    pieces = [piece for session in occasions for piece in _pieces(in_force, session, zone)]
    certain = [piece for piece in pieces if piece.session.certain]
    everything = _joined(pieces, zone)
    return (everything if len(certain) == len(pieces) else _joined(certain, zone)), everything


def made_concrete(rules: Iterable[CareRule], session: Occasion, *, zone: ZoneInfo) -> list[Restriction]:
    """Return what the "avoid" rules in force forbid around one session. Not merged yet, safe dates not counted."""
    return [_restriction([piece], None) for piece in _pieces(filter(_forbids, rules), session, zone)]


def union(groups: Iterable[Iterable[Restriction]], *, zone: ZoneInfo) -> tuple[Restriction, ...]:
    """Return several plans' restrictions as one: periods of one act that meet become one, the strictest end kept.

    `zone` is where the patient asks; safe dates are counted anew in it.
    """
    by_act: dict[str, list[Restriction]] = {}
    for period in chain.from_iterable(groups):
        by_act.setdefault(period.act, []).append(period)
    merged = [
        _united(run, safe_on)
        for periods in by_act.values()
        for run, safe_on in _with_safe_dates(_runs((p.begins, _end(p), p) for p in periods), zone)
    ]
    return tuple(sorted(merged, key=lambda period: (period.begins, period.act)))


def forbidden_at(periods: Iterable[Restriction], instant: datetime) -> tuple[Restriction, ...]:
    """Return what is forbidden at that very instant."""
    return tuple(period for period in periods if period.begins <= instant < _end(period))


def current_and_coming(periods: Iterable[Restriction], now: datetime) -> tuple[Restriction, ...]:
    """Return what is forbidden now or will be, in the order in which it begins."""
    return tuple(sorted((p for p in periods if _end(p) > now), key=lambda p: (p.begins, p.act)))


def may_do(act: str, day: date, periods: Iterable[Restriction], zone: ZoneInfo) -> Answer:
    """Answer "may I dye my hair on Friday?": yes only when the whole local day is free."""
    known = list(periods)
    against = _against(act, day, known, zone)
    if not against:
        return Answer(allowed=True, free_on=day, because=())
    because = dict.fromkeys(reason for period in against for reason in period.reasons)
    return Answer(allowed=False, free_on=next_free_day(act, known, day, zone), because=tuple(because))


def next_free_day(act: str, periods: Iterable[Restriction], from_day: date, zone: ZoneInfo) -> date | None:
    """Return the first date from `from_day` on that is free all day, None when no end is known."""
    known = list(periods)
    day = first_whole_day(start_of_day(from_day, zone), zone)
    while against := _against(act, day, known, zone):
        if any(period.ends is None for period in against):
            return None
        day = first_whole_day(max(_end(period) for period in against), zone)
    return day


def free_days_between(
    act: str, periods: Iterable[Restriction], first: date, last: date, zone: ZoneInfo
) -> tuple[date, ...]:
    """Return the dates from `first` to `last`, both included, that are free all day. Empty: there is none."""
    known = [period for period in periods if period.act == act]
    days = (first + ONE_DAY * i for i in range((last - first).days + 1))
    return tuple(day for day in days if not _against(act, day, known, zone))


def no_free_day_sentence(
    act: str, periods: Iterable[Restriction], first: date, last: date, zone: ZoneInfo
) -> str | None:
    """Return the sentence to show when a plan is made and leaves no day for `act` between two dates, else None."""
    known = [period for period in periods if period.act == act]
    if not known or last < first:
        return None
    free_on = next_free_day(act, known, first, zone)
    if free_on and free_on <= last:
        return None
    texts = list_words([text.rstrip(".") for text in dict.fromkeys(text for period in known for text in period.texts)])
    return (
        f"From {day_words(first)} to {day_words(last)} there is no day on which {act_words(act)} is allowed: {texts}."
    )


class _Piece(NamedTuple):
    """What one rule forbids around one session. Its own light value: a plan has a hundred, and a dozen once merged."""

    begins: datetime
    ends: datetime
    rule: CareRule
    session: Occasion
    reason: Reason


def _forbids(rule: CareRule) -> bool:
    return rule.kind is CareKind.AVOID and rule.in_force


def _pieces(rules: Iterable[CareRule], session: Occasion, zone: ZoneInfo) -> Iterator[_Piece]:
    given = set(session.modalities)
    for rule in rules:
        if rule.modalities and given.isdisjoint(rule.modalities):
            continue
        begins, ends = rule_period(rule, session.starts, session.ends, zone)
        if ends is None or ends > begins:
            reason = Reason(rule.key, session.number, rule.phase)
            yield _Piece(begins, ends or _FOREVER, rule, session, reason)


def _joined(pieces: Iterable[_Piece], zone: ZoneInfo) -> tuple[Restriction, ...]:
    """Merge the pieces of each act, with their safe dates, in the order in which they begin."""
    by_act: dict[str, list[_Piece]] = {}
    for piece in pieces:
        by_act.setdefault(piece.rule.act, []).append(piece)
    found = [
        _restriction(run, safe_on)
        for mine in by_act.values()
        for run, safe_on in _with_safe_dates(_runs((piece.begins, piece.ends, piece) for piece in mine), zone)
    ]
    return tuple(sorted(found, key=lambda period: (period.begins, period.act)))


def _restriction(run: Sequence[_Piece], safe_on: date | None) -> Restriction:
    strictest = max(run, key=attrgetter("ends"))
    rules = [piece.rule for piece in run]
    return Restriction(
        act=rules[0].act,
        texts=_once([rule.text for rule in rules]),
        begins=run[0].begins,
        ends=None if strictest.ends is _FOREVER else strictest.ends,
        safe_on=safe_on,
        ongoing=any(rule.ongoing for rule in rules),
        reasons=_once([piece.reason for piece in run]),
        sources=_once([rule.source for rule in rules]),
        decided_by=strictest.reason,
        estimated=not all(piece.session.certain for piece in run),
    )


def _once(values: Sequence[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(values)) if len(values) > 1 else tuple(values)


class _Run(NamedTuple, Generic[T]):
    """Periods of one act that overlap or touch, by beginning."""

    begins: datetime
    ends: datetime
    members: list[T]


def _runs(periods: Iterable[tuple[datetime, datetime, T]]) -> list[_Run[T]]:
    found: list[_Run[T]] = []
    for begins, ends, member in sorted(periods, key=itemgetter(0, 1)):
        if found and begins <= found[-1].ends:
            last = found[-1]
            last.members.append(member)
            if ends > last.ends:
                found[-1] = _Run(last.begins, ends, last.members)
        else:
            found.append(_Run(begins, ends, [member]))
    return found


def _with_safe_dates(runs: Sequence[_Run[T]], zone: ZoneInfo) -> Iterator[tuple[list[T], date | None]]:
    """Yield each run's members with the first date, from its end on, that no later run touches either."""
    for place, run in enumerate(runs):
        yield run.members, _safe_on(run.ends, runs[place + 1 :], zone)


def _safe_on(ends: datetime, later_runs: Iterable[_Run[T]], zone: ZoneInfo) -> date | None:
    if ends is _FOREVER:
        return None
    day = first_whole_day(ends, zone)
    for run in later_runs:
        if run.begins >= start_of_day(day + ONE_DAY, zone):
            break
        if run.ends is _FOREVER:
            return None
        day = first_whole_day(run.ends, zone)
    return day


def _united(run: Sequence[Restriction], safe_on: date | None) -> Restriction:
    """Return several plans' restrictions on one act as one. The halves' own safe dates would promise too much."""
    strictest = max(run, key=_end)
    return replace(
        run[0],
        ends=strictest.ends,
        safe_on=safe_on,
        decided_by=strictest.decided_by,
        ongoing=any(period.ongoing for period in run),
        estimated=any(period.estimated for period in run),
        texts=tuple(dict.fromkeys(text for period in run for text in period.texts)),
        reasons=tuple(dict.fromkeys(reason for period in run for reason in period.reasons)),
        sources=tuple(dict.fromkeys(source for period in run for source in period.sources)),
    )


def _against(act: str, day: date, periods: Iterable[Restriction], zone: ZoneInfo) -> list[Restriction]:
    starts, ends = start_of_day(day, zone), start_of_day(day + ONE_DAY, zone)
    return [p for p in periods if p.act == act and p.begins < ends and _end(p) > starts]


def _end(period: Restriction) -> datetime:
    return period.ends or _FOREVER
