"""A protocol's versions: a draft grows from what is published, is written, and is published in its turn.

A published version never changes. Plans keep their own copy, so that neither publishing nor retiring touches one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from plans.models import Protocol, ViewSet
from plans.models.protocol_course import course_of, write_course
from plans.models.view_set_facts import versions_of
from plans.rules.course import Course
from plans.rules.happened import Happened
from plans.rules.library import protocol_fingerprint
from plans.rules.protocol_check import faults
from plans.rules.protocol_concerns import contradictions
from plans.rules.protocol_fault import is_key
from plans.rules.states import ProtocolState
from plans.rules.view_set_rules import in_force


@dataclass(frozen=True, slots=True)
class ProtocolWords:
    """What a protocol says beside its course."""

    title: str
    summary: str
    note: str
    source: str
    price: Decimal | None
    price_note: str
    is_default: bool


def words_of(protocol: Protocol) -> ProtocolWords:
    return ProtocolWords(**{field.name: getattr(protocol, field.name) for field in fields(ProtocolWords)})


@transaction.atomic
def draft_next_version(*, protocol_id: UUID, by: Staff, now: datetime) -> Protocol:
    """Return the protocol's draft: the one there is, else a copy of this version with the next number."""
    allow(by, Deed.CHANGE_PROTOCOLS)
    protocol = _locked(protocol_id)
    versions = Protocol.objects.filter(key=protocol.key)
    if draft := versions.filter(state=ProtocolState.DRAFT).first():
        return draft
    draft = _copied(protocol, key=protocol.key, version=_next_number(protocol.key), title=protocol.title)
    details = {"key": draft.key, "version": draft.version, "based_on": protocol.version}
    record(Happened.PROTOCOL_DRAFTED, about=draft, by=by, now=now, details=details)
    return draft


@transaction.atomic
def copy_protocol(*, protocol_id: UUID, key: str, title: str, by: Staff, now: datetime) -> Protocol:
    """Make a new protocol, as a draft, from any version of any other. Refusals: key, key_taken, title."""
    allow(by, Deed.CHANGE_PROTOCOLS)
    protocol = Protocol.objects.whole().get(pk=protocol_id)
    if not is_key(key):
        raise Refusal("key", "Give a short key of small letters, digits and hyphens, such as “our-prp”.")
    if Protocol.objects.filter(key=key).exists():
        raise Refusal("key_taken", f"There is a protocol with the key “{key}” already: choose another key.")
    if not title.strip():
        raise Refusal("title", "Give the new protocol a title.")
    made = _copied(protocol, key=key, version=1, title=title.strip(), is_default=False)
    details = {"key": key, "version": 1, "copied_from": f"{protocol.key} {protocol.version}"}
    record(Happened.PROTOCOL_DRAFTED, about=made, by=by, now=now, details=details)
    return made


@transaction.atomic
def write_draft(
    *, protocol_id: UUID, course: Course, words: ProtocolWords | None = None, by: Staff, now: datetime
) -> Protocol:
    """Replace a draft's course, and what it says beside it. A contradiction may be written, but not published.

    Refusals: not_a_draft, no_title, no_source, view_set, and the code of the first fault of the course.
    """
    allow(by, Deed.CHANGE_PROTOCOLS)
    draft = _locked(protocol_id)
    _must_be(draft, ProtocolState.DRAFT, "not_a_draft", "Only a draft is changed: begin the next version first.")
    wanted = words or words_of(draft)
    _refuse_faults(course, wanted)
    changed = _changed_parts(draft, course, wanted)
    if not changed:
        return draft
    for name, value in asdict(wanted).items():
        setattr(draft, name, value)
    set_course(draft, course)
    draft.fingerprint = fingerprint_of(draft, course)
    draft.save()
    for rows in (draft.components, draft.review_points, draft.care_rules, draft.least_gaps, draft.alongside):
        rows.all().delete()
    write_course(draft, course)
    details = {"key": draft.key, "version": draft.version, "changed": changed}
    record(Happened.PROTOCOL_CHANGED, about=draft, by=by, now=now, details=details)
    return Protocol.objects.get(pk=draft.pk)


@transaction.atomic
def publish_protocol(*, protocol_id: UUID, change_note: str, by: Staff, now: datetime) -> Protocol:
    """Publish a draft; the version it replaces is retired, and no plan changes.

    Refusals: not_a_draft, change_note, nothing_changed, the code of a fault, or of a contradiction to be settled.
    """
    allow(by, Deed.CHANGE_PROTOCOLS)
    draft = _locked(protocol_id)
    _must_be(draft, ProtocolState.DRAFT, "not_a_draft", "Only a draft can be published.")
    if not change_note.strip():
        raise Refusal("change_note", "Write what is different from the version before, and why.")
    course, words = course_of(draft), words_of(draft)
    _refuse_faults(course, words)
    for concern in contradictions(course):
        raise Refusal(concern.code, f"{concern.sentence} {concern.settle}")
    old = Protocol.objects.published().filter(key=draft.key).first()
    if old and not _changed_parts(old, course, words):
        raise Refusal("nothing_changed", f"This draft says the same as version {old.version}: change it or discard it.")
    if old:
        _retire(old, now)
    newest = Protocol.objects.filter(key=draft.key).exclude(pk=draft.pk).order_by("-version").first()
    if newest and newest.version > draft.version:  # the library published meanwhile
        draft.version = newest.version + 1
    draft.state, draft.published_at, draft.change_note = ProtocolState.PUBLISHED, now, change_note.strip()
    draft.fingerprint = fingerprint_of(draft, course)
    draft.save()
    details = {"key": draft.key, "version": draft.version, "fingerprint": draft.fingerprint}
    record(Happened.PROTOCOL_PUBLISHED, about=draft, by=by, now=now, reason=draft.change_note, details=details)
    return draft


@transaction.atomic
def retire_protocol(*, protocol_id: UUID, reason: str, by: Staff, now: datetime) -> Protocol:
    """Take a published version out of use: no new plan is made from it. Refusals: not_published, reason."""
    allow(by, Deed.CHANGE_PROTOCOLS)
    protocol = _locked(protocol_id)
    _must_be(protocol, ProtocolState.PUBLISHED, "not_published", "Only a published version can be retired.")
    if not reason.strip():
        raise Refusal("reason", "Write why it is retired.")
    _retire(protocol, now)
    details = {"key": protocol.key, "version": protocol.version}
    record(Happened.PROTOCOL_RETIRED, about=protocol, by=by, now=now, reason=reason.strip(), details=details)
    return protocol


@transaction.atomic
def discard_draft(*, protocol_id: UUID, by: Staff, now: datetime) -> None:
    """Throw a draft away. What it would have replaced stays as it is. Refusal: not_a_draft."""
    allow(by, Deed.CHANGE_PROTOCOLS)
    draft = _locked(protocol_id)
    _must_be(draft, ProtocolState.DRAFT, "not_a_draft", "Only a draft can be discarded.")
    details = {"key": draft.key, "version": draft.version}
    record(Happened.PROTOCOL_DISCARDED, about=draft, by=by, now=now, details=details)
    draft.delete()


def set_course(protocol: Protocol, course: Course) -> None:
    """Put on the row what belongs to the course and has no rows of its own."""
    upkeep = course.maintenance
    protocol.view_set = course.view_set
    protocol.expectations = [asdict(item) for item in course.expectations]
    protocol.booster_earliest = upkeep.earliest if upkeep else None
    protocol.booster_target = upkeep.target if upkeep else None
    protocol.booster_latest = upkeep.latest if upkeep else None


def fingerprint_of(protocol: Protocol, course: Course) -> str:
    """The library's own fingerprint: a clinic's version that says what a file says is the same as that file."""
    words = asdict(words_of(protocol))
    return protocol_fingerprint({"key": protocol.key, **words}, course)


def _locked(protocol_id: UUID) -> Protocol:
    """Lock all versions of the protocol, so that two people do not make two drafts of it at once."""
    key = Protocol.objects.values_list("key", flat=True).get(pk=protocol_id)
    list(Protocol.objects.filter(key=key).order_by("pk").select_for_update())
    return Protocol.objects.whole().get(pk=protocol_id)


def _must_be(protocol: Protocol, state: ProtocolState, code: str, sentence: str) -> None:
    if protocol.state != state:
        raise Refusal(code, sentence)


def _next_number(key: str) -> int:
    newest = Protocol.objects.filter(key=key).order_by("-version").values_list("version", flat=True).first()
    return (newest or 0) + 1


def _copied(protocol: Protocol, **settings: Any) -> Protocol:
    course = course_of(protocol)
    # A draft may be thrown away, so nothing stands on one: its copy stands on what it stood on.
    base = protocol.based_on if protocol.state == ProtocolState.DRAFT else protocol
    made = Protocol(**{**asdict(words_of(protocol)), "state": ProtocolState.DRAFT, "based_on": base, **settings})
    set_course(made, course)
    made.fingerprint = fingerprint_of(made, course)
    made.save()
    write_course(made, course)
    return made


def _refuse_faults(course: Course, words: ProtocolWords) -> None:
    for name in ("title", "source"):
        if not getattr(words, name).strip():
            raise Refusal(f"no_{name}", f"Give the protocol a {name}.")
    if found := faults(course):
        more = f" ({len(found) - 1} more to mend.)" if len(found) > 1 else ""
        raise Refusal(found[0].code, f"{found[0].sentence}{more}")
    if course.view_set not in {one.key for one in in_force(versions_of(ViewSet.objects.all()))}:
        raise Refusal("view_set", "That set of photo views is not in use: choose another.")


def _changed_parts(protocol: Protocol, course: Course, words: ProtocolWords) -> list[str]:
    """Name what differs from what is written down."""
    now, then = words, words_of(protocol)
    named = [field.name for field in fields(words) if getattr(now, field.name) != getattr(then, field.name)]
    was = course_of(Protocol.objects.whole().get(pk=protocol.pk))
    return named + [field.name for field in fields(course) if getattr(course, field.name) != getattr(was, field.name)]


def _retire(protocol: Protocol, now: datetime) -> None:
    protocol.state, protocol.retired_at = ProtocolState.RETIRED, now
    protocol.save(update_fields=["state", "retired_at"])
