"""What was done to a plan and why, and the mails it sends."""

from __future__ import annotations

from dataclasses import dataclass

from clinic.models import AuditLine, Staff
from clinic.rules.roles import Deed
from plans.models import Plan, Reminder, Review, Session
from plans.models.reminder import OPEN
from plans.queries.chart import Chart
from plans.rules.happened import Happened
from plans.rules.states import ReminderState

DEEDS_SHOWN = 40
LETTERS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Letters:
    """`coming` by due time; `gone` newest first, without those that changes made needless.

    `more` are left out of the page: the outbox has them all.
    """

    coming: tuple[Reminder, ...]
    gone: tuple[Reminder, ...]
    more: int


@dataclass(frozen=True, slots=True)
class DeedLine:
    """`what` says in sentences what a change of the plan changed, for those who read its reason."""

    line: AuditLine
    words: str
    what: tuple[str, ...]


def letters_of(plan: Plan, by: Staff) -> Letters | None:
    """Return the plan's mails, None for those who may not read them. One query."""
    if not by.can(Deed.SEE_OUTBOX):
        return None
    rows = list(plan.reminders.select_related("location").defer("mime").order_by("due_at", "id"))
    coming = [row for row in rows if row.state in OPEN]
    gone = [row for row in reversed(rows) if row.state not in OPEN and row.state != ReminderState.CANCELLED]
    more = max(len(coming) - LETTERS_SHOWN, 0) + max(len(gone) - LETTERS_SHOWN, 0)
    return Letters(tuple(coming[:LETTERS_SHOWN]), tuple(gone[:LETTERS_SHOWN]), more)


def deeds_of(chart: Chart, plan: Plan, by: Staff) -> tuple[DeedLine, ...] | None:
    """Return what was done to this plan and all that hangs on it, newest first; None for those who may not read it.

    One query."""
    if not (by.can(Deed.SEE_AUDIT) or by.can(Deed.SEE_OWN_AUDIT)):
        return None
    rows: list[Session | Review] = [*chart.sessions[plan.pk], *chart.reviews[plan.pk]]
    appointments = [appointment.pk for row in rows for appointment in chart.attempts(row)]
    ids = [plan.pk, *(row.pk for row in rows), *appointments]
    found = AuditLine.objects.as_read_by(by).filter(about_id__in=ids)
    # Looking at the plan is in the audit, too; it changed nothing.
    lines = found.exclude(happened=Happened.PLAN_PRINTED).order_by("-at", "-id")[:DEEDS_SHOWN]
    return tuple(DeedLine(line, _deed_words(line.happened), _what(line)) for line in lines)


def _deed_words(happened: str) -> str:
    """ "appointment.booked" reads "Appointment booked"."""
    return happened.replace(".", " ").replace("_", " ").capitalize()


def _what(line: AuditLine) -> tuple[str, ...]:
    said = line.details.get("what", []) if line.is_open else []  # type: ignore[attr-defined]  # see as_read_by
    return tuple(sentence for sentence in said if isinstance(sentence, str)) if isinstance(said, list) else ()
