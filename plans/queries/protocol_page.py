"""One protocol version to read: what it says, where it is used, which versions there are, and what differs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from plans.models import Plan, Protocol
from plans.models.protocol_course import course_of
from plans.queries.protocol_trial import TrialStory, today_of_staff, tried_out, zone_of_staff
from plans.rules import protocol_words as words
from plans.rules.course import CarePhase, CareRule, Component, Course
from plans.rules.protocol_check import faults
from plans.rules.protocol_diff import Item, diff, diff_words
from plans.rules.protocol_fault import Fault
from plans.rules.states import PlanState, ProtocolState
from plans.rules.wording import list_words, modality_words

MOST_PLANS = 20
UNDER_WAY = (PlanState.ACTIVE, PlanState.PAUSED)


@dataclass(frozen=True, slots=True)
class CareLine:
    """`only`: the treatments it is about, empty when that is everything this protocol gives."""

    rule: CareRule
    holds: str
    only: str


@dataclass(frozen=True, slots=True)
class PartLine:
    part: Component
    counts: str
    interval: str
    begins: str


@dataclass(frozen=True, slots=True)
class Used:
    """How many plans stand on this version, in all places; `plans` are those under way this person may see."""

    under_way: int
    drafts: int
    ended: int
    plans: tuple[Plan, ...]

    @property
    def hidden(self) -> int:
        return self.under_way - len(self.plans)


@dataclass(frozen=True, slots=True)
class VersionLine:
    protocol: Protocol
    used: int
    published_on: date | None
    retired_on: date | None


@dataclass(frozen=True, slots=True)
class ProtocolPage:
    protocol: Protocol
    course: Course
    parts: tuple[PartLine, ...]
    before: tuple[CareLine, ...]
    after: tuple[CareLine, ...]
    booster: str
    faults: tuple[Fault, ...]
    story: TrialStory | None
    versions: tuple[VersionLine, ...]
    copies: tuple[Protocol, ...]
    used: Used
    today: date
    zone: ZoneInfo
    may_change: bool

    @property
    def draft(self) -> Protocol | None:
        return next((line.protocol for line in self.versions if line.protocol.state == ProtocolState.DRAFT), None)

    @property
    def published(self) -> Protocol | None:
        return next((line.protocol for line in self.versions if line.protocol.state == ProtocolState.PUBLISHED), None)

    @property
    def is_draft(self) -> bool:
        return self.protocol.state == ProtocolState.DRAFT


def protocol_page(by: Staff, protocol_id: UUID, *, now: datetime) -> ProtocolPage:
    """Read a version with its course tried out from today. Forbidden for who may not see protocols."""
    _may_see(by)
    protocol = Protocol.objects.whole().select_related("based_on").get(pk=protocol_id)
    course, zone, today = course_of(protocol), zone_of_staff(by), today_of_staff(by, now)
    found = faults(course)
    return ProtocolPage(
        protocol=protocol,
        course=course,
        parts=tuple(_part(part) for part in course.components),
        before=_care(course, CarePhase.PRE),
        after=_care(course, CarePhase.AFTER),
        booster=words.interval_words(course.maintenance) if course.maintenance else "",
        faults=found,
        story=None if found else tried_out(course, starts_on=today, zone=zone),
        versions=_versions(protocol.key, zone),
        copies=tuple(Protocol.objects.filter(based_on__key=protocol.key).exclude(key=protocol.key).order_by("title")),
        used=_used(by, protocol),
        today=today,
        zone=zone,
        may_change=by.can(Deed.CHANGE_PROTOCOLS),
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    was: Protocol
    now: Protocol
    items: tuple[Item, ...]

    @property
    def sections(self) -> list[tuple[str, list[Item]]]:
        names = dict.fromkeys(item.section for item in self.items)
        return [(name, [item for item in self.items if item.section == name]) for name in names]


def compared(by: Staff, was_id: UUID, now_id: UUID) -> Comparison:
    """Compare any two versions, the first as what was."""
    _may_see(by)
    versions = {one.pk: one for one in Protocol.objects.whole().filter(pk__in=[was_id, now_id])}
    if was_id not in versions or now_id not in versions:
        raise Protocol.DoesNotExist
    was, now = versions[was_id], versions[now_id]
    items = diff_words("About this protocol", "What it says", _said(was), _said(now))
    return Comparison(was, now, (*items, *diff(course_of(was), course_of(now))))


def _may_see(by: Staff) -> None:
    if not by.can(Deed.SEE_PROTOCOLS):
        raise Forbidden(Deed.SEE_PROTOCOLS)


def _said(protocol: Protocol) -> dict[str, str]:
    return {
        "Title": protocol.title,
        "Summary": protocol.summary,
        "Choices made": protocol.note,
        "Source": protocol.source,
        "Price": "" if protocol.price is None else str(protocol.price),
        "Note on the price": protocol.price_note,
        "Suggested first": "yes" if protocol.is_default else "no",
    }


def _part(part: Component) -> PartLine:
    return PartLine(part, words.counts_words(part), words.interval_words(part.interval), words.start_words(part))


def _care(course: Course, phase: CarePhase) -> tuple[CareLine, ...]:
    rules = [rule for rule in course.care_rules if rule.phase is phase]
    return tuple(CareLine(rule, words.window_words(rule), _only_words(rule, course)) for rule in rules)


def _only_words(rule: CareRule, course: Course) -> str:
    given = {part.modality for part in course.components}
    if not rule.modalities or given <= set(rule.modalities):
        return ""
    return list_words([modality_words(modality) for modality in rule.modalities])


def _versions(key: str, zone: ZoneInfo) -> tuple[VersionLine, ...]:
    rows = Protocol.objects.filter(key=key).order_by("-version")
    used = dict(Plan.objects.filter(protocol__key=key).values_list("protocol").annotate(Count("pk")).order_by())
    return tuple(
        VersionLine(row, used.get(row.pk, 0), _day(row.published_at, zone), _day(row.retired_at, zone)) for row in rows
    )


def _day(instant: datetime | None, zone: ZoneInfo) -> date | None:
    return local_day(instant, zone) if instant else None


def _used(by: Staff, protocol: Protocol) -> Used:
    counts = dict(protocol.plans.values_list("state").annotate(Count("pk")).order_by())
    seen = Plan.objects.visible_to(by).filter(protocol=protocol, state__in=UNDER_WAY)
    plans = seen.select_related("patient").order_by("patient__folded_name", "pk")[:MOST_PLANS]
    return Used(
        under_way=_sum(counts, UNDER_WAY),
        drafts=_sum(counts, (PlanState.DRAFT,)),
        ended=_sum(counts, (PlanState.COMPLETED, PlanState.STOPPED)),
        plans=tuple(plans),
    )


def _sum(counts: dict[str, int], states: Iterable[PlanState]) -> int:
    return sum(counts.get(state, 0) for state in states)
