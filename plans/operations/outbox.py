"""What a human may do about a letter: send it once more, or put it aside."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from plans.models import Reminder
from plans.operations.reminders import key_of, lock_patient, succeed
from plans.operations.world import read_world
from plans.rules.happened import Happened
from plans.rules.states import ReminderState, may_move

ENDED_BADLY = frozenset(
    {ReminderState.FAILED, ReminderState.UNKNOWN, ReminderState.EXPIRED, ReminderState.BOUNCED, ReminderState.SKIPPED}
)


@transaction.atomic
def resend(*, reminder_id: UUID, by: Staff, now: datetime) -> Reminder:
    """Plan the same letter again, now, as a new row written from today's facts. Return the new row.

    Refusals: `still_open`, `sent_again` when that was done already, `out_of_date` when the letter is no longer true.
    """
    allow(by, Deed.SETTLE_MAIL)
    row = _locked(reminder_id, by)
    if row.state not in ENDED_BADLY and row.state != ReminderState.SENT:
        raise Refusal("still_open", "This letter is on its way or was cancelled: there is nothing to send again.")
    if Reminder.objects.filter(supersedes=row).exists():
        raise Refusal("sent_again", "This letter was already sent again: look at the newer one.")
    wanted = read_world(row.patient, now=now).wanted.get(key_of(row))
    if wanted is None:
        raise Refusal("out_of_date", "This letter is no longer true or useful, so it is not sent again. Please phone.")
    again = succeed(row, due_at=now, useful_until=wanted.useful_until, now=now)
    row.settled_at, row.settled_by = now, by
    row.save(update_fields=["settled_at", "settled_by"])
    record(
        Happened.REMINDER_RESENT,
        about=again,
        by=by,
        now=now,
        patient_id=row.patient_id,
        location=row.location,
        details={"supersedes": str(row.pk)},
    )
    return again


@transaction.atomic
def close_reminder(*, reminder_id: UUID, reason: str, by: Staff, now: datetime) -> Reminder:
    """A human has dealt with it: by phone, or because it no longer matters. Refusals: `not_open`, `no_reason`."""
    allow(by, Deed.SETTLE_MAIL)
    row = _locked(reminder_id, by)
    if not may_move(ReminderState(row.state), ReminderState.CLOSED):
        raise Refusal("not_open", "This letter does not wait for anybody.")
    if not reason.strip():
        raise Refusal("no_reason", "Write in a word what was done: “phoned”, “no longer needed”.")
    row.state, row.state_reason = ReminderState.CLOSED, reason.strip()[:120]
    row.settled_at, row.settled_by = now, by
    row.save(update_fields=["state", "state_reason", "settled_at", "settled_by"])
    record(
        Happened.REMINDER_CLOSED,
        about=row,
        by=by,
        now=now,
        patient_id=row.patient_id,
        location=row.location,
        reason=row.state_reason,
    )
    return row


def _locked(reminder_id: UUID, by: Staff) -> Reminder:
    """Lock in the order of everybody else: the patient first."""
    row = Reminder.objects.visible_to(by).get(pk=reminder_id)
    patient = lock_patient(row.patient_id)
    row = Reminder.objects.select_for_update(of=("self",)).select_related("location").get(pk=reminder_id)
    row.patient = patient
    return row
