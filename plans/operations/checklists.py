"""The care rules at each session, as items that patient and staff tick off: kept equal to what the course says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from plans.models import ChecklistItem, Plan, Session
from plans.models.facts import modalities_of
from plans.rules.course import CarePhase, CareRule, Course, Modality
from plans.rules.states import SessionState

FOLLOWS = ("position", "phase", "kind", "by", "text")
_READ = ("plan", "number", "state", "parts_json")

Items = Mapping[UUID, Mapping[str, ChecklistItem]]


def write_checklists(plan: Plan, course: Course) -> None:
    """Every session has the care rules that apply to what is given in it; ticks already made are kept."""
    write_many({plan.pk: course})


def write_many(courses: Mapping[UUID, Course], *, rule_key: str | None = None) -> int:
    """The same for any number of plans, by id, in as many queries as for one. Return how many items changed.

    Sessions to come follow the course whole. So does the aftercare of the last session held, which the patient lives
    by until the next; older sessions stay as they were, for they are on record. A ticked item never changes: it says
    what was done. `rule_key`: only this rule, when nothing else of the courses changed.
    """
    sessions = list(_open_sessions(courses))
    items = _items(sessions, rule_key)
    new: list[ChecklistItem] = []
    changed: list[ChecklistItem] = []
    gone: list[UUID] = []
    for session in sessions:
        wanted = {item.rule_key: item for item in _wanted(session, courses[session.plan_id], rule_key)}
        there = items.get(session.pk, {})
        new += [item for key, item in wanted.items() if key not in there]
        for key, item in there.items():
            if item.ticked_at is not None or not _is_open(session, item.phase):
                continue
            if key not in wanted:
                gone.append(item.pk)
            elif _follow(item, wanted[key]):
                changed.append(item)
    ChecklistItem.objects.bulk_create(new)
    _update(changed)
    ChecklistItem.objects.filter(pk__in=gone).delete()
    return len(new) + len(changed) + len(gone)


def _open_sessions(courses: Mapping[UUID, Course]) -> Iterator[Session]:
    """Sessions to come, and the last one held of each plan."""
    rows = Session.objects.filter(plan__in=courses.keys(), state__in=[SessionState.PLANNED, SessionState.DONE])
    last: dict[UUID, Session] = {}
    for session in rows.only(*_READ, "ended_at").order_by("ended_at", "number"):
        if session.state == SessionState.PLANNED:
            yield session
        else:
            last[session.plan_id] = session
    yield from last.values()


def _items(sessions: Iterable[Session], rule_key: str | None) -> dict[UUID, dict[str, ChecklistItem]]:
    rows = ChecklistItem.objects.filter(session__in=[session.pk for session in sessions])
    found: dict[UUID, dict[str, ChecklistItem]] = {}
    for item in rows.filter(rule_key=rule_key) if rule_key else rows:
        found.setdefault(item.session_id, {})[item.rule_key] = item
    return found


def _is_open(session: Session, phase: str) -> bool:
    return session.state == SessionState.PLANNED or phase == CarePhase.AFTER


def _wanted(session: Session, course: Course, rule_key: str | None) -> Iterator[ChecklistItem]:
    given = set(modalities_of(session, course))
    for position, rule in enumerate(course.care_rules):
        if rule_key in (None, rule.key) and _is_open(session, rule.phase) and _applies(rule, given):
            yield ChecklistItem(
                session=session,
                rule_key=rule.key,
                position=position,
                phase=rule.phase,
                kind=rule.kind,
                by=rule.by,
                text=rule.text,
            )


def _applies(rule: CareRule, given: set[Modality]) -> bool:
    return rule.in_force and (not rule.modalities or bool(given & set(rule.modalities)))


def _follow(item: ChecklistItem, wanted: ChecklistItem) -> bool:
    """Set what the rule says now. False when the item says so already."""
    if all(getattr(item, name) == getattr(wanted, name) for name in FOLLOWS):
        return False
    for name in FOLLOWS:
        setattr(item, name, getattr(wanted, name))
    return True


def _update(items: Iterable[ChecklistItem]) -> None:
    """One statement for all items that now read the same: a changed rule reads the same everywhere."""
    alike: dict[tuple[object, ...], list[UUID]] = {}
    for item in items:
        alike.setdefault(tuple(getattr(item, name) for name in FOLLOWS), []).append(item.pk)
    for values, keys in alike.items():
        ChecklistItem.objects.filter(pk__in=keys).update(**dict(zip(FOLLOWS, values, strict=True)))
