"""The two ends of posting one letter: the world looked at once more and the bytes frozen, then the outcome noted.

Between the two the mail travels, outside any transaction. The hand-off is durable before the first byte leaves, so
that after a crash "never left" and "may have left" can be told apart.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from typing import Any

from django.db import DatabaseError, transaction

from clinic.operations.audit import record
from clinic.post import Outcome, OutcomeKind, ascii_address
from clinic.rules.refusal import Refusal
from patients.models import MailboxState, Patient
from patients.operations.patients import GROUPS
from patients.rules.happened import Happened as PatientHappened
from plans.models import Reminder
from plans.operations.moves import doubt, move, postpone
from plans.operations.reminders import key_of, lock_patient, succeed
from plans.operations.world import family_of, read_world
from plans.rules.reminders import KIND_POLICY, LetterKind, backoff
from plans.rules.states import ReminderState

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=120)
OURS_AGAIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """One mail ready to travel. `key` names it for ever: the same key is the same bytes."""

    recipient: str
    sender: str
    subject: str
    message_id: str
    mime: bytes
    key: str


Compose = Callable[[Reminder], Composed]


def letter_key(reminder: Reminder) -> str:
    return f"r{reminder.pk.hex}.v{reminder.content_version}"


def hand_off(reminder: Reminder, *, now: datetime, compose: Compose) -> Composed | None:
    """Return the mail to send, its bytes durable; None when it must not go or the row is no longer ours.

    `compose` is asked once in a letter's life, with `handed_off_at` as its date. When it fails, the row fails with it
    and the batch goes on.
    """
    try:
        return _hand_off(reminder, now=now, compose=compose)
    except DatabaseError:
        raise
    except Exception as error:
        logger.exception("letter %s could not be written", reminder.pk)
        reason = error.sentence if isinstance(error, Refusal) else f"it could not be written: {type(error).__name__}"
        with transaction.atomic():
            move(reminder, ReminderState.FAILED, now=now, reason=reason)
        return None


@transaction.atomic
def _hand_off(reminder: Reminder, *, now: datetime, compose: Compose) -> Composed | None:
    patient = lock_patient(reminder.patient_id)
    reminder.patient = patient
    if end := _why_not(reminder, patient, now):
        move(reminder, end[0], now=now, reason=end[1])
        return None
    if reminder.mime is None:
        draft = copy(reminder)
        draft.handed_off_at, draft.recipient = now, patient.email
        return _freeze(reminder, compose(draft), now)
    if reminder.recipient != patient.email:
        # The old bytes may have arrived under their id: whatever goes to the new address is another mail.
        if move(reminder, ReminderState.CANCELLED, now=now, reason="the mail address changed; it was written anew"):
            succeed(reminder, due_at=now, useful_until=reminder.useful_until, now=now)
        return None
    return _freeze(reminder, _same_again(reminder), now)


def _freeze(reminder: Reminder, composed: Composed, now: datetime) -> Composed | None:
    changes = {
        "state": ReminderState.HANDED_OFF,
        "handed_off_at": reminder.handed_off_at or now,
        "lease_until": now + LEASE,
        "recipient": composed.recipient,
        "subject": composed.subject[:200],
        "message_id": composed.message_id,
        "mime": composed.mime,
    }
    ours = Reminder.objects.filter(
        pk=reminder.pk, state=ReminderState.CLAIMED, lease_token=reminder.lease_token, lease_until__gt=now
    )
    if not ours.update(**changes):
        return None
    for name, value in changes.items():
        setattr(reminder, name, value)
    return composed


def _same_again(reminder: Reminder) -> Composed:
    mime = bytes(reminder.mime or b"")
    sender = parseaddr(str(BytesHeaderParser().parsebytes(mime)["From"]))[1]
    return Composed(
        recipient=reminder.recipient,
        sender=sender,
        subject=reminder.subject,
        message_id=reminder.message_id,
        mime=mime,
        key=letter_key(reminder),
    )


def _why_not(reminder: Reminder, patient: Patient, now: datetime) -> tuple[ReminderState, str] | None:
    if reminder.useful_until <= now:
        return ReminderState.EXPIRED, "it was no longer useful when its turn came"
    if not patient.email:
        return ReminderState.SKIPPED, "no mail address: phone the patient"
    if patient.mailbox == MailboxState.DEAD:
        return ReminderState.SKIPPED, "the mail address does not work: phone the patient"
    group = KIND_POLICY[LetterKind(reminder.kind)].group
    if not getattr(patient, GROUPS[group.value]):
        return ReminderState.SKIPPED, f"the patient does not want mails about {group.value}"
    try:
        ascii_address(patient.email)
    except Refusal as refusal:
        return ReminderState.FAILED, refusal.sentence
    world = read_world(patient, now=now, only=family_of(reminder.kind))
    if key_of(reminder) not in world.wanted:
        return ReminderState.CANCELLED, world.why_unwanted(reminder)
    return None


@transaction.atomic
def settle(reminder: Reminder, outcome: Outcome, *, now: datetime) -> bool:
    """Write down how it ended. False when the lease was lost meanwhile: then somebody else writes the end."""
    seen: dict[str, Any] = {"last_code": outcome.code, "last_text": outcome.text[:200]}
    tried: dict[str, Any] = {**seen, "attempt": reminder.attempt + 1}
    match outcome.kind:
        case OutcomeKind.SENT:
            return move(reminder, ReminderState.SENT, now=now, reason="", sent_at=now, **tried)
        case OutcomeKind.REFUSED_FOR_NOW:
            return postpone(reminder, _spread(backoff(reminder.attempt + 1), reminder), now=now, **tried)
        case OutcomeKind.OURS:
            # Our own fault does not use up the letter's tries.
            return postpone(reminder, OURS_AGAIN, now=now, **seen)
        case OutcomeKind.IN_DOUBT:
            return doubt(reminder, now=now, **tried)
        case OutcomeKind.REFUSED_FOR_GOOD:
            return _refused(reminder, outcome, now=now, **tried)


def _spread(wait: timedelta, reminder: Reminder) -> timedelta:
    """Up to a fifth more or less, so that letters refused together do not come back together."""
    return wait * (0.8 + 0.4 * (reminder.pk.int % 1000) / 1000)


def _refused(reminder: Reminder, outcome: Outcome, *, now: datetime, **changes: Any) -> bool:
    patient = lock_patient(reminder.patient_id) if outcome.blames_address else None
    if not move(reminder, ReminderState.FAILED, now=now, reason="the mail server refused it", **changes):
        return False
    if patient and patient.mailbox == MailboxState.GOOD and patient.email == reminder.recipient:
        patient.mailbox = MailboxState.DEAD
        patient.save(update_fields=["mailbox"])
        record(
            PatientHappened.MAILBOX_DEAD,
            about=patient,
            by=None,
            now=now,
            patient_id=patient.pk,
            location=patient.home_location,
        )
    return True
