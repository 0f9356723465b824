"""The library's way into the database: a changed file makes a new version, plans keep theirs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from clinic.operations.audit import record
from plans.models import Protocol, View, ViewSet
from plans.models.protocol_course import write_course
from plans.rules.happened import Happened
from plans.rules.library import LibraryProtocol
from plans.rules.states import ProtocolState
from plans.rules.view_sets import LibraryViewSet


@dataclass(frozen=True, slots=True)
class LoadReport:
    """Keys of protocols that were new, got a new version, or stood already."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    same: tuple[str, ...]


@transaction.atomic
def load_library(
    protocols: Iterable[LibraryProtocol], view_sets: Iterable[LibraryViewSet], *, now: datetime
) -> LoadReport:
    """Publish every library protocol whose content differs from the newest version that came from the library.

    A clinic's own later version of the same key is left alone unless the library's file itself changed. Idempotent.
    """
    for view_set in view_sets:
        _load_view_set(view_set)
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


def _load_view_set(library: LibraryViewSet) -> None:
    newest = ViewSet.objects.filter(key=library.key).order_by("-version").first()
    if newest and [(v.key, v.title, v.instruction) for v in newest.views.all()] == [
        (v.key, v.title, v.instruction) for v in library.views
    ]:
        return
    view_set = ViewSet.objects.create(key=library.key, version=newest.version + 1 if newest else 1, title=library.title)
    View.objects.bulk_create(
        View(view_set=view_set, key=view.key, title=view.title, instruction=view.instruction, position=place)
        for place, view in enumerate(library.views)
    )
