"""The outbox: every letter with its why, and the exact mail that went out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

from django.db.models import Count, QuerySet

from clinic.models import Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from plans.models import Reminder
from plans.models.reminder import ReminderQuerySet
from plans.rules.reminders import LetterKind
from plans.rules.states import ReminderState
from plans.rules.wording import clock_words, day_words

_NOT_SENT = {ReminderState.CANCELLED, ReminderState.SKIPPED, ReminderState.EXPIRED, ReminderState.FAILED}


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A mail as it was frozen. `html` is the letter's own page: show it in a sandboxed frame."""

    subject: str
    sender: str
    recipient: str
    date: str
    message_id: str
    text: str
    html: str
    attachments: tuple[str, ...]


def letters(
    by: Staff,
    *,
    state: ReminderState | None = None,
    kind: LetterKind | None = None,
    patient_id: UUID | None = None,
    waiting: bool = False,
) -> QuerySet[Reminder]:
    """Return the letters `by` may see, newest first; `waiting` keeps those a human has to look at. Forbidden."""
    rows = _seen_by(by).select_related("patient", "location", "settled_by").defer("mime")
    if waiting:
        rows = rows.waiting_for_a_human()
    if state:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    if patient_id:
        rows = rows.filter(patient=patient_id)
    return rows.order_by("-due_at", "-id")


def letter(by: Staff, reminder_id: UUID) -> Reminder:
    """Return one letter with its bytes. DoesNotExist when it is not there or not theirs; Forbidden by role."""
    rows = _seen_by(by).select_related("patient", "location", "settled_by", "supersedes")
    return rows.get(pk=reminder_id)


def counts(by: Staff, *, since: datetime | None = None) -> dict[ReminderState, int]:
    """Return how many letters due since `since` are in each state, zeros left out: the outbox's tabs."""
    rows = _seen_by(by)
    if since:
        rows = rows.filter(due_at__gte=since)
    found = rows.order_by().values_list("state").annotate(n=Count("pk"))
    return {ReminderState(state): n for state, n in found}


def expired(by: Staff, *, since: datetime) -> QuerySet[Reminder]:
    """Return the letters that became useless since `since` and were never sent: people to phone."""
    rows = letters(by, state=ReminderState.EXPIRED)
    return rows.filter(useful_until__gte=since, settled_at__isnull=True)


def why(row: Reminder) -> str:
    """Say in one sentence what became of a letter and why, with times in the location's zone."""
    state = ReminderState(row.state)
    if state is ReminderState.SENT:
        return f"Sent {_moment(row, row.sent_at)}."
    if state in _NOT_SENT:
        return f"Not sent: {_reason(row)}"
    if state is ReminderState.UNKNOWN:
        return f"Unknown: {_reason(row)}"
    if state is ReminderState.CLOSED:
        return f"Closed by {row.settled_by}: {_reason(row)}"
    if state is ReminderState.BOUNCED:
        return f"Came back: {_reason(row)}"
    if state is ReminderState.PLANNED:
        return _planned(row)
    return "Being sent right now."


def exact_mail(row: Reminder) -> ShownMail | None:
    """Return the frozen mail, read for showing; None when it was never written."""
    if row.mime is None:
        return None
    mail = message_from_bytes(bytes(row.mime), policy=policy.default)
    return ShownMail(
        subject=str(mail["Subject"]),
        sender=str(mail["From"]),
        recipient=str(mail["To"]),
        date=str(mail["Date"]),
        message_id=row.message_id,
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
        attachments=tuple(part.get_filename() or "" for part in mail.iter_attachments()),
    )


def _seen_by(by: Staff) -> ReminderQuerySet:
    if not by.can(Deed.SEE_OUTBOX):
        raise Forbidden(Deed.SEE_OUTBOX)
    return Reminder.objects.visible_to(by)


def _planned(row: Reminder) -> str:
    if row.handed_off_at is None:
        return f"Planned for {_moment(row, row.due_at)}."
    said = row.state_reason or row.last_text or "the mail server did not take it"
    return f"Tried {_times(row.attempt)}, again {_moment(row, row.due_at)}: {said.rstrip('.')}."


def _times(count: int) -> str:
    # A fault of ours counts as no try of the letter's, yet the mail was on its way once.
    return "once" if count <= 1 else f"{count} times"


def _reason(row: Reminder) -> str:
    reason = row.state_reason or "no reason was noted"
    if row.state == ReminderState.FAILED and row.last_text:
        reason = f"{reason} ({row.last_text.rstrip('.')})"
    return f"{reason.rstrip('.')}."


def _moment(row: Reminder, instant: datetime | None) -> str:
    if instant is None:
        return ""
    zone = row.location.zone
    return f"{day_words(instant.astimezone(zone).date())} {clock_words(instant, zone)}"


def _part(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
