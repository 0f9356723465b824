"""Patients no mail reaches, with what the letters would have told them; and the letters that came back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from clinic.models import Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import MailboxState, Patient
from plans.models import Bounce, Reminder
from plans.rules.reminders import KIND_POLICY, LetterGroup, LetterKind
from plans.rules.states import BounceKind, ReminderState
from plans.rules.wording import clock_words, day_words

# The patient's own switch for each group of letters.
SWITCHES = {
    LetterGroup.APPOINTMENTS: "wants_appointment_mail",
    LetterGroup.CARE: "wants_care_mail",
    LetterGroup.REVIEWS: "wants_review_mail",
}
PER_PAGE = 25
COMING = timedelta(days=7)
LATELY = timedelta(days=14)
COUNTED = timedelta(days=30)
# Ended without reaching anybody.
_MISSED = (ReminderState.SKIPPED, ReminderState.FAILED, ReminderState.BOUNCED, ReminderState.EXPIRED)


@dataclass(frozen=True, slots=True)
class PhoneLetter:
    """`says`: what it is about, in a few words. `is_coming`: it will be due, and will not reach her either."""

    letter: Reminder
    title: str
    says: str
    is_coming: bool


@dataclass(frozen=True, slots=True)
class PhonePatient:
    patient: Patient
    why: str
    has_dead_address: bool
    letters: tuple[PhoneLetter, ...]


@dataclass(frozen=True, slots=True)
class PhonePage:
    """`after`: where the next page begins, empty on the last."""

    patients: tuple[PhonePatient, ...]
    after: str


def phone_list(by: Staff, *, now: datetime, after: str = "") -> PhonePage:
    """Return whom to phone, by name: without an address, or with one that does not work, who should have heard of
    something in the last two weeks, or will be written to within one. Two queries. Forbidden by role."""
    if not by.can(Deed.SEE_OUTBOX):
        raise Forbidden(Deed.SEE_OUTBOX)
    unheard = _unheard(now)
    waiting = Exists(Reminder.objects.filter(unheard, _is_wanted("patient__"), patient=OuterRef("pk")))
    dead = Q(email="") | Q(mailbox=MailboxState.DEAD)
    people = Patient.objects.visible_to(by).filter(dead, waiting).select_related("home_location")
    if mark := _mark(after):
        people = people.filter(Q(folded_name__gt=mark[0]) | Q(folded_name=mark[0], pk__gt=mark[1]))
    found = list(people.order_by("folded_name", "pk")[: PER_PAGE + 1])
    shown = found[:PER_PAGE]
    rows = Reminder.objects.filter(unheard, _is_wanted("patient__"), patient__in=shown)
    letters: dict[UUID, list[Reminder]] = {}
    for row in rows.select_related("location").defer("mime").order_by("due_at", "id"):
        letters.setdefault(row.patient_id, []).append(row)
    further = f"{shown[-1].folded_name}~{shown[-1].pk}" if len(found) > PER_PAGE else ""
    return PhonePage(tuple(_to_phone(patient, letters.get(patient.pk, ())) for patient in shown), further)


def came_back(by: Staff, *, before: str = "") -> list[Bounce]:
    """Return what came back for letters `by` may see, newest first: a page and one more. Forbidden by role."""
    if not by.can(Deed.SEE_OUTBOX):
        raise Forbidden(Deed.SEE_OUTBOX)
    rows = Bounce.objects.visible_to(by).filter(reminder__isnull=False)
    if instant := _instant(before):
        rows = rows.filter(received_at__lt=instant)
    related = rows.select_related("reminder__patient", "reminder__location").defer("reminder__mime")
    return list(related.order_by("-received_at", "-id")[: PER_PAGE + 1])


def counted(by: Staff, *, now: datetime) -> dict[str, int]:
    """How many reports of each kind came in the last 30 days. Those about no letter of ours belong to no place."""
    rows = Bounce.objects.filter(received_at__gt=now - COUNTED)
    mine = Bounce.objects.visible_to(by).filter(received_at__gt=now - COUNTED, reminder__isnull=False)
    found = dict(mine.order_by().values_list("kind").annotate(n=Count("pk")))
    found[BounceKind.FOREIGN.value] = rows.filter(kind=BounceKind.FOREIGN).count()
    return {kind.label: found[kind.value] for kind in BounceKind if found.get(kind.value)}


def says(row: Reminder) -> str:
    """The day a letter speaks of: "Tue 3 Nov 2026 10:00"; empty when it speaks of none."""
    zone = row.location.zone
    try:
        if len(row.facts) == len("2026-11-03"):
            return day_words(date.fromisoformat(row.facts))
        instant = datetime.fromisoformat(row.facts)
    except ValueError:
        return ""
    return f"{day_words(instant.astimezone(zone).date())} {clock_words(instant, zone)}" if instant.tzinfo else ""


def _to_phone(patient: Patient, rows: Iterable[Reminder]) -> PhonePatient:
    why = "no e-mail address is known" if not patient.email else f"mail to {patient.email} comes back"
    shown = (
        PhoneLetter(row, LetterKind(row.kind).label, says(row), row.state == ReminderState.PLANNED) for row in rows
    )
    return PhonePatient(patient, why, bool(patient.email), tuple(shown))


def _unheard(now: datetime) -> Q:
    coming = Q(state=ReminderState.PLANNED, due_at__lte=now + COMING)
    missed = Q(state__in=_MISSED, settled_at__isnull=True, due_at__gt=now - LATELY)
    return coming | missed


def _is_wanted(of: str) -> Q:
    """Not what the patient chose not to be told of."""
    either = Q()
    for group, switch in SWITCHES.items():
        kinds = [kind.value for kind in LetterKind if KIND_POLICY[kind].group == group]
        either |= Q(kind__in=kinds, **{f"{of}{switch}": True})
    return either


def _mark(after: str) -> tuple[str, UUID] | None:
    name, _, last = after.rpartition("~")
    try:
        return name, UUID(last)
    except ValueError:
        return None


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else None
