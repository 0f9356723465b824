"""Which plans hold a copy of a care rule, and what the clinic's own rule was while they were made."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, TextField
from django.db.models.functions import Cast

from plans.models.plan import Plan, PlanQuerySet, Session
from plans.models.protocol import Protocol
from plans.models.protocol_course import course_of
from plans.rules.care_change import Fate, copy_in, fate, force_words, reach, settled, with_rule, write_copy
from plans.rules.course import CareRule, Course
from plans.rules.states import PlanState, SessionState

# A draft is tomorrow's plan, and a paused one goes on: left out, both would bring the old rule back later.
UNDER_WAY = (PlanState.DRAFT, PlanState.ACTIVE, PlanState.PAUSED)


@dataclass(frozen=True, slots=True)
class Copies:
    """The plans of some protocols, as they were `at` one moment, and how their copy of the rule is judged.

    `house`: by protocol version, what the rule was in it and in every later version.
    """

    wanted: CareRule
    house: Mapping[UUID, frozenset[CareRule]]
    at: datetime

    def plans(self) -> PlanQuerySet:
        """Plans to come and under way, and ended ones whose patient still lives by the rule after the last session.

        Further back nothing is told any more: what such a plan says is on record, and stays as it was.
        """
        since = self.at - reach([self.wanted, *(rule for rules in self.house.values() for rule in rules)])
        held = Session.objects.filter(plan=OuterRef("pk"), state=SessionState.DONE, ended_at__gt=since)
        rows: PlanQuerySet = Plan.objects.filter(protocol__in=self.house.keys(), made_at__lte=self.at)
        return rows.filter(Q(state__in=UNDER_WAY) | Exists(held))

    def fate_of(self, copy: CareRule | None, protocol_id: UUID) -> Fate:
        return fate(copy, self.house[protocol_id], self.wanted)

    def fates(self) -> Iterator[tuple[UUID, Fate]]:
        """What becomes of every plan, by id. One query; courses that read the same are judged once."""
        known: dict[tuple[UUID, str], Fate] = {}
        rows = self.plans().annotate(written=Cast("course_json", TextField())).order_by("pk")
        for plan_id, protocol_id, written in rows.values_list("pk", "protocol_id", "written").iterator(chunk_size=500):
            found = known.get((protocol_id, written))
            if found is None:
                found = known[protocol_id, written] = self._judged(protocol_id, written)
            yield plan_id, found

    def _judged(self, protocol_id: UUID, written: str) -> Fate:
        try:
            return self.fate_of(copy_in(json.loads(written), self.wanted.key), protocol_id)
        except (KeyError, TypeError, ValueError):
            return Fate.UNREADABLE


@dataclass(frozen=True, slots=True)
class Turn:
    """What the change makes of one written course. `written` and `after` are the course with the new rule."""

    fate: Fate
    words: str
    before: Course
    written: dict[str, Any]
    after: Course

    def course_after(self, changed: bool) -> Course:
        return self.after if changed else self.before


class Turns:
    """Each plan's turn. Courses that read the same are read and written once: most of them do."""

    def __init__(self, copies: Copies) -> None:
        self._copies = copies
        self._known: dict[tuple[UUID, str], Turn] = {}

    def of(self, plan: Plan) -> Turn:
        """KeyError, TypeError or ValueError when the plan's course cannot be read."""
        key = plan.protocol_id, json.dumps(plan.course_json)
        if key not in self._known:
            self._known[key] = self._read(plan)
        return self._known[key]

    def _read(self, plan: Plan) -> Turn:
        before, wanted = plan.course, self._copies.wanted
        copy = before.rule(wanted.key)
        if copy is None or plan.protocol_id not in self._copies.house:
            return Turn(Fate.ABSENT, "", before, plan.course_json, before)
        new = settled(copy, wanted)
        fate_of = self._copies.fate_of(copy, plan.protocol_id)
        return Turn(fate_of, force_words(copy), before, write_copy(plan.course_json, new), with_rule(before, new))


def copies_of(wanted: CareRule, protocols: Collection[Protocol], *, at: datetime) -> Copies:
    """`protocols`: one version of each; plans of it and of its earlier versions count."""
    last = {protocol.key: protocol.version for protocol in protocols}
    rules: dict[str, dict[int, tuple[UUID, CareRule | None]]] = {}
    for version in Protocol.objects.filter(key__in=last).whole():
        if version.version <= last[version.key]:
            rules.setdefault(version.key, {})[version.version] = version.pk, course_of(version).rule(wanted.key)
    house = {pk: _since(number, versions) for versions in rules.values() for number, (pk, _) in versions.items()}
    return Copies(wanted, house, at)


def _since(number: int, versions: Mapping[int, tuple[UUID, CareRule | None]]) -> frozenset[CareRule]:
    later: Iterable[CareRule | None] = (rule for other, (_, rule) in versions.items() if other >= number)
    return frozenset(rule for rule in later if rule)
