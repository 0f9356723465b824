"""The library's way into the database: a changed file makes a new version, plans keep theirs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.db import transaction

from clinic.operations.audit import record
from plans.models import Protocol, ViewSet
from plans.models.protocol_course import write_course
from plans.models.view_set_facts import content_of, versions_of, write_views
from plans.rules.happened import Happened
from plans.rules.library import LibraryProtocol
from plans.rules.states import ProtocolState
from plans.rules.view_set_rules import in_force
from plans.rules.view_sets import StandardSet


@dataclass(frozen=True, slots=True)
class LoadReport:
    """Keys of protocols that were new, got a new version, or stood already."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]


@transaction.atomic
def load_library(
    protocols: Iterable[LibraryProtocol], view_sets: Iterable[StandardSet], *, now: datetime
) -> LoadReport:
    """Publish every library protocol whose content differs from the newest version that came from the library.

    A clinic's own later version of the same key is left alone unless the library's file itself changed. Idempotent.
    """
    for view_set in view_sets:
        _load_view_set(view_set, now=now)
    found: dict[str, list[str]] = {"new": [], "changed": [], "same": []}
    for protocol in protocols:
        versions = Protocol.objects.filter(key=protocol.key)
        if versions.filter(fingerprint=protocol.fingerprint).exists():
            found["same"].append(protocol.key)
            continue
        found["changed" if versions.exists() else "new"].append(protocol.key)
        _publish(protocol, now)
    return LoadReport(*(tuple(found[key]) for key in ("new", "changed", "same")))


def _publish(library: LibraryProtocol, now: datetime) -> None:
    newest = Protocol.objects.filter(key=library.key).order_by("-version").first()
    for old in Protocol.objects.published().filter(key=library.key):
        old.state, old.retired_at = ProtocolState.RETIRED, now
        old.save(update_fields=["state", "retired_at"])
    course = library.course
    protocol = Protocol(
        key=library.key,
        version=newest.version + 1 if newest else 1,
        title=library.title,
        summary=library.summary,
        note=library.note,
        source=library.source,
        state=ProtocolState.PUBLISHED,
        is_default=library.is_default,
        fingerprint=library.fingerprint,
        view_set=course.view_set,
        price_note=library.price_note,
        published_at=now,
        expectations=[asdict(item) for item in course.expectations],
    )
    if course.maintenance:
        protocol.booster_earliest = course.maintenance.earliest
        protocol.booster_target = course.maintenance.target
        protocol.booster_latest = course.maintenance.latest
    protocol.save()
    write_course(protocol, course)
    details = {"key": protocol.key, "version": protocol.version, "fingerprint": library.fingerprint}
    record(Happened.PROTOCOL_PUBLISHED, about=protocol, by=None, now=now, details=details)


def _load_view_set(library: StandardSet, *, now: datetime) -> None:
    """Make a new version when the library says something else; what the clinic made or retired itself stays.

    A diagnosis that the clinic gave to another set stays with that set.
    """
    versions = list(ViewSet.objects.order_by("key", "-version"))
    newest = next((one for one in versions if one.key == library.key), None)
    if newest and (newest.made_by_id or newest.retired_at):
        return
    forced = {one.id for one in in_force(versions_of(versions))}
    given = {d for one in versions if one.pk in forced and one.made_by_id for d in one.diagnoses}
    wanted = replace(library, diagnoses=tuple(one for one in library.diagnoses if one not in given))
    if newest and content_of(newest) == wanted:
        return
    row = ViewSet.objects.create(
        key=wanted.key,
        version=newest.version + 1 if newest else 1,
        title=wanted.title,
        diagnoses=list(wanted.diagnoses),
        note=wanted.note,
        made_at=now,
    )
    write_views(row, wanted.views)
