"""Rows taken for a while, given back, taken from the dead, and ended when nobody needs them any more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from django.db import connection, models, transaction

from clinic.models import Location
from plans.models import Reminder
from plans.operations.handoff import LEASE
from plans.operations.moves import NO_LEASE, ONCE_IN_DOUBT, doubt, move
from plans.operations.pen import plain_id, plain_time
from plans.rules.states import ReminderState

SWEPT_AT_ONCE = 500

_ROWS = Reminder._meta.db_table
# The state stands in the text, not among the values: only so does every database see that the partial index answers.
# MATERIALIZED: PostgreSQL may otherwise ask the inner question again for each row, and take more than its limit.
_CLAIM = f"""
    WITH mine AS MATERIALIZED (
        SELECT id FROM {_ROWS} WHERE state = '{ReminderState.PLANNED}' AND due_at <= %s
        ORDER BY {{order}} LIMIT %s{{lock}}
    )
    UPDATE {_ROWS} SET state = '{ReminderState.CLAIMED}', lease_token = %s, lease_until = %s
    WHERE id IN (SELECT id FROM mine) AND state = '{ReminderState.PLANNED}' RETURNING *"""


@transaction.atomic
def claim_due(*, now: datetime, limit: int, urgent_first: bool = False) -> list[Reminder]:
    """Take up to `limit` due rows for two minutes, the longest due first, or the soonest useless. Never shared.

    PostgreSQL skips rows another claim or a change of the world has locked; on SQLite the transaction holds the write
    lock from its start.
    """
    order = ("useful_until", "id") if urgent_first else ("due_at", "id")
    lock = " FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    token = uuid4()
    values = [plain_time(now), limit, plain_id(token), plain_time(now + LEASE)]
    rows = list(Reminder.objects.raw(_CLAIM.format(order=", ".join(order), lock=lock), values))
    rows.sort(key=lambda row: tuple(getattr(row, name) for name in order))
    places = Location.objects.in_bulk({row.location_id for row in rows})
    for row in rows:
        row.location = places[row.location_id]
    return rows


@transaction.atomic
def give_back(rows: Iterable[Reminder]) -> None:
    """What a claim has not come to: back in the queue at its old hour, nothing to tell the audit.

    Rows that a change of the world has locked are left to it: it takes them back by itself.
    """
    token_of = {row.pk: row.lease_token for row in rows}
    held = Reminder.objects.filter(pk__in=token_of, state=ReminderState.CLAIMED).only("lease_token")
    locked = held.select_for_update(of=("self",), skip_locked=True)
    mine = [row.pk for row in locked if row.lease_token == token_of[row.pk]]
    if mine:
        Reminder.objects.filter(pk__in=mine).update(state=ReminderState.PLANNED, **NO_LEASE)


@transaction.atomic
def sweep(*, now: datetime) -> int:
    """Take up what a dead worker left: claimed rows are due again, handed-off ones are in doubt. Return how many."""
    left = Reminder.objects.filter(state__in=(ReminderState.CLAIMED, ReminderState.HANDED_OFF), lease_until__lt=now)
    rows = list(_locked(left, "lease_until"))
    claimed = [row.pk for row in rows if row.state == ReminderState.CLAIMED]
    if claimed:
        Reminder.objects.filter(pk__in=claimed).update(state=ReminderState.PLANNED, **NO_LEASE)
    for row in rows:
        if row.state == ReminderState.HANDED_OFF:
            doubt(row, now=now)
    return len(rows)


def expire_useless(*, now: datetime) -> int:
    """End every planned row that is useless by now, with its reason, and return how many."""
    ended = some = _expire_some(now)
    while some == SWEPT_AT_ONCE:
        some = _expire_some(now)
        ended += some
    return ended


@transaction.atomic
def _expire_some(now: datetime) -> int:
    rows = list(_locked(Reminder.objects.due(now).filter(useful_until__lte=now), "due_at"))
    for row in rows:
        reason = "its time passed before it was sent"
        if row.state_reason == ONCE_IN_DOUBT:
            reason = "its time passed; the first try may have arrived"
        move(row, ReminderState.EXPIRED, now=now, reason=reason)
    return len(rows)


def _locked(rows: models.QuerySet[Reminder], order: str) -> models.QuerySet[Reminder]:
    """Skip what somebody else is at: they will deal with it. The bytes stay where they are."""
    mine = rows.select_for_update(of=("self",), skip_locked=True).select_related("patient", "location")
    return mine.defer("mime").order_by(order, "id")[:SWEPT_AT_ONCE]
