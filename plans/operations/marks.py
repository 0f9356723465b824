"""The statements every letter costs, in plain SQL: compiling them anew for each would cost more than sending it.

Each is written only while the row is what the caller believes it to be; the count of rows says whether it was.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from uuid import UUID

from django.db import connection

from clinic.models import AuditLine
from clinic.models.ids import new_id
from clinic.operations.audit import PROGRAM
from patients.models import MailboxState, Patient
from plans.models import Reminder
from plans.operations.pen import Pen, plain_id, plain_time
from plans.operations.why_not import switch_of
from plans.rules.happened import Happened
from plans.rules.letter_kinds import LetterKind
from plans.rules.states import ReminderState

ROWS, PEOPLE, AUDIT = (model._meta.db_table for model in (Reminder, Patient, AuditLine))

# COALESCE: the row is found by its id. Left bare, the state would tempt PostgreSQL to walk the index of leased rows.
#
# Whatever changes a patient's letters takes claimed rows back, so a row still claimed under our token says what its
# mail says. What can change without that is asked here: where she reads mail, and whether she wants it.
_STILL_HERS = f"""
    WHERE id = %s AND COALESCE(state, '') = '{ReminderState.CLAIMED}' AND lease_token = %s AND lease_until > %s
    AND useful_until > %s
    AND EXISTS (
        SELECT 1 FROM {PEOPLE} AS patient WHERE patient.id = {ROWS}.patient_id AND patient.email = %s
        AND patient.link_version = %s AND patient.mailbox = '{MailboxState.GOOD}' AND patient.{{switch}}
    )"""
_LEAVES = f"UPDATE {ROWS} SET state = '{ReminderState.HANDED_OFF}'"
_FROZEN = (
    ", handed_off_at = %s, recipient = %s, subject = %s, message_id = %s, language = %s, wording_id = %s, mime = %s"
)
_TAKEN = f"""
    UPDATE {ROWS} SET state = '{ReminderState.SENT}', state_reason = '', lease_until = NULL, lease_token = NULL,
    sent_at = %s, attempt = attempt + 1, last_code = %s, last_text = %s
    WHERE id = %s AND COALESCE(state, '') = '{ReminderState.HANDED_OFF}' AND lease_token = %s"""
_TOLD = f"""
    INSERT INTO {AUDIT} (id, at, by_id, by_name, happened, about_kind, about_id, about_words, patient_id, location_id,
    reason, details) SELECT %s, %s, NULL, '{PROGRAM}', '{Happened.REMINDER_SENT}', '{Reminder._meta.label_lower}',
    %s, %s, %s, %s, '', '{{}}'"""
# One statement where the database can; where it cannot, the line is only written after the row.
_TAKEN_AND_TOLD = f"WITH taken AS ({_TAKEN} RETURNING 1) {_TOLD} FROM taken"


def write_leaving(pen: Pen, row: Reminder, frozen: tuple[object, ...] | None, *, now: datetime) -> int:
    """Write that it leaves now. `frozen`: the mail itself, when the row has none yet, in the order of `_FROZEN`."""
    at = plain_time(now)
    mine = [plain_id(row.pk), plain_id(row.lease_token), at, at, row.recipient, row.patient.link_version]
    return pen.write(_leaving(switch_of(row.kind), frozen is not None), [*(frozen or ()), *mine])


def write_sent(pen: Pen, row: Reminder, code: int | None, text: str, *, now: datetime) -> int:
    """Write that the mail server took it, with its line in the audit, unless the row is no longer ours."""
    at, key = plain_time(now), plain_id(row.pk)
    taken = [at, code, text[:200], key, plain_id(row.lease_token)]
    words = f"{LetterKind(row.kind).label}, {row.patient}"[:200]
    told = [plain_id(new_id()), at, key, words, plain_id(row.patient_id), plain_id(row.location_id)]
    if connection.vendor == "postgresql":
        return pen.write(_TAKEN_AND_TOLD, [*taken, *told])
    place = pen.write(_TAKEN, taken)
    if pen.count(place):
        pen.write(_TOLD, told)
    return place


def frozen(
    written_at: datetime,
    recipient: str,
    subject: str,
    message_id: str,
    language: str,
    wording: UUID | None,
    mime: bytes,
) -> tuple[object, ...]:
    return (plain_time(written_at), recipient, subject[:200], message_id, language, plain_id(wording), mime)


@cache
def _leaving(switch: str, freezes: bool) -> str:
    return _LEAVES + (_FROZEN if freezes else "") + _STILL_HERS.format(switch=switch)
