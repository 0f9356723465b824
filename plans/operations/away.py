"""Somebody is away: entering it, and moving whom it hits.

Not one transaction but one for the leave and one for each appointment. The leave is written first, and from then on
nobody is booked into it. After that each move stands alone: it takes the locks of one booking and lets them go, so that
it waits for nobody in a circle, can be carried out again when the database ends it, and keeps no other desk waiting.
When one cannot be moved any more, or the machine stops in the middle, the leave and the moves before stand, and the
closure's own page lists what is left: nothing is lost, and nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from clinic.models import Closure, Staff
from clinic.models.hour_owner import Owner
from clinic.operations.audit import allow
from clinic.operations.hours import add_closure
from clinic.operations.once import once
from clinic.rules.happened import Happened
from clinic.rules.opening import ClosureKind
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from plans.models import Appointment
from plans.operations.booking import cancel_appointment, move_appointment
from plans.rules.states import AppointmentState, AskedBy


class Choice(StrEnum):
    MOVE = "move"
    KEEP = "keep"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Absence:
    """What is entered: whose (an owner's key), why, from when until when."""

    whose: str
    kind: ClosureKind
    starts: datetime
    ends: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """What becomes of one appointment. `version`: the one somebody looked at. The last three only for a move."""

    appointment_id: UUID
    choice: Choice
    version: int | None = None
    starts: datetime | None = None
    practitioner_id: UUID | None = None
    room_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NotDone:
    appointment: Appointment
    sentence: str


@dataclass(frozen=True, slots=True)
class Outcome:
    closure_id: UUID
    moved: tuple[Appointment, ...]
    cancelled: tuple[Appointment, ...]
    not_done: tuple[NotDone, ...]


def enter_leave_and_move(
    *, absence: Absence, decided: Sequence[Decided], tell: bool, token: UUID | None = None, by: Staff, now: datetime
) -> Outcome:
    """Enter the absence, then do with each appointment what was decided; `tell`: whether letters say so.

    Refusals are those of add_closure: nothing is written then. What cannot be done with one appointment stands in the
    outcome, with why.
    """

    def enter() -> list[UUID]:
        made = add_closure(
            whose=absence.whose,
            kind=absence.kind,
            starts=absence.starts,
            ends=absence.ends,
            note=absence.note,
            by=by,
            now=now,
        )
        return [made.pk]

    [closure_id] = once(token, deed=Happened.CLOSURE_ADDED, by=by, now=now, do=enter)
    return settle_hit(closure_id=closure_id, decided=decided, tell=tell, by=by, now=now)


def settle_hit(*, closure_id: UUID, decided: Sequence[Decided], tell: bool, by: Staff, now: datetime) -> Outcome:
    """The same for an absence that is entered already: what was kept for now, or could not be moved then."""
    allow(by, Deed.MOVE)
    closure = Closure.objects.visible_to(by).select_related("location", "practitioner", "room").get(pk=closure_id)
    reason = reason_of(closure)
    moved, cancelled, not_done = [], [], []
    for one, row in _in_order(decided, by):
        try:
            if one.choice is Choice.MOVE:
                moved.append(_move(one, row, reason, tell, by, now))
            else:
                cancelled.append(_cancel(one, row, reason, tell, by, now))
        except Refusal as refusal:
            not_done.append(NotDone(row, refusal.sentence))
    return Outcome(closure_id, tuple(moved), tuple(cancelled), tuple(not_done))


def reason_of(closure: Closure) -> str:
    """What stands behind a moved appointment. It never says why somebody is away."""
    owner = Owner.of(closure)
    return f"{owner} is away" if owner.practitioner else f"{owner} is closed"


def _in_order(decided: Sequence[Decided], by: Staff) -> list[tuple[Decided, Appointment]]:
    """What is to be done, in the order of time; a session's date moves the windows of those after it."""
    wanted = {one.appointment_id: one for one in decided if one.choice is not Choice.KEEP}
    rows = Appointment.objects.visible_to(by).filter(pk__in=wanted.keys()).select_related("patient", "location")
    return [(wanted[row.pk], row) for row in rows.order_by("starts", "pk")]


def _move(one: Decided, row: Appointment, reason: str, tell: bool, by: Staff, now: datetime) -> Appointment:
    assert one.starts is not None and one.practitioner_id is not None
    if done := _done_before(
        row, lambda later: (later.starts, later.practitioner_id) == (one.starts, one.practitioner_id)
    ):
        return done
    return move_appointment(
        appointment_id=row.pk,
        starts=one.starts,
        minutes=row.minutes,
        practitioner_id=one.practitioner_id,
        room_id=one.room_id,
        reason=reason,
        version=one.version,
        tell=tell,
        asked_by=AskedBy.CLINIC,
        by=by,
        now=now,
    )


def _cancel(one: Decided, row: Appointment, reason: str, tell: bool, by: Staff, now: datetime) -> Appointment:
    if row.state == AppointmentState.CANCELLED and not _done_before(row, lambda _: True):
        return row
    return cancel_appointment(appointment_id=row.pk, reason=reason, version=one.version, tell=tell, by=by, now=now)


def _done_before(row: Appointment, is_it: Callable[[Appointment], bool]) -> Appointment | None:
    """The form was sent twice: what it asks for has been done."""
    later = Appointment.objects.filter(rescheduled_from=row).first()
    return later if later is not None and is_it(later) else None
