"""What a patient may not do, from when, until when, and because of which session.

A restriction is an "avoid" rule made concrete. Every end errs on the safe side: see `first_safe_date`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

from clinic.rules.local_time import earliest_begin, first_whole_day, latest_end, local_day, start_of_day
from clinic.rules.spans import Span, Unit
from plans.rules.course import CareKind, CarePhase, CareRule, Modality
from plans.rules.wording import act_words, day_words, list_words

ONE_DAY = timedelta(days=1)
_FOREVER = datetime.max.replace(tzinfo=UTC)


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
    sessions = list(occasions)
    in_force = [rule for rule in rules if rule.kind is CareKind.AVOID and rule.in_force]
    made = (_made_concrete(rule, session, zone) for rule in in_force for session in sessions)
    return union([filter(None, made)], zone=zone)


def union(groups: Iterable[Iterable[Restriction]], *, zone: ZoneInfo) -> tuple[Restriction, ...]:
    """Return several plans' restrictions as one: periods of one act that meet become one, the strictest end kept.

    `zone` is where the patient asks; safe dates are counted anew in it.
    """
    by_act: dict[str, list[Restriction]] = {}
    for period in chain.from_iterable(groups):
        by_act.setdefault(period.act, []).append(period)
    merged = [period for periods in by_act.values() for period in _with_safe_dates(_merged(periods), zone)]
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
    known = list(periods)
    days = (first + ONE_DAY * i for i in range((last - first).days + 1))
    return tuple(day for day in days if not _against(act, day, known, zone))


def no_free_day_sentence(
    act: str, periods: Iterable[Restriction], first: date, last: date, zone: ZoneInfo
) -> str | None:
    """Return the sentence to show when a plan is made and leaves no day for `act` between two dates, else None."""
    known = [period for period in periods if period.act == act]
    if not known or last < first or free_days_between(act, known, first, last, zone):
        return None
    texts = list_words([text.rstrip(".") for text in dict.fromkeys(text for period in known for text in period.texts)])
    return (
        f"From {day_words(first)} to {day_words(last)} there is no day on which {act_words(act)} is allowed: {texts}."
    )


def _made_concrete(rule: CareRule, session: Occasion, zone: ZoneInfo) -> Restriction | None:
    if rule.modalities and not set(rule.modalities) & set(session.modalities):
        return None
    begins, ends = (_around if rule.phase is CarePhase.PRE else _following)(rule, session, zone)
    if ends is not None and ends <= begins:
        return None
    reason = Reason(rule.key, session.number, rule.phase)
    return Restriction(
        act=rule.act,
        texts=(rule.text,),
        begins=begins,
        ends=ends,
        safe_on=None,
        ongoing=rule.ongoing,
        reasons=(reason,),
        sources=(rule.source,),
        decided_by=reason,
        estimated=not session.certain,
    )


def _around(rule: CareRule, session: Occasion, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the period of a rule before a session."""
    span = rule.starts or Span(0, Unit.DAYS)
    begins = earliest_begin(session.starts, span, zone)
    if span.unit is not Unit.HOURS:
        begins = start_of_day(local_day(begins, zone), zone)
    if rule.ends is None:
        return begins, session.ends
    # The latest reading of "until a day before", and never past the session itself.
    ends = max(_back(session.starts, rule.ends, zone), begins)
    return begins, min(ends, session.ends)


def _back(instant: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """Return the end of "until `span` before": hours exactly, days with the end of that local day."""
    begin = earliest_begin(instant, span, zone)
    if span.unit is Unit.HOURS:
        return begin
    return start_of_day(local_day(begin, zone) + ONE_DAY, zone)


def _following(rule: CareRule, session: Occasion, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
    """Return the period of a rule after a session."""
    begins = session.ends
    if rule.starts is not None:
        # Days count from local midnight: the rule begins with the day, but not before the session is over.
        begins = latest_end(session.ends, rule.starts, zone)
        if rule.starts.unit is not Unit.HOURS:
            begins = max(start_of_day(local_day(begins, zone), zone), session.ends)
    return begins, None if rule.ends is None else _safe_end(session.ends, rule.ends, zone)


def _safe_end(instant: datetime, span: Span, zone: ZoneInfo) -> datetime:
    end = latest_end(instant, span, zone)
    return end if span.unit is Unit.HOURS else start_of_day(first_whole_day(end, zone), zone)


def _merged(periods: Iterable[Restriction]) -> list[Restriction]:
    """Join periods of one act that overlap or touch."""
    joined: list[Restriction] = []
    for period in sorted(periods, key=lambda p: (p.begins, _end(p))):
        if joined and period.begins <= _end(joined[-1]):
            joined[-1] = _joined(joined[-1], period)
        else:
            joined.append(period)
    return joined


def _joined(first: Restriction, second: Restriction) -> Restriction:
    strictest = max(first, second, key=_end)
    return replace(
        first,
        ends=strictest.ends,
        safe_on=None,  # counted anew for the whole: the earlier half's own date would promise too much
        decided_by=strictest.decided_by,
        ongoing=first.ongoing or second.ongoing,
        estimated=first.estimated or second.estimated,
        texts=tuple(dict.fromkeys(first.texts + second.texts)),
        reasons=tuple(dict.fromkeys(first.reasons + second.reasons)),
        sources=tuple(dict.fromkeys(first.sources + second.sources)),
    )


def _with_safe_dates(periods: Sequence[Restriction], zone: ZoneInfo) -> list[Restriction]:
    return [
        replace(period, safe_on=next_free_day(period.act, periods, first_whole_day(period.ends, zone), zone))
        if period.ends
        else period
        for period in periods
    ]


def _against(act: str, day: date, periods: Iterable[Restriction], zone: ZoneInfo) -> list[Restriction]:
    starts, ends = start_of_day(day, zone), start_of_day(day + ONE_DAY, zone)
    return [p for p in periods if p.act == act and p.begins < ends and _end(p) > starts]


def _end(period: Restriction) -> datetime:
    return period.ends or _FOREVER
