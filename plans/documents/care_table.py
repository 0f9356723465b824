"""Care rules as a patient keeps them at hand: what holds around every session, and the dates that are known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic.rules.local_time import local_day, start_of_day
from clinic.rules.spans import Span
from plans.rules.course import CareBy, CareKind, CarePhase, CareRule, Modality
from plans.rules.restrictions import Restriction, current_and_coming, forbidden_at
from plans.rules.wording import act_words, clock_words, day_words, first_up, list_words, modality_words

PERIODS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Care:
    """`when` "From 1 week before" or "For 4 weeks"; `only` names the treatments it belongs to where not all."""

    when: str
    text: str
    only: str
    source: str


@dataclass(frozen=True, slots=True)
class Group:
    """What is said for one time, under it once."""

    when: str
    lines: tuple[Care, ...]


@dataclass(frozen=True, slots=True)
class Avoid:
    """One thing to avoid, with the dates that are known; `more` where the list had to end."""

    what: str
    periods: tuple[str, ...]
    more: bool


def care_lines(rules: Iterable[CareRule], phase: CarePhase, given: Sequence[Modality]) -> tuple[Care, ...]:
    """Return what the patient does, avoids or asks before (or after) every session, what begins first first."""
    mine = [
        rule
        for rule in rules
        if rule.phase is phase and rule.in_force and rule.by is CareBy.PATIENT and _concerns(rule, given)
    ]
    return tuple(Care(_when(rule), rule.text, _only(rule, given), rule.source) for rule in mine)


def by_time(lines: Iterable[Care]) -> tuple[Group, ...]:
    """Return the lines under their times, in the order in which each time is first named."""
    groups: dict[str, list[Care]] = {}
    for line in lines:
        groups.setdefault(line.when, []).append(line)
    return tuple(Group(when, tuple(mine)) for when, mine in groups.items())


def avoid_lines(
    periods: Iterable[Restriction], certain: Iterable[Restriction], *, zone: ZoneInfo, now: datetime
) -> tuple[Avoid, ...]:
    """Return what must be avoided now or later, dyeing first, each with its dates, the soonest first.

    "Now" is said only of what a session done or booked forbids; `periods` hold estimates, too.
    """
    forbidden = {period.act for period in forbidden_at(certain, now)}
    by_act: dict[str, list[Restriction]] = {}
    for period in current_and_coming(periods, now):
        by_act.setdefault(period.act, []).append(period)
    return tuple(
        Avoid(
            first_up(act_words(act)),
            tuple(
                _period(period, zone, runs=act in forbidden and period.begins <= now)
                for period in by_act[act][:PERIODS_SHOWN]
            ),
            len(by_act[act]) > PERIODS_SHOWN,
        )
        for act in sorted(by_act, key=lambda act: act != "dye")
    )


def _concerns(rule: CareRule, given: Sequence[Modality]) -> bool:
    return not rule.modalities or bool(set(rule.modalities) & set(given))


def _only(rule: CareRule, given: Sequence[Modality]) -> str:
    if not rule.modalities or set(given) <= set(rule.modalities):
        return ""
    return list_words([modality_words(one) for one in given if one in rule.modalities])


def _when(rule: CareRule) -> str:
    if rule.phase is CarePhase.PRE:
        return _before(rule.starts, is_do=rule.kind is CareKind.DO)
    begins = f"From {rule.starts} after" if rule.starts and rule.starts.number else ""
    if rule.ends:
        return f"{begins}, until {rule.ends} after" if begins else f"For {rule.ends}"
    return begins or ("As long as the treatment goes on" if rule.ongoing else "Until the clinic says otherwise")


def _before(span: Span | None, *, is_do: bool) -> str:
    if span is None:
        return "From booking"
    if span.number == 0:
        return "On the day"
    if span.number == 1 and span.unit == "days":
        return "The day before" if is_do else "From the day before"
    return f"From {span} before"


def _period(period: Restriction, zone: ZoneInfo, *, runs: bool) -> str:
    begins = "now" if runs else f"from {_day(local_day(period.begins, zone), about=period.estimated)}"
    if period.ends is None or period.safe_on is None:
        until = "as long as the treatment goes on" if period.ongoing else "until the clinic says otherwise"
        return f"{begins}, {until}"
    if period.ends != start_of_day(local_day(period.ends, zone), zone):
        ends = f"{day_words(local_day(period.ends, zone))}, {clock_words(period.ends, zone)}"
        return f"{begins} until {'about ' if period.estimated else ''}{ends}"
    return f"{begins}; fine again from {_day(period.safe_on, about=period.estimated)}"


def _day(day: date, *, about: bool) -> str:
    return f"about {day_words(day)}" if about else day_words(day)
