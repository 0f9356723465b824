"""What changing a care rule would do, before anybody does it. Nothing here writes.

Which plans change is judged for every one of them. Dates, letters and sessions are worked out patient by patient, and
for very many that takes longer than a page may: then for as many as the time allows, spread evenly over all, and the
answer says so.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.operations.audit import allow
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Plan, Protocol, Reminder
from plans.models.care_copies import Copies, Turn, Turns, copies_of
from plans.models.facts import Held, held_from, restrictions_from
from plans.models.protocol_course import course_of
from plans.operations.reminders import LetterChanges, letter_changes, letters_of
from plans.operations.world import TOLD_ACTS, Rows, read_rows, world_of
from plans.rules.care_change import Fate, settled, with_rule
from plans.rules.care_effect import Effect, begun_by_now, dates_that_move, effect
from plans.rules.course import CareKind, CarePhase, CareRule, Course
from plans.rules.protocol_concerns import contradictions
from plans.rules.reminders import LetterKind
from plans.rules.states import PlanState, ProtocolState, ReminderState

AT_ONCE = 100
_LEFT = frozenset(ReminderState) - {ReminderState.PLANNED, ReminderState.CANCELLED, ReminderState.EXPIRED}
DRAFTED = "There is a draft with changes of its own: publish or discard that first."
CANCELLED, NEW_DATE, CORRECTED, NEW = "cancelled", "new_date", "corrected", "new"


@dataclass(frozen=True, slots=True)
class Sorted:
    """Every plan concerned, by what becomes of it."""

    changing: tuple[UUID, ...]
    adapted: tuple[UUID, ...]
    same: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class Hurdle:
    """Why protocols cannot be published as they would be. `rule_key`: the other care rule it is about."""

    protocols: tuple[Protocol, ...]
    sentence: str
    rule_key: str = ""


@dataclass(frozen=True, slots=True)
class PlanEffect:
    plan: Plan
    words: tuple[str, ...]
    crowded: int
    begun: int


@dataclass(slots=True)
class Foreseen:
    """What stands in the plans looked at. `letters` by kind and what becomes of it; `crowded`: sessions left without a
    free day; `begun`: booked sessions whose care would have had to begin already; `gone`: letters about care before a
    session to come that have left, with what was true then. Nothing is sent after them."""

    looked_at: int = 0
    moved: int = 0
    letters: Counter[tuple[LetterKind, str]] = field(default_factory=Counter)
    crowded: int = 0
    begun: int = 0
    gone: int = 0


def sort_plans(*, wanted: CareRule, protocol_ids: Collection[UUID], by: Staff, now: datetime) -> tuple[Copies, Sorted]:
    """Judge every plan of these protocols. One query for the plans, however many."""
    allow(by, Deed.CHANGE_PROTOCOLS)
    copies = copies_of(wanted, list(Protocol.objects.filter(pk__in=protocol_ids)), at=now)
    by_fate: dict[Fate, list[UUID]] = {one: [] for one in Fate}
    for plan_id, found in copies.fates():
        by_fate[found].append(plan_id)
    return copies, Sorted(
        changing=tuple(by_fate[Fate.CHANGES]),
        adapted=tuple(by_fate[Fate.ADAPTED]),
        same=len(by_fate[Fate.SAME]) + len(by_fate[Fate.ABSENT]),
        unreadable=len(by_fate[Fate.UNREADABLE]),
    )


def to_settle(wanted: CareRule, protocol_ids: Collection[UUID]) -> list[Hurdle]:
    """What refuses the change; the same sentence once for all protocols it is true of. Six queries."""
    found: dict[tuple[str, str], list[Protocol]] = {}
    protocols = list(Protocol.objects.filter(pk__in=protocol_ids).whole().order_by("title"))
    drafts = Protocol.objects.filter(key__in=[one.key for one in protocols], state=ProtocolState.DRAFT)
    drafted = set(drafts.values_list("key", flat=True))
    for protocol in protocols:
        course = course_of(protocol)
        old = course.rule(wanted.key)
        new = settled(old, wanted) if old else None
        if old is None or new is None or old == new:
            continue
        if protocol.key in drafted:
            found.setdefault((DRAFTED, ""), []).append(protocol)
        for concern in contradictions(with_rule(course, new)):
            other = next((key for key in concern.rules if key != wanted.key), "")
            found.setdefault((f"{concern.sentence} {concern.settle}".strip(), other), []).append(protocol)
    return [Hurdle(tuple(mine), sentence, key) for (sentence, key), mine in found.items()]


def foresee(copies: Copies, changing: Sequence[UUID], *, now: datetime, seconds: float) -> Foreseen:
    """Work out the plans that change, until the time is over; always a first hundred."""
    until, found = time.monotonic() + seconds, Foreseen()
    for some in _spread(changing):
        for one in effects(copies, some, now=now, counted=found):
            found.looked_at += 1
            found.moved += bool(one.words)
            found.crowded += one.crowded
            found.begun += one.begun
        if time.monotonic() > until:
            break
    return found


def effects(
    copies: Copies, plan_ids: Sequence[UUID], *, now: datetime, counted: Foreseen | None = None
) -> list[PlanEffect]:
    """What changes in each of these plans, in their order. Nine queries, however many they are.

    A plan that cannot be read is left out, with the patient's others: nothing true can be said of them.
    """
    asked = Plan.objects.filter(pk__in=plan_ids).values_list("patient")
    people = list(Patient.objects.filter(pk__in=asked).select_related("home_location"))
    looks = _looks(copies, people, now)
    told = letters_of([one.rows.patient for one in looks], lock=False) if counted is not None else {}
    found: dict[UUID, PlanEffect] = {}
    for one in looks:
        if counted is not None:
            mine = told.get(one.rows.patient.pk, [])
            counted.gone += one.gone(mine)
            counted.letters += one.letters(mine)
        found |= one.effects()
    return [found[pk] for pk in plan_ids if pk in found]


def _looks(copies: Copies, people: Sequence[Patient], now: datetime) -> list[_Look]:
    owners = {patient.pk: patient for patient in people}
    concerned = set(copies.plans().filter(patient__in=people).values_list("pk", flat=True))
    known, turns, broken, drafts, others = Turns(copies), dict[UUID, Turn](), set[UUID](), list[Plan](), list[Plan]()
    for plan in Plan.objects.filter(patient__in=people).select_related("location").order_by("made_at", "pk"):
        plan.patient = owners[plan.patient_id]
        (drafts if plan.state == PlanState.DRAFT else others).append(plan)
        try:
            turns[plan.pk] = known.of(plan)
        except (KeyError, TypeError, ValueError):
            broken.add(plan.patient_id)
    changing = {pk for pk in concerned & turns.keys() if turns[pk].fate is Fate.CHANGES}
    whole = [patient for patient in people if patient.pk not in broken]
    rows = read_rows(whole, now=now, plans=[plan for plan in others if plan.patient_id not in broken])
    return [
        _Look(copies.wanted, one, [p for p in drafts if p.patient_id == one.patient.pk], turns, changing, now)
        for one in rows
    ]


@dataclass(slots=True)
class _Look:
    """One patient, before and after. Numbers are those of the occasions, over all the patient's plans."""

    wanted: CareRule
    rows: Rows
    drafts: Sequence[Plan]
    turns: Mapping[UUID, Turn]
    changing: Set[UUID]
    now: datetime

    def effects(self) -> dict[UUID, PlanEffect]:
        before = self._held(after=False)
        whole = self._effect(before)
        found = {plan.pk: PlanEffect(plan, (), 0, 0) for plan in self.drafts if plan.pk in self.changing}
        for plan in self.rows.plans:
            if plan.pk in self.changing:
                mine = {one.occasion.number for one in before if one.session.plan_id == plan.pk}
                crowded, begun = (len(mine & set(numbers)) for numbers in (whole.crowded, whole.begun))
                found[plan.pk] = PlanEffect(plan, whole.words, crowded, begun)
        return found

    def letters(self, told: Sequence[Reminder]) -> Counter[tuple[LetterKind, str]]:
        if not _is_told(self.wanted):
            return Counter()
        world = world_of(self.rows, now=self.now, courses=self._courses(after=True))
        return _counted(letter_changes(told, world, self.rows.patient, now=self.now), told)

    def gone(self, told: Sequence[Reminder]) -> int:
        if self.wanted.phase is not CarePhase.PRE:
            return 0
        mine = {row.pk for row in self.rows.appointments if row.session and row.session.plan_id in self.changing}
        return sum(row.kind == LetterKind.PRE_CARE and row.state in _LEFT and row.about_id in mine for row in told)

    def _effect(self, before: Sequence[Held]) -> Effect:
        if self.wanted.kind is not CareKind.AVOID:
            return Effect()
        act, zone, both = self.wanted.act, self.rows.patient.home_location.zone, (before, self._held(after=True))
        old, new = (restrictions_from(held, zone=zone, acts={act}) for held in both)
        found = effect(act, old, new, [one.occasion for one in before], zone=zone, now=self.now)
        # What patients were told stands on sessions done or booked; what is only planned is said where nothing else is.
        told, tell = (restrictions_from(_certain(held), zone=zone, acts={act}) for held in both)
        words = dates_that_move(act, told, tell, zone=zone, now=self.now) or found.words
        return replace(found, words=words, begun=tuple(self._begun(before, zone)))

    def _begun(self, before: Iterable[Held], zone: ZoneInfo) -> Iterator[int]:
        for one in before:
            turn = self.turns[one.session.plan_id]
            old, new = turn.before.rule(self.wanted.key), turn.after.rule(self.wanted.key)
            if one.session.plan_id in self.changing and old and new:
                yield from begun_by_now(old, new, [one.occasion], zone=zone, now=self.now)

    def _held(self, *, after: bool) -> tuple[Held, ...]:
        rows = self.rows
        return held_from(
            rows.plans, rows.sessions, rows.booked, with_estimates=True, courses=self._courses(after=after)
        )

    def _courses(self, *, after: bool) -> dict[UUID, Course]:
        return {
            plan.pk: self.turns[plan.pk].course_after(after and plan.pk in self.changing) for plan in self.rows.plans
        }


def _certain(held: Iterable[Held]) -> list[Held]:
    return [one for one in held if one.occasion.certain]


def _counted(changes: LetterChanges, told: Sequence[Reminder]) -> Counter[tuple[LetterKind, str]]:
    """An old letter that goes and a new one about the same are one letter with a new date."""
    found: Counter[tuple[LetterKind, str]] = Counter()
    gone = Counter((row.kind, row.about_id) for row, _ in changes.needless)
    left = {(row.kind, row.about_id) for row in told if row.state in _LEFT}
    for row in changes.missing:
        subject = row.kind, row.about_id
        if gone[subject]:
            gone[subject] -= 1
            found[LetterKind(row.kind), NEW_DATE] += 1
        else:
            found[LetterKind(row.kind), CORRECTED if subject in left else NEW] += 1
    for (kind, _), count in gone.items():
        found[LetterKind(kind), CANCELLED] += count
    for row in changes.moved:
        found[LetterKind(row.kind), NEW_DATE] += 1
    return +found


def _is_told(rule: CareRule) -> bool:
    """Whether letters state the dates this rule makes."""
    return rule.kind is CareKind.AVOID and rule.act in TOLD_ACTS


def _spread(ids: Sequence[UUID]) -> Iterable[Sequence[UUID]]:
    """Every plan once, each group spread over all of them: ids are in the order in which plans were made."""
    groups = -(-len(ids) // AT_ONCE)
    return [ids[first::groups] for first in range(groups)]
