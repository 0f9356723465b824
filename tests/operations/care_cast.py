"""A care rule changed in a small clinic, and every row that could follow it, as a test compares them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from clinic.rules.spans import Span, Unit
from plans.models import ChecklistItem, Plan, Protocol, Reminder, Replanning
from plans.models.protocol_course import course_of
from plans.operations.replanning import ask_replanning, run_replanning
from plans.rules.course import CareRule
from plans.rules.states import ReplanningState
from tests.cast import COMBINED, Cast, published

FIVE_WEEKS = Span(5, Unit.WEEKS)


def house_rule(key: str = "no-dye", protocol: str = COMBINED) -> CareRule:
    rule = course_of(published(protocol)).rule(key)
    assert rule
    return rule


def longer(key: str = "no-dye", ends: Span = FIVE_WEEKS) -> CareRule:
    return replace(house_rule(key), ends=ends)


def ask(cast: Cast, rule: CareRule | None = None, *keys: str, **more: Any) -> Replanning:
    wish = {"with_plans": True, "reason": "The owner asked for it", "by": cast.manager, "now": cast.now, **more}
    protocols = [published(key).pk for key in keys or (COMBINED,)]
    return ask_replanning(rule=rule or longer(), protocol_ids=protocols, **wish)


def run(row: Replanning, now: datetime, limit: int = 200) -> Replanning:
    """Step until it is over."""
    for _ in range(1_000):
        row = run_replanning(replanning_id=row.pk, now=now, limit=limit)
        if row.state in (ReplanningState.DONE, ReplanningState.STOPPED):
            return row
    raise AssertionError("it never ends")


def change(cast: Cast, rule: CareRule | None = None, *keys: str, limit: int = 200, **more: Any) -> Replanning:
    return run(ask(cast, rule, *keys, **more), cast.now, limit)


def copy_of(plan: Plan, key: str = "no-dye") -> CareRule | None:
    return Plan.objects.get(pk=plan.pk).course.rule(key)


def adapt(plan: Plan, **changes: Any) -> None:
    """A clinician sets this patient's own rule."""
    plan = Plan.objects.get(pk=plan.pk)
    rules = tuple(replace(rule, **changes) if rule.key == "no-dye" else rule for rule in plan.course.care_rules)
    plan.course = replace(plan.course, care_rules=rules)
    plan.save()


def letters(**which: Any) -> list[tuple[Any, ...]]:
    names = ("kind", "patient_id", "about_id", "facts", "content_version", "due_at", "useful_until", "state")
    rows = Reminder.objects.filter(**which).order_by("patient_id", "kind", "about_id", "content_version", "facts")
    return list(rows.values_list(*names, "state_reason", "plan_id", "location_id"))


def items(plans: Iterable[Plan] | None = None) -> list[tuple[Any, ...]]:
    rows = ChecklistItem.objects.order_by("session_id", "rule_key")
    rows = rows if plans is None else rows.filter(session__plan__in=plans)
    return list(rows.values_list("session_id", "rule_key", "position", "phase", "kind", "by", "text", "ticked_at"))


def courses() -> dict[Any, Any]:
    return dict(Plan.objects.values_list("pk", "course_json"))


def versions(key: str = COMBINED) -> list[tuple[int, str]]:
    return list(Protocol.objects.filter(key=key).order_by("version").values_list("version", "state"))
