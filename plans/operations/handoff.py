"""One letter on its way: what leaves, the mark before it leaves, and the outcome written down.

The mark is durable before the first byte of the mail leaves, so that after a crash "never left" and "may have left" can
be told apart. The mail travels outside any transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from clinic.post import Outcome, OutcomeKind
from patients.operations.patients import lose_mailbox
from plans.models import Reminder
from plans.operations.marks import frozen, write_leaving
from plans.operations.moves import NO_LEASE, doubt, move, postpone
from plans.operations.pen import Pen
from plans.operations.reminders import lock_patient, succeed
from plans.operations.why_not import why_not
from plans.rules.retry import wait_before_retry
from plans.rules.states import ReminderState

LEASE = timedelta(seconds=120)
OURS_AGAIN = timedelta(minutes=5)
ADDRESS_CHANGED = "the mail address changed; it was written anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """One mail ready to travel. `key` names it for ever: the same key is the same bytes."""

    recipient: str
    sender: str
    subject: str
    message_id: str
    mime: bytes
    key: str
    language: str = ""
    wording_id: UUID | None = None


Compose = Callable[[Reminder], Composed]


@dataclass(slots=True)
class Letter:
    """A claimed row and the mail it has become. `written_at` is the mail's own date."""

    row: Reminder
    composed: Composed
    written_at: datetime

    @property
    def has_left(self) -> bool:
        """Whether the mark was written: from then on some of it may be gone."""
        return self.row.state == ReminderState.HANDED_OFF


def letter_key(reminder: Reminder) -> str:
    return f"r{reminder.pk.hex}.v{reminder.content_version}"


def mark_leaving(pen: Pen, letter: Letter, *, now: datetime) -> int:
    """Write that the mail leaves now, its bytes frozen; the count of rows says whether it may."""
    row, mail = letter.row, letter.composed
    row.recipient = mail.recipient
    if row.mime is not None:
        return write_leaving(pen, row, None, now=now)
    bytes_for_ever = frozen(
        letter.written_at, mail.recipient, mail.subject, mail.message_id, mail.language, mail.wording_id, mail.mime
    )
    return write_leaving(pen, row, bytes_for_ever, now=now)


@transaction.atomic
def look_again(letter: Letter, *, now: datetime) -> bool:
    """End a letter that was held back at the last moment, or give it back to be written anew.

    False when the row is no longer ours: somebody else has seen to it.
    """
    row = letter.row
    patient = lock_patient(row.patient_id)
    ours = Reminder.objects.select_for_update(of=("self",)).filter(
        pk=row.pk, state=ReminderState.CLAIMED, lease_token=row.lease_token, lease_until__gt=now
    )
    if not ours.exists():
        return False
    row.patient = patient
    if end := why_not(row, patient, now):
        return move(row, end[0], now=now, reason=end[1])
    if row.mime is not None and row.recipient != patient.email:
        return write_anew(row, now=now)
    ours.update(state=ReminderState.PLANNED, **NO_LEASE)
    row.state = ReminderState.PLANNED
    return True


def write_anew(row: Reminder, *, now: datetime) -> bool:
    """The old bytes may have arrived under their id: whatever goes to the new address is another mail."""
    if not move(row, ReminderState.CANCELLED, now=now, reason=ADDRESS_CHANGED):
        return False
    succeed(row, due_at=now, useful_until=row.useful_until, now=now)
    return True


@transaction.atomic
def settle(letter: Letter, outcome: Outcome, *, now: datetime) -> bool:
    """Write down how it ended. False when the lease was lost meanwhile: then somebody else writes the end."""
    row = letter.row
    seen: dict[str, Any] = {"last_code": outcome.code, "last_text": outcome.text[:200]}
    if not letter.has_left:
        seen |= {"recipient": letter.composed.recipient, "subject": letter.composed.subject[:200]}
    tried: dict[str, Any] = {**seen, "attempt": row.attempt + 1}
    match outcome.kind:
        case OutcomeKind.SENT:
            return move(row, ReminderState.SENT, now=now, reason="", sent_at=now, **tried)
        case OutcomeKind.REFUSED_FOR_NOW:
            wait = wait_before_retry(row.attempt + 1, outcome.enhanced, row.pk.int)
            return postpone(row, wait, now=now, **tried)
        case OutcomeKind.OURS:
            # Our own fault does not use up the letter's tries.
            return postpone(row, OURS_AGAIN, now=now, **seen)
        case OutcomeKind.IN_DOUBT:
            return doubt(row, now=now, **tried)
        case OutcomeKind.REFUSED_FOR_GOOD:
            return _refused(row, outcome, now=now, **tried)
        case OutcomeKind.WITHDRAWN:
            return look_again(letter, now=now)


def _refused(row: Reminder, outcome: Outcome, *, now: datetime, **changes: Any) -> bool:
    patient = lock_patient(row.patient_id) if outcome.blames_address else None
    if not move(row, ReminderState.FAILED, now=now, reason="the mail server refused it", **changes):
        return False
    if patient:
        lose_mailbox(patient, row.recipient, now=now)
    return True
