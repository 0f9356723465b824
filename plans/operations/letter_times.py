"""When a location's letters leave: what changing it would do, the change, and its planned letters brought in line.

The patients follow in steps. The audit's last line about the location says how far the steps have come: no step
without its line, so that a run which was cut off goes on behind the last whole one.
"""

from __future__ import annotations

import hashlib
import time as clock_time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic.models import AuditLine, Location, Staff
from clinic.operations.audit import allow, record
from clinic.operations.deadlock import again_after_a_deadlock
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Appointment, LetterTime, Plan
from plans.models.letter_facts import houses_of
from plans.models.letter_time import settings_words
from plans.operations.letter_rows import read_rows
from plans.operations.reminders import letter_changes, letters_of, replan_many
from plans.operations.world import world_of
from plans.rules.happened import Happened
from plans.rules.letter_kinds import LetterKind
from plans.rules.letter_times import TIMINGS, KindTimes, LetterTimes, fault
from plans.rules.states import PlanState

AT_ONCE = 100
LOOKED_AT = 500
MISSED = LetterKind.APPOINTMENT_MISSED


@dataclass(frozen=True, slots=True)
class TimesEffect:
    """What a change does to the letters planned for `looked_at` of `patients`. `at_once`: new ones that are due by
    now."""

    patients: int
    looked_at: int
    new: int
    gone: int
    moved: int
    at_once: int

    @property
    def is_nothing(self) -> bool:
        return not (self.new or self.gone or self.moved)


def foresee_letter_times(
    *, location_id: UUID, times: LetterTimes, by: Staff, now: datetime, seconds: float = 3.0
) -> TimesEffect:
    """Say what these times would change. Writes nothing. The first patients only where there are many."""
    allow(by, Deed.CHANGE_CLINIC)
    location = Location.objects.visible_to(by).get(pk=location_id)
    concerned = _concerned(location, now)
    until, found = clock_time.monotonic() + seconds, TimesEffect(concerned.count(), 0, 0, 0, 0, 0)
    people = list(concerned.select_related("home_location")[:LOOKED_AT])
    for first in range(0, len(people), AT_ONCE):
        found = _counted(found, people[first : first + AT_ONCE], location, times, now)
        if clock_time.monotonic() > until:
            break
    return found


def _counted(
    found: TimesEffect, people: list[Patient], location: Location, times: LetterTimes, now: datetime
) -> TimesEffect:
    told = letters_of(people, lock=False)
    house = replace(houses_of({location.pk: location})[location.pk], times=_stored(times))
    new = gone = moved = at_once = 0
    for rows in read_rows(people, now=now):
        _write_no_shows(rows.appointments, location, times)
        world = world_of(replace(rows, houses={**rows.houses, location.pk: house}), now=now)
        changes = letter_changes(told.get(rows.patient.pk, []), world, rows.patient, now=now)
        new, gone = new + len(changes.missing), gone + len(changes.needless)
        moved += len(changes.moved)
        at_once += sum(row.due_at <= now for row in changes.missing)
    return replace(
        found,
        looked_at=found.looked_at + len(people),
        new=found.new + new,
        gone=found.gone + gone,
        moved=found.moved + moved,
        at_once=found.at_once + at_once,
    )


def _write_no_shows(rows: Iterable[Appointment], location: Location, times: LetterTimes) -> None:
    """Let the rows read, not the database, say whether this location writes after a no-show."""
    for row in rows:
        if row.location_id == location.pk:
            row.location.writes_after_no_show = times.of(MISSED).is_on


@again_after_a_deadlock
@transaction.atomic
def change_letter_times(*, location_id: UUID, times: LetterTimes, seen: str, by: Staff, now: datetime) -> Location:
    """Write when the location's letters leave; those planned already follow in `follow_letter_times`.

    `seen`: `times_mark` of what the change was made from. Refusals: changed_meanwhile, out_of_range, nothing_changed.
    """
    allow(by, Deed.CHANGE_CLINIC)
    rows = Location.objects.visible_to(by)
    location = rows.select_for_update(of=("self",)).get(pk=location_id)
    before = letter_times_of(location)
    if seen != times_mark(before):
        raise Refusal("changed_meanwhile", "Somebody else changed these times meanwhile: look at them again.")
    for kind in LetterKind:
        if sentence := fault(kind, times.of(kind)):
            raise Refusal("out_of_range", f"{kind.label}: {sentence}")
    details = _differences(before, times)
    if not details:
        raise Refusal("nothing_changed", "Nothing is different from what is set already.")
    location.quiet_from, location.quiet_until = times.quiet_from, times.quiet_until
    location.writes_after_no_show = times.of(MISSED).is_on
    location.save(update_fields=["quiet_from", "quiet_until", "writes_after_no_show"])
    for kind, own in _stored(times).own.items():
        _write(location, kind, own)
    _note(location, by=by, now=now, details={"times": details, "follow": True})
    return location


def _write(location: Location, kind: LetterKind, own: KindTimes) -> None:
    """One row where the location differs from the house, none where it does not."""
    row = LetterTime.objects.filter(location=location, kind=kind).first()
    if own == TIMINGS[kind].times:
        if row:
            row.delete()
        return
    row = row or LetterTime(location=location, kind=kind)
    row.is_on, row.at_hour = own.is_on, own.hour
    row.lead_number = own.lead.number if own.lead else None
    row.lead_unit = own.lead.unit.value if own.lead else ""
    row.save()


def _stored(times: LetterTimes) -> LetterTimes:
    """The letter after a no-show has its switch at the location itself."""
    own = {kind: times.of(kind) for kind in LetterKind}
    own[MISSED] = replace(own[MISSED], is_on=True)
    return replace(times, own=own)


def letter_times_of(location: Location) -> LetterTimes:
    """What is set now, for every kind. One query."""
    times = houses_of({location.pk: location})[location.pk].times
    own = {kind: times.of(kind) for kind in LetterKind}
    own[MISSED] = replace(own[MISSED], is_on=location.writes_after_no_show)
    return replace(times, own=own)


def times_mark(times: LetterTimes) -> str:
    """Return what stays the same as long as the same is set."""
    said = [settings_words(times.of(kind)) for kind in LetterKind]
    return hashlib.sha256("\n".join([*said, f"{times.quiet_from} {times.quiet_until}"]).encode()).hexdigest()[:16]


def _differences(before: LetterTimes, after: LetterTimes) -> dict[str, str]:
    changed = {
        kind.value: f"{settings_words(before.of(kind))} → {settings_words(after.of(kind))}"
        for kind in LetterKind
        if before.of(kind) != after.of(kind)
    }
    quiet = [f"{one.quiet_from:%H:%M}–{one.quiet_until:%H:%M}" for one in (before, after)]
    return changed | ({"quiet": " → ".join(quiet)} if quiet[0] != quiet[1] else {})


def follow_letter_times(*, now: datetime, seconds: float) -> int:
    """Bring planned letters in line with what locations have set, until the time is over. Return how many changed."""
    until, changed = clock_time.monotonic() + seconds, 0
    for location in Location.objects.order_by("pk"):
        while (done := _step(location.pk, now)) is not None:
            changed += done
            if clock_time.monotonic() > until:
                return changed
    return changed


def letters_still_follow(location: Location) -> bool:
    return _last_word(location) is not None


@again_after_a_deadlock
@transaction.atomic
def _step(location_id: UUID, now: datetime) -> int | None:
    """The next patients, their letters and the line that says so; None when all have followed."""
    location = Location.objects.select_for_update(of=("self",)).get(pk=location_id)
    last = _last_word(location)
    if last is None:
        return None
    behind = last.get("behind")
    left = _concerned(location, now)
    ids = list((left.filter(pk__gt=UUID(behind)) if behind else left).values_list("pk", flat=True)[:AT_ONCE])
    people = Patient.objects.filter(pk__in=ids).select_related("home_location").order_by("pk")
    changed = replan_many(list(people.select_for_update(of=("self",), no_key=True)), now=now) if ids else 0
    is_open = len(ids) == AT_ONCE
    details = {"patients": len(ids), "letters": changed, "follow": is_open}
    _note(location, by=None, now=now, details=details | ({"behind": str(ids[-1])} if is_open else {}))
    return changed


def _last_word(location: Location) -> Mapping[str, str] | None:
    """What the last line about this location's times says, None when no letters have to follow."""
    lines = AuditLine.objects.filter(
        about_kind=location._meta.label_lower, about_id=location.pk, happened=Happened.LETTER_TIMES_CHANGED
    )
    last = lines.order_by("-id").values_list("details", flat=True).first()
    return last if last and last.get("follow") else None


def _note(location: Location, *, by: Staff | None, now: datetime, details: dict[str, object]) -> None:
    record(Happened.LETTER_TIMES_CHANGED, about=location, by=by, now=now, location=location, details=details)


def _concerned(location: Location, now: datetime) -> QuerySet[Patient]:
    """Whose letters this location signs: its own patients under a plan, and whoever comes to it."""
    plans = Plan.objects.filter(patient=OuterRef("pk")).exclude(state=PlanState.DRAFT)
    comes = Appointment.objects.filter(patient=OuterRef("pk"), location=location, starts__gt=now)
    here = Q(home_location=location) & Exists(plans)
    return Patient.objects.filter(here | Exists(plans.filter(location=location)) | Exists(comes)).order_by("pk")
