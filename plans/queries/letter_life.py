"""The life of one letter, step by step: from its own columns, the audit's lines, and what came back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from clinic.models import AuditLine
from patients.models import Language
from plans.models import Reminder
from plans.rules.happened import Happened
from plans.rules.states import BounceKind
from plans.rules.wording import first_up

_WORDS = {
    Happened.REMINDER_SENT: ("Sent", "done"),
    Happened.REMINDER_POSTPONED: ("Put off", "wait"),
    Happened.REMINDER_IN_DOUBT: ("In doubt: nobody knows whether it arrived", "alarm"),
    Happened.REMINDER_FAILED: ("Failed", "alarm"),
    Happened.REMINDER_SKIPPED: ("Left out", "off"),
    Happened.REMINDER_CANCELLED: ("Cancelled", "off"),
    Happened.REMINDER_EXPIRED: ("Expired", "off"),
    Happened.REMINDER_CLOSED: ("Put aside", "done"),
    Happened.REMINDER_STOPPED: ("Stopped", "off"),
    Happened.REMINDER_RESENT: ("Asked for again", "done"),
}
_KINDS = {
    BounceKind.PERMANENT: ("Came back", "alarm"),
    BounceKind.TRANSIENT: ("The patient's mail server is waiting", "wait"),
    BounceKind.AUTO_REPLY: ("Answered by a machine: away", "done"),
    BounceKind.COMPLAINT: ("Marked as unwanted by the patient", "alarm"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """`look`: done, wait, alarm or off. `by`: who, empty for the program itself."""

    at: datetime
    what: str
    look: str
    detail: str = ""
    by: str = ""


def life_of(row: Reminder) -> tuple[Step, ...]:
    """Return the steps in their order. Two queries."""
    lines = AuditLine.objects.filter(about_kind=Reminder._meta.label_lower, about_id=row.pk).order_by("at", "id")
    steps = [Step(row.planned_at, "Planned", "done"), *_handed(row)]
    steps += [_step(line, row) for line in lines if line.happened in _WORDS]
    steps += [
        Step(one.received_at, *_KINDS[BounceKind(one.kind)], detail=f"{one.code} {one.text}".strip(), by=one.source)
        for one in row.bounces.order_by("received_at")
        if one.kind in _KINDS
    ]
    return tuple(sorted(steps, key=lambda step: step.at))


def written_with(row: Reminder) -> str:
    """Which words it was written with: the house's, or which version of the location's own."""
    if row.wording:
        return f"This location's own words, version {row.wording.version}"
    return "The house's words"


def language_of(row: Reminder) -> str:
    return str(dict(Language.choices).get(row.language, row.language))


def _handed(row: Reminder) -> Iterator[Step]:
    if row.handed_off_at and row.mime is not None:
        yield Step(row.handed_off_at, "Written; from here on its bytes are fixed", "done")


def _step(line: AuditLine, row: Reminder) -> Step:
    what, look = _WORDS[Happened(line.happened)]
    said = line.details.get("said") if isinstance(line.details, dict) else None
    detail = first_up(line.reason)
    if isinstance(said, str) and said:
        detail = f"{detail}: {said}" if detail else said
    elif not detail and row.last_text and line.happened == Happened.REMINDER_SENT:
        detail = f"{row.last_code or ''} {row.last_text}".strip()
    return Step(line.at, what, look, detail, str(line.by_name) if line.by_id else "")
