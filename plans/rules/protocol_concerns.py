"""What contradicts itself in a protocol: two rules a patient cannot both follow. The clinic settles it to publish."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from clinic.rules.spans import Span, Unit
from plans.rules.course import CareKind, CarePhase, CareRule, Course
from plans.rules.layout import visit_groups
from plans.rules.span_order import days_of
from plans.rules.wording import act_words

_FOREVER = float("inf")


@dataclass(frozen=True, slots=True)
class Concern:
    """`rules`: the keys of the care rules it is about. `settle`: what the clinic can do about it."""

    code: str
    sentence: str
    rules: tuple[str, ...] = ()
    settle: str = ""


def contradictions(course: Course) -> tuple[Concern, ...]:
    """Return every pair of rules in force that contradict each other; publishing waits until there is none.

    Either one says that it conflicts with the other, or one asks for an act while the other forbids it around the same
    session. Source: S1 against S3 on washing the day before; a clinic picks one.
    """
    in_force = [rule for rule in course.care_rules if rule.in_force]
    pairs = ((one, other) for one, other in combinations(in_force, 2) if _meet(course, one, other))
    return tuple(concern for one, other in pairs for concern in _between(one, other))


def _between(one: CareRule, other: CareRule) -> Iterator[Concern]:
    keys = (one.key, other.key)
    if other.key == one.conflicts_with or one.key == other.conflicts_with:
        yield Concern("conflict", f"{_said(one)} and {_said(other)} cannot both hold.", keys, SETTLE)
    elif _asks_and_forbids(one, other) and _overlap(one, other):
        yield Concern(
            "asked_and_forbidden",
            f"{_said(one)} and {_said(other)} hold at the same time around a session: one asks for "
            f"{act_words(one.act)}, the other forbids it.",
            keys,
            f"{SETTLE} Or change their times so that one is over before the other begins.",
        )


SETTLE = "Choose one: take “in force” away from the other."


def _said(rule: CareRule) -> str:
    return f"“{rule.text.strip().rstrip('.')}” ({rule.source})"


def _meet(course: Course, one: CareRule, other: CareRule) -> bool:
    """Return whether some visit calls for both rules."""
    return any(calls_for(one, given) and calls_for(other, given) for given in _visits(course))


def calls_for(rule: CareRule, given: Iterable[str]) -> bool:
    """Return whether a session at which these treatments are given calls for the rule."""
    return not rule.modalities or bool(set(rule.modalities) & set(given))


def _visits(course: Course) -> list[set[str]]:
    modalities = {part.key: part.modality for part in course.components}
    return [{modalities[key] for key in group} for group in visit_groups(course)]


def _asks_and_forbids(one: CareRule, other: CareRule) -> bool:
    return one.act == other.act and {one.kind, other.kind} == {CareKind.DO, CareKind.AVOID} and one.phase is other.phase


def _overlap(one: CareRule, other: CareRule) -> bool:
    (begins, ends), (starts, stops) = _days(one), _days(other)
    return begins <= stops and starts <= ends


def _days(rule: CareRule) -> tuple[float, float]:
    """Return the days around the session on which it may hold, by the widest reading of its months."""
    if rule.phase is CarePhase.PRE:
        ends = -days_of(rule.ends)[0] if rule.ends else 0.0
        begins = -days_of(rule.starts)[1] if rule.starts else 0.0
        return min(begins, ends), ends
    begins = days_of(rule.starts or Span(0, Unit.DAYS))[0]
    return begins, days_of(rule.ends)[1] if rule.ends else _FOREVER
