"""A care rule changed for many plans: the protocols' next versions at once, the plans under way in steps."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from plans.models import Protocol, Replanning
from plans.models.care_copies import Copies, copies_of
from plans.models.protocol_course import course_of
from plans.operations.protocol_versions import draft_next_version, publish_protocol, write_draft
from plans.operations.replan_plans import Done, replan_plans
from plans.rules.care_change import force_words, rule_from_json, rule_to_json, settled, with_rule
from plans.rules.course import CareRule
from plans.rules.happened import Happened
from plans.rules.protocol_check_care import care_faults
from plans.rules.states import ProtocolState, ReplanningState

AT_ONCE = 200
# Each is a line a manager reads; beyond this many the count says enough.
TROUBLE_KEPT = 1_000


@transaction.atomic
def ask_replanning(
    *, rule: CareRule, protocol_ids: Collection[UUID], with_plans: bool, reason: str, by: Staff, now: datetime
) -> Replanning:
    """Publish the rule's next version in each of these protocols, and write down which plans have to follow.

    The plans themselves change in `run_replanning`. Without `with_plans` they keep the rule they were made with.
    Refusals: reason, no_protocol, moved, draft_open, nothing_changed, and those of publishing.
    """
    allow(by, Deed.CHANGE_PROTOCOLS)
    if not reason.strip():
        raise Refusal("reason", "Write why the rule changes.")
    for fault in care_faults([rule]):
        if fault.code != "unknown_key":  # the rule it conflicts with stands in the protocol, not here
            raise Refusal(fault.code, fault.sentence)
    published = [_published(one, rule, reason.strip(), by, now) for one in _chosen(protocol_ids, rule)]
    copies = copies_of(rule, [new for _, new in published], at=now)
    total = copies.plans().count() if with_plans else 0
    if not total and all(old == new for old, new in published):
        raise Refusal("nothing_changed", "These protocols say so already, and no plan has to follow.")
    asked = Replanning.objects.create(
        rule_key=rule.key,
        rule_json=rule_to_json(rule),
        reason=reason.strip(),
        asked_by=by,
        asked_at=now,
        total=total,
        state=ReplanningState.WAITING if total else ReplanningState.DONE,
        finished_at=None if total else now,
    )
    asked.protocols.set([new for _, new in published])
    details = {
        "rule": rule.key,
        "becomes": force_words(rule),
        "protocols": [f"{new.key} {new.version}" for _, new in published],
        "plans": total if with_plans else "only new ones",
    }
    record(Happened.CARE_RULE_CHANGED, about=asked, by=by, now=now, reason=asked.reason, details=details)
    return asked


@transaction.atomic
def run_replanning(*, replanning_id: UUID, now: datetime, limit: int = AT_ONCE) -> Replanning:
    """Bring the next plans in line, at most `limit` and whoever else's plans belong to the same patients.

    Plans, letters, audit lines and how far it has come are one transaction: cut off anywhere, it goes on behind the
    last whole step, and a plan looked at twice changes once. Two runs at a time take turns. A row that is done or
    stopped stays as it is.
    """
    row = Replanning.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=replanning_id)
    if row.state not in (ReplanningState.WAITING, ReplanningState.RUNNING):
        return row
    copies = copies_asked(row)
    left = copies.plans().filter(pk__gt=row.cursor) if row.cursor else copies.plans()
    step = list(left.order_by("pk").values_list("pk", "patient_id")[:limit])
    if step:
        patients = {patient_id for _, patient_id in step}
        done = replan_plans(copies, patients, reason=row.reason, by=row.asked_by, now=now)
        _note(row, step[-1][0], len(step), done)
    row.beat_at = now
    row.state = ReplanningState.RUNNING if len(step) == limit else ReplanningState.DONE
    row.finished_at = now if row.state == ReplanningState.DONE else None
    row.save()
    return row


@transaction.atomic
def stop_replanning(*, replanning_id: UUID, by: Staff, now: datetime) -> Replanning:
    """Stop behind the step it is in. Plans that changed stay changed. Refusal: wrong_state."""
    return _turn(
        replanning_id, (ReplanningState.WAITING, ReplanningState.RUNNING), ReplanningState.STOPPED, by=by, now=now
    )


@transaction.atomic
def resume_replanning(*, replanning_id: UUID, by: Staff, now: datetime) -> Replanning:
    """Go on where it was stopped. Refusal: wrong_state."""
    return _turn(replanning_id, (ReplanningState.STOPPED,), ReplanningState.WAITING, by=by, now=now)


def copies_asked(row: Replanning) -> Copies:
    return copies_of(rule_from_json(row.rule_json), list(row.protocols.all()), at=row.asked_at)


def _chosen(protocol_ids: Collection[UUID], rule: CareRule) -> list[Protocol]:
    found = list(Protocol.objects.filter(pk__in=protocol_ids).whole().order_by("key"))
    if not found:
        raise Refusal("no_protocol", "Choose at least one protocol.")
    for protocol in found:
        if protocol.state != ProtocolState.PUBLISHED or course_of(protocol).rule(rule.key) is None:
            raise Refusal("moved", f"{protocol} was replaced meanwhile: look at the rule again.")
    return found


def _published(
    protocol: Protocol, wanted: CareRule, reason: str, by: Staff, now: datetime
) -> tuple[Protocol, Protocol]:
    """Return the version there was and the one there is now: the same where it says so already."""
    course = course_of(protocol)
    old = course.rule(wanted.key)
    new = settled(old, wanted) if old else None
    if old is None or new is None or old == new:
        return protocol, protocol
    if Protocol.objects.filter(key=protocol.key, state=ProtocolState.DRAFT).exists():
        sentence = f"“{protocol.title}” has a draft with changes of its own: publish or discard that first."
        raise Refusal("draft_open", sentence)
    draft = draft_next_version(protocol_id=protocol.pk, by=by, now=now)
    write_draft(protocol_id=draft.pk, course=with_rule(course, new), by=by, now=now)
    note = f"{new.text.strip().rstrip('.')}: {force_words(new)}. {reason}"
    return protocol, publish_protocol(protocol_id=draft.pk, change_note=note, by=by, now=now)


def _note(row: Replanning, cursor: UUID, looked_at: int, done: Done) -> None:
    row.cursor = cursor
    row.looked_at += looked_at
    # A course that opened again meanwhile has joined the plans that were counted.
    row.total = max(row.total, row.looked_at)
    row.changed += done.changed
    row.letters_changed += done.letters
    known = {(one["plan"], one["code"]) for one in row.trouble}
    new = [one for one in done.trouble if (one["plan"], one["code"]) not in known]
    row.trouble = [*row.trouble, *new][:TROUBLE_KEPT]


def _turn(
    replanning_id: UUID, when: Collection[ReplanningState], state: ReplanningState, *, by: Staff, now: datetime
) -> Replanning:
    allow(by, Deed.CHANGE_PROTOCOLS)
    row = Replanning.objects.select_for_update().get(pk=replanning_id)
    if row.state not in when:
        raise Refusal("wrong_state", f"This change is {row.get_state_display().lower()} already.")
    row.state, row.beat_at = state, now
    row.save(update_fields=["state", "beat_at"])
    happened = Happened.CARE_RULE_STOPPED if state == ReplanningState.STOPPED else Happened.CARE_RULE_RESUMED
    record(happened, about=row, by=by, now=now, details={"looked_at": row.looked_at, "of": row.total})
    return row
