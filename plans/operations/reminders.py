"""Which letters a patient's rows call for, and the reminder rows kept equal to that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from django.db import transaction

from patients.models import Patient
from plans.models import Plan, Reminder
from plans.models.reminder import OPEN
from plans.operations.world import World, read_rows, world_of
from plans.rules.course import Course
from plans.rules.reminders import CORRECTED, Wanted
from plans.rules.states import ReminderState

Key = tuple[str, UUID, str]
_READ = (
    "kind",
    "patient",
    "about_id",
    "facts",
    "content_version",
    "due_at",
    "useful_until",
    "state",
    "handed_off_at",
    "supersedes",
)


def key_of(row: Reminder) -> Key:
    """A letter is the same letter while its kind, its subject and what it states are the same."""
    return row.kind, row.about_id, row.facts


@dataclass(frozen=True, slots=True)
class LetterChanges:
    """What makes one patient's rows those the world calls for. Nothing of it is written yet.

    `needless`: with why nobody wants them any more. `moved`: the same letter at another hour, set on the row.
    """

    needless: list[tuple[Reminder, str]]
    moved: list[Reminder]
    missing: list[Reminder]


@transaction.atomic
def replan_reminders(patient: Patient, *, now: datetime) -> None:
    """Make the patient's open rows those the world calls for. Call it last in the operation that changed the world.

    A row that a dispatcher has claimed but not handed off is taken back: what was written for it speaks of the world
    before. A letter that is on its way, has left, failed, expired or was skipped is never planned again; sending it
    once more is a human's decision.
    """
    replan_many([lock_patient(patient.pk)], now=now)


def replan_many(
    patients: Sequence[Patient],
    *,
    now: datetime,
    plans: Iterable[Plan] | None = None,
    courses: Mapping[UUID, Course] | None = None,
) -> int:
    """The same for patients the caller has locked, in as many queries as for one. Return how many letters changed.

    `plans`: all their plans but drafts, oldest first, and their `courses`, for whoever has read them already.
    """
    rows = letters_of(patients)
    take_back(row for some in rows.values() for row in some)
    read = read_rows(patients, now=now, plans=plans)
    worlds = ((one.patient, world_of(one, now=now, courses=courses)) for one in read)
    return write_letters(
        [letter_changes(rows.get(patient.pk, []), world, patient, now=now) for patient, world in worlds]
    )


def letters_of(patients: Sequence[Patient], *, lock: bool = True) -> dict[UUID, list[Reminder]]:
    """Every letter ever planned for these patients: what it states and when, without its bytes."""
    found: dict[UUID, list[Reminder]] = {}
    rows = Reminder.objects.filter(patient__in=patients).only(*_READ).order_by("id")
    for row in rows.select_for_update(of=("self",), no_key=True) if lock else rows:
        found.setdefault(row.patient_id, []).append(row)
    return found


def take_back(rows: Iterable[Reminder]) -> None:
    """Give rows that are claimed but not handed off back to the queue: whoever claimed them finds nothing to mark.

    The rows are locked, so a claim or a mark in flight has been waited for.
    """
    claimed = [row for row in rows if row.state == ReminderState.CLAIMED]
    if claimed:
        mine = Reminder.objects.filter(pk__in=[row.pk for row in claimed], state=ReminderState.CLAIMED)
        mine.update(state=ReminderState.PLANNED, lease_until=None, lease_token=None)
    for row in claimed:
        row.state = ReminderState.PLANNED


def letter_changes(rows: Sequence[Reminder], world: World, patient: Patient, *, now: datetime) -> LetterChanges:
    return LetterChanges(
        needless=[(row, world.why_unwanted(row)) for row in rows if _is_obsolete(row, world, now)],
        moved=[row for row in rows if _may_still_change(row) and _set_hour(row, world)],
        missing=_missing(rows, world, patient, now),
    )


def write_letters(changes: Sequence[LetterChanges]) -> int:
    """Write the changes of any number of patients at once, and return how many letters they are.

    A letter that states another date is one letter, though its row is a new one.
    """
    needless = [pair for one in changes for pair in one.needless]
    for reason in dict.fromkeys(reason for _, reason in needless):
        ended = Reminder.objects.filter(pk__in=[row.pk for row, why in needless if why == reason])
        ended.update(state=ReminderState.CANCELLED, state_reason=reason)
    moved = [row for one in changes for row in one.moved]
    if moved:
        Reminder.objects.bulk_update(moved, ["due_at", "useful_until"])
    missing = [row for one in changes for row in one.missing]
    if missing:
        Reminder.objects.bulk_create(missing)
    return len({(row.kind, row.about_id) for row in (*(row for row, _ in needless), *moved, *missing)})


def lock_patient(patient_id: UUID) -> Patient:
    """Lock first the patient, then their reminders: everybody in this order, so that nobody waits in a circle.

    `no_key`: rows that only point at the patient are not kept waiting.
    """
    found = Patient.objects.select_related("home_location").select_for_update(of=("self",), no_key=True)
    return found.get(pk=patient_id)


def next_versions(rows: Iterable[Reminder]) -> dict[tuple[str, UUID], int]:
    """Return the version the next letter of each kind and subject gets; 1 where the mapping has none."""
    versions: dict[tuple[str, UUID], int] = {}
    for row in rows:
        subject = row.kind, row.about_id
        versions[subject] = max(versions.get(subject, 1), row.content_version + 1)
    return versions


def succeed(row: Reminder, *, due_at: datetime, useful_until: datetime, now: datetime) -> Reminder:
    """Plan the same letter as a new row with the next version. A row that has ended never comes back to life."""
    siblings = Reminder.objects.filter(kind=row.kind, about_id=row.about_id).only("kind", "about_id", "content_version")
    return Reminder.objects.create(
        kind=row.kind,
        patient_id=row.patient_id,
        location_id=row.location_id,
        plan_id=row.plan_id,
        about_id=row.about_id,
        facts=row.facts,
        content_version=next_versions(siblings)[row.kind, row.about_id],
        due_at=due_at,
        useful_until=useful_until,
        supersedes=row,
        planned_at=now,
    )


def _is_obsolete(row: Reminder, world: World, now: datetime) -> bool:
    # A row that is useless by now is left for the dispatcher: it expires there, and staff see that it did.
    return row.state == ReminderState.PLANNED and row.useful_until > now and key_of(row) not in world.wanted


def _may_still_change(row: Reminder) -> bool:
    """Not a row that waits for its second try, nor one a human asked for: their hour is not the rules'."""
    return row.state == ReminderState.PLANNED and row.handed_off_at is None and row.supersedes_id is None


def _set_hour(row: Reminder, world: World) -> bool:
    """Give the row the hour at which the same letter is wanted. False when it has it already, or is not wanted."""
    wanted = world.wanted.get(key_of(row))
    if wanted is None or (row.due_at, row.useful_until) == (wanted.due_at, wanted.useful_until):
        return False
    row.due_at, row.useful_until = wanted.due_at, wanted.useful_until
    return True


def _missing(rows: Sequence[Reminder], world: World, patient: Patient, now: datetime) -> list[Reminder]:
    known = {key_of(row) for row in rows if row.state != ReminderState.CANCELLED} - _taken_back(rows)
    versions = next_versions(rows)
    return [_row(wanted, versions, world, patient, now) for key, wanted in world.wanted.items() if key not in known]


def _taken_back(rows: Sequence[Reminder]) -> set[Key]:
    """Letters that have left, and after which another said otherwise about the same: what the older one states is no
    longer what the patient was told last, so that it has to be told again when it is true again."""
    told = [row for row in rows if row.kind in CORRECTED and _may_have_left(row)]
    last = {(row.kind, row.about_id): row for row in sorted(told, key=attrgetter("handed_off_at", "content_version"))}
    current = {key_of(row) for row in last.values()} | {key_of(row) for row in rows if row.state in OPEN}
    return {key_of(row) for row in told} - current


def _may_have_left(row: Reminder) -> bool:
    return row.handed_off_at is not None and row.state not in (ReminderState.FAILED, ReminderState.BOUNCED)


def _row(
    wanted: Wanted, versions: dict[tuple[str, UUID], int], world: World, patient: Patient, now: datetime
) -> Reminder:
    place = world.places[wanted.about]
    return Reminder(
        kind=wanted.kind,
        patient=patient,
        location_id=place.location_id,
        plan_id=place.plan_id,
        about_id=wanted.about,
        facts=wanted.facts,
        content_version=versions.get((wanted.kind, wanted.about), 1),
        due_at=wanted.due_at,
        useful_until=wanted.useful_until,
        planned_at=now,
    )
