"""What a human may do about letters: send one once more, stop it, or put it aside; one by one or several together."""

from __future__ import annotations

from collections.abc import Collection
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
    """Plan the same letter again, at once or at its hour, as a new row written from today's facts. Return the new row.

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
    # A letter stopped before its hour goes at its hour.
    again = succeed(row, due_at=max(now, wanted.due_at), useful_until=wanted.useful_until, now=now)
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
    return _end(row, ReminderState.CLOSED, Happened.REMINDER_CLOSED, _word(reason), by, now)


@transaction.atomic
def stop_reminder(*, reminder_id: UUID, reason: str, by: Staff, now: datetime) -> Reminder:
    """A planned letter shall not go. It is not planned again while it states the same; sending it again undoes this.

    Refusals: `not_planned` once it is being sent or has ended, `no_reason`.
    """
    allow(by, Deed.SETTLE_MAIL)
    row = _locked(reminder_id, by)
    if row.state != ReminderState.PLANNED:
        raise Refusal("not_planned", "This letter is not waiting to be sent: there is nothing to stop.")
    return _end(row, ReminderState.SKIPPED, Happened.REMINDER_STOPPED, _word(reason), by, now)


def close_letters(*, reminder_ids: Collection[UUID], reason: str, by: Staff, now: datetime) -> int:
    """Settle several letters with one word, each by itself: those that wait are closed, those to come are stopped.

    What needs nothing any more by now is left out. Return how many were settled. DoesNotExist when one is not theirs.
    """
    allow(by, Deed.SETTLE_MAIL)
    wanted = sorted(set(reminder_ids))
    if Reminder.objects.visible_to(by).filter(pk__in=wanted).distinct().count() != len(wanted):
        raise Reminder.DoesNotExist
    _word(reason)
    return sum(_settled(pk, reason, by, now) for pk in wanted)


@transaction.atomic
def _settled(reminder_id: UUID, reason: str, by: Staff, now: datetime) -> bool:
    row = _locked(reminder_id, by)
    if row.state == ReminderState.PLANNED:
        _end(row, ReminderState.SKIPPED, Happened.REMINDER_STOPPED, _word(reason), by, now)
    elif may_move(ReminderState(row.state), ReminderState.CLOSED):
        _end(row, ReminderState.CLOSED, Happened.REMINDER_CLOSED, _word(reason), by, now)
    elif row.state == ReminderState.SKIPPED and row.settled_at is None:
        _end(row, ReminderState.SKIPPED, Happened.REMINDER_CLOSED, _word(reason), by, now)
    else:
        return False
    return True


def _end(row: Reminder, state: ReminderState, happened: Happened, word: str, by: Staff, now: datetime) -> Reminder:
    row.state, row.state_reason, row.settled_at, row.settled_by = state, word, now, by
    row.save(update_fields=["state", "state_reason", "settled_at", "settled_by"])
    record(
        happened, about=row, by=by, now=now, patient_id=row.patient_id, location=row.location, reason=row.state_reason
    )
    return row


def _word(reason: str) -> str:
    if not reason.strip():
        raise Refusal("no_reason", "Write in a word what was done: “phoned”, “no longer needed”.")
    return reason.strip()[:120]


def _locked(reminder_id: UUID, by: Staff) -> Reminder:
    """Lock in the order of everybody else: the patient first."""
    row = Reminder.objects.visible_to(by).get(pk=reminder_id)
    patient = lock_patient(row.patient_id)
    row = Reminder.objects.select_for_update(of=("self",)).select_related("location").get(pk=reminder_id)
    row.patient = patient
    return row
