"""The dispatcher: whatever is due goes out. Harmless when it runs twice, late, or not at all for days."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import models, transaction

from clinic.post import Outcome, OutcomeKind, Post
from plans.models import Reminder
from plans.operations.handoff import LEASE, Compose, Composed, hand_off, settle
from plans.operations.moves import NO_LEASE, ONCE_IN_DOUBT, doubt, move
from plans.operations.outbox import close_reminder, resend
from plans.rules.states import ReminderState

__all__ = [
    "Composed",
    "claim_due",
    "close_reminder",
    "deliver_due",
    "expire_useless",
    "hand_off",
    "resend",
    "settle",
    "sweep",
]

logger = logging.getLogger(__name__)

# Few at a time: the last of a claim must be handed off before its lease ends, however slow the mail server is.
CLAIMED_AT_ONCE = 20
SWEPT_AT_ONCE = 500
ONE_TURN = timedelta(seconds=50)


def deliver_due(
    *, now: Callable[[], datetime], post_factory: Callable[[], Post], compose: Compose, limit: int = 200
) -> Counter[str]:
    """Send what is due, at most `limit` letters or a turn of 50 seconds. Return how many rows ended in each state.

    One connection serves the whole turn. It stops early when the fault is ours: hammering a server that refuses us
    helps nobody, and the next tick tries again.
    """
    began, left, ends = now(), limit, Counter[str]()
    sweep(now=began)
    if expired := expire_useless(now=began):
        ends[ReminderState.EXPIRED] += expired
    if not Reminder.objects.due(began).exists():
        return ends
    with post_factory() as post:
        while left > 0 and now() - began < ONE_TURN:
            claimed = claim_due(now=now(), limit=min(left, CLAIMED_AT_ONCE))
            if not claimed or not _deliver(claimed, now, post, compose, ends):
                break
            left -= len(claimed)
    return ends


def _deliver(
    claimed: list[Reminder], now: Callable[[], datetime], post: Post, compose: Compose, ends: Counter[str]
) -> bool:
    """Deliver one claim. False when the fault was ours: the rest is given back."""
    for place, reminder in enumerate(claimed):
        composed = hand_off(reminder, now=now(), compose=compose)
        outcome = _send(post, composed) if composed else None
        if outcome:
            settle(reminder, outcome, now=now())
        ends[reminder.state] += 1
        if outcome and outcome.kind is OutcomeKind.OURS:
            _give_back(claimed[place + 1 :])
            return False
    return True


def _send(post: Post, composed: Composed) -> Outcome:
    try:
        return post.send(composed.recipient, composed.sender, composed.mime, composed.key)
    except Exception:
        # A bug below us: whether bytes left is unknown, and the next letter is not to blame.
        logger.exception("letter %s could not be posted", composed.key)
        return Outcome(OutcomeKind.IN_DOUBT, None, "The program stumbled while posting it.")


@transaction.atomic
def claim_due(*, now: datetime, limit: int) -> list[Reminder]:
    """Take up to `limit` due rows for two minutes. Two claims at once never share a row.

    PostgreSQL skips rows another claim has locked; on SQLite the transaction holds the write lock from its start.
    """
    due = Reminder.objects.due(now).select_for_update(of=("self",), skip_locked=True)
    rows = list(due.select_related("location").order_by("due_at", "id")[:limit])
    lease = {"state": ReminderState.CLAIMED, "lease_token": uuid4(), "lease_until": now + LEASE}
    Reminder.objects.filter(pk__in=[row.pk for row in rows]).update(**lease)
    for row in rows:
        for name, value in lease.items():
            setattr(row, name, value)
    return rows


def _give_back(rows: list[Reminder]) -> None:
    """Not even tried: back in the queue at their old hour, nothing to tell the audit."""
    if rows:
        mine = Reminder.objects.filter(pk__in=[row.pk for row in rows], state=ReminderState.CLAIMED)
        mine.filter(lease_token=rows[0].lease_token).update(state=ReminderState.PLANNED, **NO_LEASE)


@transaction.atomic
def sweep(*, now: datetime) -> int:
    """Take up what a dead worker left: claimed rows are due again, handed-off ones are in doubt. Return how many."""
    left = Reminder.objects.filter(state__in=(ReminderState.CLAIMED, ReminderState.HANDED_OFF), lease_until__lt=now)
    rows = list(_locked(left))
    claimed = [row.pk for row in rows if row.state == ReminderState.CLAIMED]
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
    rows = list(_locked(Reminder.objects.due(now).filter(useful_until__lte=now)))
    for row in rows:
        reason = "its time passed before it was sent"
        if row.state_reason == ONCE_IN_DOUBT:
            reason = "its time passed; the first try may have arrived"
        move(row, ReminderState.EXPIRED, now=now, reason=reason)
    return len(rows)


def _locked(rows: models.QuerySet[Reminder]) -> models.QuerySet[Reminder]:
    """Skip what somebody else is at: they will deal with it. The bytes stay where they are."""
    mine = rows.select_for_update(of=("self",), skip_locked=True).select_related("patient", "location")
    return mine.defer("mime").order_by("due_at", "id")[:SWEPT_AT_ONCE]
