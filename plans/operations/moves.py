"""One step in a reminder's life: written only while the row is still what the caller believes it to be."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from clinic.operations.audit import record
from plans.models import Reminder
from plans.rules.happened import Happened
from plans.rules.reminders import KIND_POLICY, Doubt, LetterKind
from plans.rules.states import ReminderState

ONCE_IN_DOUBT = "it may have arrived already; the same mail goes once more"
AFTER_DOUBT = timedelta(minutes=1)
LONGEST_REASON = 120
NO_LEASE: dict[str, Any] = {"lease_until": None, "lease_token": None}

_HAPPENED = {
    ReminderState.SENT: Happened.REMINDER_SENT,
    ReminderState.PLANNED: Happened.REMINDER_POSTPONED,
    ReminderState.UNKNOWN: Happened.REMINDER_IN_DOUBT,
    ReminderState.FAILED: Happened.REMINDER_FAILED,
    ReminderState.SKIPPED: Happened.REMINDER_SKIPPED,
    ReminderState.CANCELLED: Happened.REMINDER_CANCELLED,
    ReminderState.EXPIRED: Happened.REMINDER_EXPIRED,
}


def move(row: Reminder, to: ReminderState, *, now: datetime, reason: str | None = None, **changes: Any) -> bool:
    """Give the lease back and move the row, with its audit line; False and nothing written when it is no longer ours.

    A conditional UPDATE: whoever lost the lease in the meantime finds another state or another token. `reason` None
    keeps the reason that stands. Call inside a transaction.
    """
    changes = {**NO_LEASE, **changes, "state": to}
    if reason is not None:
        changes["state_reason"] = reason[:LONGEST_REASON]
    ours = Reminder.objects.filter(pk=row.pk, state=row.state, lease_token=row.lease_token)
    if not ours.update(**changes):
        return False
    for name, value in changes.items():
        setattr(row, name, value)
    record(
        _HAPPENED[to],
        about=row,
        by=None,
        now=now,
        patient_id=row.patient_id,
        location=row.location,
        reason=row.state_reason,
    )
    return True


def postpone(row: Reminder, wait: timedelta, *, now: datetime, reason: str | None = None, **changes: Any) -> bool:
    """Plan the same letter again after `wait`, or let it expire when it would be useless by then."""
    due_at = now + wait
    if due_at >= row.useful_until:
        return move(row, ReminderState.EXPIRED, now=now, reason="it could not be sent while it was useful", **changes)
    return move(row, ReminderState.PLANNED, now=now, reason=reason, due_at=due_at, **changes)


def doubt(row: Reminder, *, now: datetime, **changes: Any) -> bool:
    """Nobody can know whether the letter left. Harmless ones go once more, byte for byte; the others a human decides.

    Once more, not for ever: a server that takes every mail and hangs up would fill the mailbox.
    """
    may_repeat = KIND_POLICY[LetterKind(row.kind)].in_doubt is Doubt.REPEAT
    if may_repeat and row.state_reason != ONCE_IN_DOUBT:
        return postpone(row, AFTER_DOUBT, now=now, reason=ONCE_IN_DOUBT, **changes)
    reason = "nobody knows whether it arrived: ask the patient, then send again or close"
    return move(row, ReminderState.UNKNOWN, now=now, reason=reason, **changes)
