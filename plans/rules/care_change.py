"""A care rule changed for many plans: what becomes of each copy of it, and what the rule then says in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Any

from clinic.rules.spans import Span, Unit
from plans.rules.course import CarePhase, CareRule, Course

# What a clinic sets; what a rule is about, when it counts and for whom is another rule.
SETTABLE = ("text", "source", "starts", "ends", "ongoing", "in_force")
_EMPTY = Course(components=(), reviews=(), care_rules=())
_EMPTY_JSON = _EMPTY.to_json()
_LONGEST = {Unit.HOURS: timedelta(hours=1), Unit.DAYS: timedelta(days=1), Unit.WEEKS: timedelta(weeks=1)}
_LONGEST_MONTH = timedelta(days=31)


class Fate(StrEnum):
    """What becomes of one plan's copy of the rule."""

    CHANGES = "changes"
    SAME = "same"  # it says so already
    ADAPTED = "adapted"  # a clinician set it for this patient: not ours to change
    ABSENT = "absent"
    UNREADABLE = "unreadable"


def settled(rule: CareRule, wanted: CareRule) -> CareRule:
    """Return `rule` saying what `wanted` says, and still about what it was about."""
    return replace(rule, **{name: getattr(wanted, name) for name in SETTABLE})


def fate(copy: CareRule | None, house: Collection[CareRule], wanted: CareRule) -> Fate:
    """`house`: what the clinic's own rule was in every protocol version since the plan was made.

    A copy that is none of these was adapted for the patient.
    """
    if copy is None:
        return Fate.ABSENT
    if copy == settled(copy, wanted):
        return Fate.SAME
    return Fate.CHANGES if copy in house else Fate.ADAPTED


def with_rule(course: Course, rule: CareRule) -> Course:
    """Return the course with its rule of that key replaced; the same course when it has none."""
    rules = tuple(rule if one.key == rule.key else one for one in course.care_rules)
    return replace(course, care_rules=rules)


def rule_to_json(rule: CareRule) -> dict[str, Any]:
    """Return the rule as a plan's frozen course holds it."""
    written: dict[str, Any] = replace(_EMPTY, care_rules=(rule,)).to_json()["care_rules"][0]
    return written


def rule_from_json(raw: dict[str, Any]) -> CareRule:
    """Read what `rule_to_json` wrote. KeyError, TypeError or ValueError when it is not one."""
    return Course.from_json({**_EMPTY_JSON, "care_rules": [raw]}).care_rules[0]


def copy_in(course: Mapping[str, Any], key: str) -> CareRule | None:
    """Return the rule of that key in a written course, without reading the rest of it."""
    return next((rule_from_json(raw) for raw in course["care_rules"] if raw["key"] == key), None)


def write_copy(course: Mapping[str, Any], rule: CareRule) -> dict[str, Any]:
    """Return the written course with its rule of that key replaced, and nothing else touched."""
    written = rule_to_json(rule)
    rules = [written if raw["key"] == rule.key else raw for raw in course["care_rules"]]
    return {**course, "care_rules": rules}


def reach(rules: Iterable[CareRule]) -> timedelta:
    """Return how long after a session's end any of these can still forbid something, never too short.

    A rule before a session reaches nothing behind it. One without an end promises no date that could be wrong.
    """
    ends = [_most(rule.ends) for rule in rules if rule.phase is CarePhase.AFTER and rule.ends]
    return max(ends, default=timedelta(0))


def _most(span: Span) -> timedelta:
    # Days end with a local day, the safe one, in whatever zone: two days more are always enough.
    return span.number * _LONGEST.get(span.unit, _LONGEST_MONTH) + timedelta(days=2)


def window_words(rule: CareRule) -> str:
    """Return when the rule counts: "for 4 weeks after the session", "from 1 week before the session"."""
    return _before(rule) if rule.phase is CarePhase.PRE else _after(rule)


def force_words(rule: CareRule) -> str:
    return window_words(rule) if rule.in_force else "not in force"


def _before(rule: CareRule) -> str:
    if rule.starts is None:
        return "from booking to the session"
    if rule.ends is not None:
        return f"from {rule.starts} to {rule.ends} before the session"
    return f"from {rule.starts} before the session" if rule.starts.number else "on the day of the session"


def _after(rule: CareRule) -> str:
    if rule.ends is None:
        begin = f"from {rule.starts} after the session" if rule.starts else "from the session on"
        return f"{begin}, for good" if rule.ongoing else f"{begin}; no end is set"
    if rule.starts is None:
        return f"for {rule.ends} after the session"
    return f"from {rule.starts} to {rule.ends} after the session"
