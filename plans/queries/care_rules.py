"""The care rules of all published protocols: what each says where, in how many plans it stands, and how it changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, QuerySet

from clinic.models import Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from plans.models import Plan, Protocol, Replanning
from plans.models.care_copies import UNDER_WAY
from plans.models.protocol_course import course_of
from plans.rules.care_change import force_words, rule_from_json, window_words
from plans.rules.course import CarePhase, CareRule
from plans.rules.states import ProtocolState

CHANGES_SHOWN = 10
TROUBLE_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule as one published protocol has it. `plans` under way, of this and of earlier versions; `has_draft`:
    somebody is writing the protocol's next version."""

    protocol: Protocol
    rule: CareRule
    plans: int
    has_draft: bool = False

    @property
    def words(self) -> str:
        return force_words(self.rule)


@dataclass(frozen=True, slots=True)
class RuleLine:
    """`rule` as most protocols have it; `others`: in how many it says something else."""

    rule: CareRule
    words: str
    protocols: int
    others: int
    plans: int


@dataclass(frozen=True, slots=True)
class RuleStory:
    rule: CareRule
    words: str
    standings: tuple[Standing, ...]
    changes: tuple[Replanning, ...]

    @property
    def differs(self) -> bool:
        return len({standing.rule for standing in self.standings}) > 1


@dataclass(frozen=True, slots=True)
class Trouble:
    """A plan that did not follow. `plan` is None for whoever may not see it."""

    plan: Plan | None
    why: str


@dataclass(frozen=True, slots=True)
class ChangeStory:
    row: Replanning
    rule: CareRule
    words: str
    protocols: tuple[Protocol, ...]
    trouble: tuple[Trouble, ...]
    more_trouble: int
    unseen: int


def care_rules(by: Staff) -> tuple[tuple[str, tuple[RuleLine, ...]], ...]:
    """Return the rules before a session and after it, those in force first. Six queries. Forbidden."""
    found: dict[str, list[Standing]] = {}
    for standing in _standings(by):
        found.setdefault(standing.rule.key, []).append(standing)
    lines = [_line(standings) for standings in found.values()]
    return tuple(
        (phase.label, tuple(sorted((line for line in lines if line.rule.phase is phase), key=_in_force_first)))
        for phase in CarePhase
    )


def care_rule(by: Staff, key: str) -> RuleStory:
    """Return one rule in all protocols that have it. Forbidden; DoesNotExist when none has."""
    standings = [standing for standing in _standings(by) if standing.rule.key == key]
    if not standings:
        raise Protocol.DoesNotExist
    rule = _usual(standings)
    drafts = set(Protocol.objects.filter(state=ProtocolState.DRAFT).values_list("key", flat=True))
    return RuleStory(
        rule=rule,
        words=window_words(rule),
        standings=tuple(Standing(one.protocol, one.rule, one.plans, one.protocol.key in drafts) for one in standings),
        changes=tuple(_changes().filter(rule_key=key)[:CHANGES_SHOWN]),
    )


def recent_changes(by: Staff) -> tuple[tuple[Replanning, str], ...]:
    """Return the last changes, newest first, with what each rule became. Forbidden."""
    _allow(by)
    return tuple((row, force_words(rule_from_json(row.rule_json))) for row in _changes()[:CHANGES_SHOWN])


def change_story(by: Staff, pk: UUID) -> ChangeStory:
    """Return how far a change has come, and which plans did not follow. Forbidden, DoesNotExist."""
    _allow(by)
    row = _changes().get(pk=pk)
    shown = row.trouble[:TROUBLE_SHOWN]
    # Protocols are everybody's; patients are those of one's own places.
    seen = Plan.objects.visible_to(by).filter(pk__in=[one["plan"] for one in shown]).select_related("patient")
    plans = {str(plan.pk): plan for plan in seen.defer("course_json")}
    trouble = [Trouble(plans.get(one["plan"]), one["why"]) for one in shown]
    rule = rule_from_json(row.rule_json)
    return ChangeStory(
        row=row,
        rule=rule,
        words=force_words(rule),
        protocols=tuple(row.protocols.order_by("title")),
        trouble=tuple(one for one in trouble if one.plan),
        more_trouble=len(row.trouble) - len(shown),
        unseen=sum(one.plan is None for one in trouble),
    )


def _allow(by: Staff) -> None:
    if not by.can(Deed.SEE_PROTOCOLS):
        raise Forbidden(Deed.SEE_PROTOCOLS)


def _changes() -> QuerySet[Replanning]:
    return Replanning.objects.select_related("asked_by").order_by("-asked_at", "-pk")


def _standings(by: Staff) -> list[Standing]:
    _allow(by)
    protocols = Protocol.objects.published().whole().order_by("-is_default", "title")
    plans = _plans_of()
    return [
        Standing(protocol, rule, plans[protocol.key])
        for protocol in protocols
        for rule in course_of(protocol).care_rules
    ]


def _plans_of() -> Counter[str]:
    """How many plans to come and under way were made from each protocol. A plan keeps every rule it was made with."""
    counted = Plan.objects.filter(state__in=UNDER_WAY).order_by().values("protocol__key").annotate(count=Count("pk"))
    return Counter({row["protocol__key"]: row["count"] for row in counted})


def _usual(standings: Sequence[Standing]) -> CareRule:
    """What most protocols say; among equals what the protocol says that is suggested first."""
    return Counter(standing.rule for standing in standings).most_common(1)[0][0]


def _line(standings: Sequence[Standing]) -> RuleLine:
    usual = _usual(standings)
    return RuleLine(
        rule=usual,
        words=window_words(usual),
        protocols=len(standings),
        others=sum(standing.rule != usual for standing in standings),
        plans=sum(standing.plans for standing in standings),
    )


def _in_force_first(line: RuleLine) -> tuple[bool, str]:
    return not line.rule.in_force, line.rule.key
