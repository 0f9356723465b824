"""A human holds the letters, or lets them leave again: each with a reason the audit keeps."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from plans.models import Postroom
from plans.operations.postroom import hold_now
from plans.operations.postroom_mark import Mark, read_mark, this_house, write_mark
from plans.operations.postroom_row import lock_postroom
from plans.rules.happened import Happened

COMMAND_LINE = "command line"


@transaction.atomic
def hold_letters(*, why: str, by: Staff | None, now: datetime) -> Postroom:
    """Nothing leaves until somebody releases. `by` None: the command line. Refusals: `held`, `no_reason`."""
    row = _locked(by, why)
    if row.held_since:
        raise Refusal("held", "The letters are held already.")
    hold_now(row, why=why.strip(), by=by, by_name="" if by else COMMAND_LINE, now=now)
    row.save()
    return row


@transaction.atomic
def release_letters(*, why: str, by: Staff | None, now: datetime) -> Postroom:
    """What waits leaves from the next tick on, what is useless by then expires. Refusals: `not_held`, `no_reason`.

    Whoever releases has looked: neither the mark nor the clock of before holds the same letters once more.
    """
    row = _locked(by, why)
    if row.held_since is None:
        raise Refusal("not_held", "The letters are not held: there is nothing to release.")
    mark, house = read_mark(), this_house()
    if mark and mark.house == house:
        row.serial = max(row.serial, mark.serial)
    held = row.hold_reason
    row.held_since, row.hold_reason = None, ""
    row.released_at, row.released_by = now, by
    row.last_tick_at = now
    row.failures, row.closed_until = 0, None
    row.serial += 1
    row.save()
    record(
        Happened.LETTERS_RELEASED,
        about=row,
        by=by,
        by_name="" if by else COMMAND_LINE,
        now=now,
        reason=why.strip(),
        details={"held_because": held},
    )
    transaction.on_commit(partial(write_mark, Mark(row.serial, now, house)))
    return row


def _locked(by: Staff | None, why: str) -> Postroom:
    if by:
        allow(by, Deed.CHANGE_CLINIC)
    row = lock_postroom()
    if not why.strip():
        raise Refusal("no_reason", "Write in a few words why: whoever looks later will want to know.")
    return row
