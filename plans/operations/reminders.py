"""Which letters a patient's rows call for, and the reminder rows kept equal to that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from patients.models import Patient
from plans.models import Reminder
from plans.operations.world import World, read_world
from plans.rules.reminders import Wanted
from plans.rules.states import ReminderState

Key = tuple[str, UUID, str]


def key_of(row: Reminder) -> Key:
    """A letter is the same letter while its kind, its subject and what it states are the same."""
    return row.kind, row.about_id, row.facts


@transaction.atomic
def replan_reminders(patient: Patient, *, now: datetime) -> None:
    """Make the patient's open rows those the world calls for. Call it last in the operation that changed the world.

    Claimed and handed-off rows are left alone: the hand-off looks at the world once more. A letter that has left,
    failed, expired or was skipped is never planned again; sending it once more is a human's decision.
    """
    lock_patient(patient.pk)
    world = read_world(patient, now=now)
    rows = list(Reminder.objects.select_for_update().filter(patient=patient).defer("mime").order_by("id"))
    _cancel([row for row in rows if _is_obsolete(row, world, now)], world)
    _keep([row for row in rows if _may_still_change(row)], world)
    _plan(rows, world, patient, now)


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


def _cancel(rows: Sequence[Reminder], world: World) -> None:
    for row in rows:
        row.state = ReminderState.CANCELLED
        row.state_reason = world.why_unwanted(row)
    if rows:
        Reminder.objects.bulk_update(rows, ["state", "state_reason"])


def _may_still_change(row: Reminder) -> bool:
    """Not a row that waits for its second try, nor one a human asked for: their hour is not the rules'."""
    return row.state == ReminderState.PLANNED and row.handed_off_at is None and row.supersedes_id is None


def _keep(rows: Iterable[Reminder], world: World) -> None:
    changed = []
    for row in rows:
        wanted = world.wanted.get(key_of(row))
        if wanted and (row.due_at, row.useful_until) != (wanted.due_at, wanted.useful_until):
            row.due_at, row.useful_until = wanted.due_at, wanted.useful_until
            changed.append(row)
    if changed:
        Reminder.objects.bulk_update(changed, ["due_at", "useful_until"])


def _plan(rows: Sequence[Reminder], world: World, patient: Patient, now: datetime) -> None:
    known = {key_of(row) for row in rows if row.state != ReminderState.CANCELLED}
    versions = next_versions(rows)
    missing = [wanted for key, wanted in world.wanted.items() if key not in known]
    if missing:
        Reminder.objects.bulk_create(_row(wanted, versions, world, patient, now) for wanted in missing)


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
