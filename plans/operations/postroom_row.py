"""The one row of the postroom, locked."""

from __future__ import annotations

from plans.models import Postroom


def lock_postroom() -> Postroom:
    """Lock the row, made on its first use. Hold it briefly: every dispatcher of the house asks for it."""
    rows = Postroom.objects.select_for_update(of=("self",))
    row = rows.filter(pk=1).first()
    if row is None:
        Postroom.objects.get_or_create(pk=1)
        row = rows.get(pk=1)
    return row
