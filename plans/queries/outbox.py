"""The outbox: every letter with its why, and the exact mail that went out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet

from clinic.models import Location, Staff
from clinic.rules.local_time import start_of_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Reminder
from plans.models.reminder import OPEN, ReminderQuerySet
from plans.rules.reminders import LetterKind
from plans.rules.states import ReminderState
from plans.rules.wording import clock_words, day_words

_NOT_SENT = (ReminderState.CANCELLED, ReminderState.SKIPPED, ReminderState.EXPIRED, ReminderState.FAILED)
_GONE = (ReminderState.SENT, ReminderState.BOUNCED)
ONE_DAY = timedelta(days=1)


class Tab(StrEnum):
    """DUE: what was due by now, whatever became of it."""

    DUE = "due"
    WAITING = "waiting"
    COMING = "coming"
    SENT = "sent"
    UNSENT = "unsent"

    @property
    def label(self) -> str:
        return _TABS[self]


_TABS = {
    Tab.DUE: "Due by now",
    Tab.WAITING: "Waiting for a human",
    Tab.COMING: "Coming",
    Tab.SENT: "Sent",
    Tab.UNSENT: "Not sent",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the outbox is asked for. `first` and `last` are days of the hour it was or is due. `after`: due time and id
    of the last row of the page before."""

    tab: Tab = Tab.DUE
    words: str = ""
    patient_id: UUID | None = None
    location_id: UUID | None = None
    state: ReminderState | None = None
    kind: LetterKind | None = None
    first: date | None = None
    last: date | None = None
    after: tuple[datetime, UUID] | None = None

    @property
    def is_narrowed(self) -> bool:
        named = (self.words, self.patient_id, self.location_id, self.state, self.kind, self.first, self.last)
        return any(named)

    @property
    def soonest_first(self) -> bool:
        return self.tab is Tab.COMING or self.state is ReminderState.PLANNED


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
    headers: tuple[tuple[str, str], ...] = field(default=())
    size: int = 0


def asked_for(by: Staff, asked: Asked, *, zone: ZoneInfo, now: datetime) -> QuerySet[Reminder]:
    """Return the letters asked for: newest first, those to come soonest first. `zone`: where days begin. Forbidden."""
    rows = letters(by, state=asked.state, kind=asked.kind, patient_id=asked.patient_id)
    rows = _on(asked, rows, now)
    if asked.words:
        rows = rows.filter(patient__in=Patient.objects.visible_to(by).matching(asked.words))
    if asked.location_id:
        rows = rows.filter(location=asked.location_id)
    if asked.first:
        rows = rows.filter(due_at__gte=start_of_day(asked.first, zone))
    if asked.last:
        rows = rows.filter(due_at__lt=start_of_day(asked.last + ONE_DAY, zone))
    return _from(asked, rows)


def _on(asked: Asked, rows: QuerySet[Reminder], now: datetime) -> QuerySet[Reminder]:
    match asked.tab:
        case Tab.WAITING:
            return rows.filter(pk__in=Reminder.objects.waiting_for_a_human().values("pk"))
        case Tab.COMING:
            return rows.filter(state__in=OPEN)
        case Tab.SENT:
            return rows.filter(state__in=_GONE)
        case Tab.UNSENT:
            return rows.filter(state__in=(*_NOT_SENT, ReminderState.CLOSED, ReminderState.UNKNOWN))
        case _:
            return rows if asked.is_narrowed else rows.filter(due_at__lte=now)


def _from(asked: Asked, rows: QuerySet[Reminder]) -> QuerySet[Reminder]:
    if asked.soonest_first:
        rows = rows.order_by("due_at", "id")
    if asked.after is None:
        return rows
    due, last = asked.after
    if asked.soonest_first:
        return rows.filter(Q(due_at__gt=due) | Q(due_at=due, pk__gt=last))
    return rows.filter(Q(due_at__lt=due) | Q(due_at=due, pk__lt=last))


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
    rows = _seen_by(by).select_related("patient__home_location", "location", "settled_by", "supersedes", "wording")
    return rows.get(pk=reminder_id)


def locations_of(by: Staff) -> tuple[Location, ...]:
    return tuple(Location.objects.visible_to(by).order_by("name"))


def counts(by: Staff, *, since: datetime | None = None) -> dict[ReminderState, int]:
    """Return how many letters due since `since` are in each state, zeros left out."""
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
    if state is ReminderState.SKIPPED and row.settled_by:
        return f"Not sent: settled by {row.settled_by}: {_reason(row)}"
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
    return None if row.mime is None else read_mail(bytes(row.mime), message_id=row.message_id)


def read_mail(mime: bytes, *, message_id: str = "") -> ShownMail:
    mail = message_from_bytes(mime, policy=policy.default)
    return ShownMail(
        subject=str(mail["Subject"]),
        sender=str(mail["From"]),
        recipient=str(mail["To"]),
        date=str(mail["Date"]),
        message_id=message_id,
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
        attachments=tuple(part.get_filename() or "" for part in mail.iter_attachments()),
        headers=tuple((name, str(value)) for name, value in mail.items()),
        size=len(mime),
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
    if row.state in (ReminderState.FAILED, ReminderState.BOUNCED) and row.last_text:
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
