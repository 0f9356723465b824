"""What came back for a letter, written down once, with what follows for the letter and for the patient's address."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.post import ascii_address
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.models import MailboxState, Patient
from patients.operations.patients import lose_mailbox, unsubscribe
from patients.rules.happened import Happened as PatientHappened
from plans.models import Bounce, Reminder
from plans.models.reminder import OPEN
from plans.operations.handoff import letter_key
from plans.operations.reminders import lock_patient
from plans.rules.bounces import Report
from plans.rules.happened import Happened
from plans.rules.states import BounceKind, ReminderState

logger = logging.getLogger(__name__)

# Whoever knows the mailbox can fill it: beyond this many a day, what is not about us is only logged.
FOREIGN_A_DAY = 200


class Noted(StrEnum):
    """LATER: the letter is still on its way by our own books, so come back with the same report."""

    DONE = "noted"
    KNOWN = "known already"
    FOREIGN = "not about us"
    LATER = "to come back to"


@transaction.atomic
def note_bounce(report: Report, *, source: str, now: datetime) -> Noted:
    """Write down one report. What names no letter of ours, or speaks of another address, changes nothing.

    A letter that did not arrive: sent → bounced. An address that does not exist: the patient is to be phoned. A
    complaint: no more invitations to reviews. The same report twice is one row, by whatever way it comes.
    """
    row = _letter(report)
    if row is None:
        return _foreign(report, source, now)
    patient = lock_patient(row.patient_id)
    row = Reminder.objects.select_for_update(of=("self",)).select_related("location").defer("mime").get(pk=row.pk)
    if row.state in OPEN:
        return Noted.LATER
    bounce, is_new = Bounce.objects.get_or_create(
        digest=_digest(row.pk.hex, report.kind, report.code, str(report.is_final)),
        defaults={
            "received_at": now, "source": source[:40], "kind": report.kind, "reminder": row,
            "recipient": row.recipient, "code": report.code[:16], "text": report.text[:200],
        },
    )  # fmt: skip
    if not is_new:
        return Noted.KNOWN
    if report.is_final:
        _came_back(row, report, now)
    if report.blames_address:
        lose_mailbox(patient, row.recipient, now=now)
    if report.kind is BounceKind.COMPLAINT:
        unsubscribe(patient_id=patient.pk, group="reviews", now=now)
    logger.info("letter %s: %s reported by %s", row.pk, bounce.kind, source)
    return Noted.DONE


@transaction.atomic
def note_false_call(*, source: str, now: datetime) -> None:
    """Somebody called the hook without its secret or signature: counted once an hour, and nothing else."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    digest = _digest("call", source, hour.isoformat())
    if not Bounce.objects.filter(digest=digest).exists():
        said = {"received_at": now, "source": source[:40], "kind": BounceKind.FOREIGN}
        Bounce.objects.get_or_create(digest=digest, defaults={**said, "text": "a call that is not signed"})


@transaction.atomic
def trust_address(*, patient_id: UUID, by: Staff, now: datetime) -> Patient:
    """The patient says that the address works after all: letters go there again. Refusal `not_dead`."""
    allow(by, Deed.SETTLE_MAIL)
    Patient.objects.visible_to(by).only("pk").get(pk=patient_id)
    patient = lock_patient(patient_id)
    if patient.mailbox != MailboxState.DEAD or not patient.email:
        raise Refusal("not_dead", "Mail goes to this patient already, or there is no address to send it to.")
    patient.mailbox = MailboxState.GOOD
    patient.save(update_fields=["mailbox"])
    record(
        PatientHappened.PATIENT_CHANGED,
        about=patient,
        by=by,
        now=now,
        patient_id=patient.pk,
        location=patient.home_location,
        reason="the mail address works again",
        details={"fields": ["mailbox"]},
    )
    return patient


def _letter(report: Report) -> Reminder | None:
    """The letter it names, if that letter was written and went to the address it speaks of."""
    try:
        pk = UUID(hex=report.key[1:33])
    except ValueError:
        return None
    row = Reminder.objects.filter(pk=pk).defer("mime").first()
    if row is None or not row.message_id or letter_key(row) != report.key:
        return None
    ours = {row.recipient.lower(), _ascii(row.recipient)}
    return row if not report.recipients or not ours.isdisjoint(report.recipients) else None


def _ascii(address: str) -> str:
    try:
        return ascii_address(address).lower()
    except Refusal:
        return address.lower()


def _foreign(report: Report, source: str, now: datetime) -> Noted:
    """Nothing of it is kept but that it came: it may name people who are none of our patients."""
    lately = Bounce.objects.filter(kind=BounceKind.FOREIGN, received_at__gt=now - timedelta(days=1))
    if lately.count() >= FOREIGN_A_DAY:
        logger.warning("a report from %s is about no letter of ours; there were many today", source)
        return Noted.FOREIGN
    text = report.text if report.kind is BounceKind.FOREIGN else "about no letter of ours"
    digest = _digest("foreign", report.key, *report.recipients, report.kind, report.code, report.text)
    said = {"received_at": now, "source": source[:40], "kind": BounceKind.FOREIGN, "text": text[:200]}
    Bounce.objects.get_or_create(digest=digest, defaults=said)
    return Noted.FOREIGN


def _came_back(row: Reminder, report: Report, now: datetime) -> None:
    reason = _reason(report)
    sent = Reminder.objects.filter(pk=row.pk, state=ReminderState.SENT)
    if not sent.update(state=ReminderState.BOUNCED, state_reason=reason, last_text=report.text[:200]):
        return
    row.state, row.state_reason = ReminderState.BOUNCED, reason
    record(
        Happened.REMINDER_BOUNCED,
        about=row,
        by=None,
        now=now,
        patient_id=row.patient_id,
        location=row.location,
        reason=reason,
        details={"code": report.code, "said": report.text},
    )


def _reason(report: Report) -> str:
    if report.blames_address:
        return "the mail address does not work: phone the patient"
    if report.kind is BounceKind.TRANSIENT:
        full = report.code.endswith(".2.2") or report.code == "552"
        return "the mailbox is full" if full else "it could not be delivered for days"
    return "the patient's mail server refused it"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
