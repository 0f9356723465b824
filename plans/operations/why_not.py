"""Why a claimed letter must not leave after all, as far as its own row and its patient say."""

from __future__ import annotations

from datetime import datetime

from clinic.post import ascii_address
from clinic.rules.refusal import Refusal
from patients.models import MailboxState, Patient
from patients.operations.patients import GROUPS
from plans.models import Reminder
from plans.rules.reminders import KIND_POLICY, LetterKind
from plans.rules.states import ReminderState

End = tuple[ReminderState, str]
"""Where a row's life ends, and the reason staff read."""


def switch_of(kind: str) -> str:
    """The patient's own switch for letters of this kind: the name of its field."""
    return GROUPS[KIND_POLICY[LetterKind(kind)].group.value]


def why_not(row: Reminder, patient: Patient, now: datetime) -> End | None:
    if row.useful_until <= now:
        return ReminderState.EXPIRED, "it was no longer useful when its turn came"
    if not patient.email:
        return ReminderState.SKIPPED, "no mail address: phone the patient"
    if patient.mailbox == MailboxState.DEAD:
        return ReminderState.SKIPPED, "the mail address does not work: phone the patient"
    if not getattr(patient, switch_of(row.kind)):
        group = KIND_POLICY[LetterKind(row.kind)].group
        return ReminderState.SKIPPED, f"the patient does not want mails about {group.value}"
    try:
        ascii_address(patient.email)
    except Refusal as refusal:
        return ReminderState.FAILED, refusal.sentence
    return None
