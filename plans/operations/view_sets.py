"""A view set's versions: published, retired, and taken over by reviews that have no photo yet.

A version never changes: reviews keep the one they were promised with, and pictures are compared by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from plans.models import Protocol, ViewSet
from plans.models.view_set_facts import content_of, outdated_reviews, versions_of, write_views
from plans.rules.happened import Happened
from plans.rules.view_set_rules import diagnoses_words, diff, faults, in_force, losing, without_a_set
from plans.rules.view_sets import StandardSet


@transaction.atomic
def publish_view_set(*, view_set_id: UUID, wanted: StandardSet, by: Staff, now: datetime) -> ViewSet:
    """Publish the next version of a set; sets that lose a diagnosis to it get a next version too.

    `view_set_id` is the version it was made from, `wanted.note` what changed. Refusals: changed_meanwhile,
    change_note, nothing_changed, and the code of the first fault of the set.
    """
    allow(by, Deed.CHANGE_PROTOCOLS)
    rows = _locked()
    base = _of(rows, view_set_id)
    newest = _newest(rows, base.key)
    if newest.pk != base.pk:
        raise Refusal("changed_meanwhile", f"Version {newest.version} was made meanwhile: go on from that one.")
    if found := faults(wanted):
        raise Refusal(found[0].code, found[0].sentence)
    if not wanted.note.strip():
        raise Refusal("change_note", "Write what is different from the version before, and why.")
    if not diff(content_of(base), wanted) and not base.retired_at:
        raise Refusal("nothing_changed", f"This says the same as version {base.version}: change something first.")
    for other, lost in losing(versions_of(rows), key=base.key, diagnoses=wanted.diagnoses).items():
        content = content_of(_of(rows, other))
        kept = tuple(one for one in content.diagnoses if one not in lost)
        note = f"{diagnoses_words(lost)}: now the set “{wanted.title}”."[:240]
        _publish(_of(rows, other), replace(content, diagnoses=kept, note=note), by, now)
    return _publish(base, wanted, by, now)


@transaction.atomic
def copy_view_set(*, view_set_id: UUID, title: str, by: Staff, now: datetime) -> ViewSet:
    """Make a set of its own from any version of another; it is chosen for no diagnosis yet.

    Refusals: title, same_title.
    """
    allow(by, Deed.CHANGE_PROTOCOLS)
    rows = _locked()
    base = _of(rows, view_set_id)
    if not title.strip():
        raise Refusal("title", "Give the new set a title.")
    if any(row.title.casefold() == title.strip().casefold() for row in rows):
        raise Refusal("same_title", "There is a set with that title already: choose another title.")
    note = f"Copied from “{base.title}”, version {base.version}."[:240]
    content = replace(content_of(base), title=title, diagnoses=(), note=note)
    return _written(replace(content, key=_free_key(title, rows)), 1, by, now, {"copied_from": str(base.pk)})


@transaction.atomic
def retire_view_set(*, view_set_id: UUID, reason: str, by: Staff, now: datetime) -> ViewSet:
    """Take a set out of use: no new review gets it, those promised with it keep it.

    Refusals: not_in_force, reason, named_by_protocol, last_for_diagnosis.
    """
    allow(by, Deed.CHANGE_PROTOCOLS)
    rows = _locked()
    row = _of(rows, view_set_id)
    if why := why_not_retire(row, rows):
        raise why
    if not reason.strip():
        raise Refusal("reason", "Write why it is retired.")
    row.retired_at = now
    row.save(update_fields=["retired_at"])
    details = {"key": row.key, "version": row.version, "deed": "retired"}
    record(Happened.VIEW_SET_CHANGED, about=row, by=by, now=now, reason=reason.strip(), details=details)
    return row


def why_not_retire(row: ViewSet, rows: Iterable[ViewSet]) -> Refusal | None:
    """Return what speaks against retiring this version. `rows`: every version of every set."""
    versions = versions_of(rows)
    if row.pk not in {one.id for one in in_force(versions)}:
        return Refusal("not_in_force", "Only the version in force can be retired.")
    if named := Protocol.objects.published().filter(view_set=row.key).order_by("title").first():
        return Refusal("named_by_protocol", f"The protocol “{named.title}” names this set: give it another set first.")
    if left := without_a_set(versions, key=row.key, diagnoses=()):
        words = diagnoses_words(left)
        return Refusal("last_for_diagnosis", f"No other set is chosen for {words}: give that to another set first.")
    return None


@transaction.atomic
def renew_reviews(*, view_set_id: UUID, by: Staff, now: datetime) -> int:
    """Let open reviews without a photo, promised with an older version, take this one. Return how many did.

    Only reviews of patients this person may see. Refusal: not_in_force.
    """
    allow(by, Deed.CHANGE_PROTOCOLS)
    rows = _locked()
    row = _of(rows, view_set_id)
    if row.pk not in {one.id for one in in_force(versions_of(rows))}:
        raise Refusal("not_in_force", "Reviews can only take the version in force.")
    # Locked before they are asked for photos: one that is being added right now counts.
    waiting = list(outdated_reviews(row, by).order_by("pk").values_list("pk", flat=True))
    locked = outdated_reviews(row, by).filter(pk__in=waiting).order_by("pk").select_for_update(of=("self",))
    list(locked)
    found = list(outdated_reviews(row, by).filter(pk__in=waiting))
    for review in found:
        review.view_set = row
        review.save(update_fields=["view_set"])
    if found:
        details = {"key": row.key, "version": row.version, "deed": "reviews", "reviews": len(found)}
        record(Happened.VIEW_SET_CHANGED, about=row, by=by, now=now, details=details)
    return len(found)


def _publish(base: ViewSet, wanted: StandardSet, by: Staff, now: datetime) -> ViewSet:
    changed = [f"{item.title}: {item.fate}" for item in diff(content_of(base), wanted)]
    return _written(replace(wanted, key=base.key), base.version + 1, by, now, {"changed": changed})


def _written(wanted: StandardSet, version: int, by: Staff, now: datetime, said: dict[str, object]) -> ViewSet:
    row = ViewSet.objects.create(
        key=wanted.key,
        version=version,
        title=wanted.title.strip(),
        diagnoses=list(wanted.diagnoses),
        note=wanted.note.strip(),
        made_at=now,
        made_by=by,
    )
    write_views(row, wanted.views)
    details = {"key": row.key, "version": row.version, "deed": "published", **said}
    record(Happened.VIEW_SET_CHANGED, about=row, by=by, now=now, reason=row.note, details=details)
    return row


def _free_key(title: str, rows: Iterable[ViewSet]) -> str:
    """Made from the title; nobody types it, it only ties versions together."""
    stem, used = slugify(title)[:32].strip("-_") or "set", {row.key for row in rows}
    return next(key for key in (stem, *(f"{stem}-{n}" for n in range(2, len(used) + 3))) if key not in used)


def _locked() -> list[ViewSet]:
    """All sets: a diagnosis wanders between them, so two people change them one after the other."""
    return list(ViewSet.objects.order_by("pk").select_for_update(of=("self",)))


def _of(rows: Iterable[ViewSet], view_set_id: UUID) -> ViewSet:
    found = next((row for row in rows if row.pk == view_set_id), None)
    if found is None:
        raise ViewSet.DoesNotExist
    return found


def _newest(rows: Iterable[ViewSet], key: str) -> ViewSet:
    return max((row for row in rows if row.key == key), key=lambda row: row.version)
