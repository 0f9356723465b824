"""A location's own figures for weak photos and pairs hard to compare. What was said of a photo stays stored."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Location, Staff
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from plans.models import PhotoRules
from plans.models.photo_rules import figures_of, own_rules_of
from plans.rules.happened import Happened
from plans.rules.photo_figures import FIGURES, USUAL, fault


@transaction.atomic
def change_photo_rules(
    *, location_id: UUID, figures: Mapping[str, float], seen: str, by: Staff, now: datetime
) -> Location:
    """Write the figures a location judges by; all the house's own again leaves no row.

    `seen`: `figures_mark` of what the change was made from. Refusals: changed_meanwhile, out_of_range, nothing_changed.
    """
    allow(by, Deed.CHANGE_CLINIC)
    location = Location.objects.visible_to(by).select_for_update(of=("self",)).get(pk=location_id)
    before, wanted = figures_of(location), {name: figures[name] for name in USUAL}
    if seen != figures_mark(before):
        raise Refusal("changed_meanwhile", "Somebody else changed these figures meanwhile: look at them again.")
    if found := fault(wanted):
        raise Refusal("out_of_range", found[1])
    changed = {
        one.name: f"{one.shown(before[one.name]):g} → {one.shown(wanted[one.name]):g}"
        for one in FIGURES
        if before[one.name] != wanted[one.name]
    }
    if not changed:
        raise Refusal("nothing_changed", "Nothing is different from what is set already.")
    row = own_rules_of(location) or PhotoRules(location=location)
    if wanted == USUAL:
        row.delete()
    else:
        for name, value in wanted.items():
            setattr(row, name, value)
        row.save()
    record(
        Happened.PHOTO_RULES_CHANGED, about=location, by=by, now=now, location=location, details={"figures": changed}
    )
    return location


def figures_mark(figures: Mapping[str, float]) -> str:
    """Return what stays the same as long as the same is set."""
    said = "\n".join(f"{name} {float(figures[name])!r}" for name in USUAL)
    return hashlib.sha256(said.encode()).hexdigest()[:16]
