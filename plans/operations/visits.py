"""What happens to an appointment on its own day: she comes, is numbed, is treated, goes, or does not come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from plans.models import Appointment, ChecklistItem
from plans.models.visit_facts import numbing_keys
from plans.operations.appointment_state import set_state, touch
from plans.operations.booking import (
    locked_appointment,
    must_move,
    record_visit,
    refuse_second,
    set_and_follow,
)
from plans.operations.sessions import tick_item
from plans.rules.booking import why_not_check_in, why_not_no_show
from plans.rules.happened import Happened
from plans.rules.states import AppointmentPurpose, AppointmentState

HERE = (AppointmentState.ARRIVED, AppointmentState.IN_TREATMENT)


@transaction.atomic
def check_in(*, appointment_id: UUID, by: Staff, now: datetime) -> Appointment:
    """She is here. Also after a no-show: she came after all."""
    allow(by, Deed.CHECK_IN)
    appointment = locked_appointment(appointment_id, by)
    if refusal := why_not_check_in(AppointmentState(appointment.state)):
        raise refusal
    if appointment.state == AppointmentState.NO_SHOW and (subject := appointment.session or appointment.review):
        # Missed, and booked anew meanwhile: the new appointment is the one to check in.
        refuse_second(subject.appointments.live().first())
    appointment.arrived_at = now
    set_and_follow(appointment, AppointmentState.ARRIVED, now, by=by)
    record_visit(Happened.APPOINTMENT_ARRIVED, appointment, by=by, now=now)
    return appointment


@transaction.atomic
def mark_numbed(*, appointment_id: UUID, is_on: bool = True, by: Staff, now: datetime) -> Appointment:
    """The numbing cream is on since now, or it was noted by mistake. The session's own list says the same.

    Refusals: wrong_state (she is not waiting here), not_needed (nothing at this appointment is numbed for).
    """
    allow(by, Deed.CHECK_IN)
    appointment = locked_appointment(appointment_id, by)
    _refuse_elsewhere(appointment, "numbed", only=(AppointmentState.ARRIVED,))
    keys = numbing_keys(appointment.session)
    if not keys:
        raise Refusal("not_needed", "Nothing at this appointment asks for numbing cream.")
    if bool(appointment.numbed_at) == is_on:
        return appointment
    appointment.numbed_at = now if is_on else None
    touch(appointment, by=by, now=now)
    for item in ChecklistItem.objects.filter(session=appointment.session_id, rule_key__in=keys):
        tick_item(item_id=item.pk, ticked=is_on, by=by, now=now)
    happened = Happened.APPOINTMENT_NUMBED if is_on else Happened.APPOINTMENT_CALLED_BACK
    record_visit(happened, appointment, by=by, now=now, details={} if is_on else {"what": "numbing"})
    return appointment


@transaction.atomic
def begin_treatment(*, appointment_id: UUID, by: Staff, now: datetime) -> Appointment:
    """She is called in."""
    allow(by, Deed.CHECK_IN)
    appointment = locked_appointment(appointment_id, by)
    must_move(appointment, AppointmentState.IN_TREATMENT, "begun: check the patient in first")
    appointment.began_at = now
    set_state(appointment, AppointmentState.IN_TREATMENT, by=by, now=now)
    record_visit(Happened.APPOINTMENT_BEGAN, appointment, by=by, now=now)
    return appointment


@transaction.atomic
def call_back(*, appointment_id: UUID, by: Staff, now: datetime) -> Appointment:
    """One step back, for the wrong patient was clicked: from in treatment to arrived, from arrived to expected.

    Refusals: wrong_state, numbed (the cream is on: whoever took it back knows).
    """
    allow(by, Deed.CHECK_IN)
    appointment = locked_appointment(appointment_id, by)
    _refuse_elsewhere(appointment, "taken back", only=HERE)
    was = appointment.state
    if was == AppointmentState.IN_TREATMENT:
        appointment.began_at = None
        set_state(appointment, AppointmentState.ARRIVED, by=by, now=now)
    else:
        if appointment.numbed_at:
            raise Refusal("numbed", "Numbing cream is noted for this patient: take that back first.")
        appointment.arrived_at = None
        # Expected again, so the letters of an appointment to come are wanted again.
        set_and_follow(appointment, AppointmentState.BOOKED, now, by=by)
    record_visit(Happened.APPOINTMENT_CALLED_BACK, appointment, by=by, now=now, details={"from": was})
    return appointment


@transaction.atomic
def finish_visit(*, appointment_id: UUID, by: Staff, now: datetime) -> Appointment:
    """A review or a consultation is over. A session ends when what was given is written down.

    Refusals: session, wrong_state.
    """
    allow(by, Deed.CHECK_IN)
    appointment = locked_appointment(appointment_id, by)
    if appointment.purpose == AppointmentPurpose.SESSION:
        raise Refusal("session", "A session is done when what was given is written down: complete the session.")
    _refuse_elsewhere(appointment, "finished", only=HERE)
    appointment.ended_at = now
    set_and_follow(appointment, AppointmentState.DONE, now, by=by)
    record_visit(Happened.APPOINTMENT_DONE, appointment, by=by, now=now)
    return appointment


@transaction.atomic
def mark_no_show(*, appointment_id: UUID, by: Staff, now: datetime) -> Appointment:
    """The patient did not come. The session stays to do and can be booked again; the no-show stays countable."""
    allow(by, Deed.CHECK_IN)
    appointment = locked_appointment(appointment_id, by)
    if refusal := why_not_no_show(AppointmentState(appointment.state), appointment.starts, now):
        raise refusal
    set_and_follow(appointment, AppointmentState.NO_SHOW, now, by=by)
    record_visit(Happened.APPOINTMENT_MISSED, appointment, by=by, now=now)
    return appointment


def _refuse_elsewhere(appointment: Appointment, verb: str, *, only: tuple[AppointmentState, ...]) -> None:
    """Only somebody who stands there now."""
    if appointment.state not in only:
        word = appointment.get_state_display().lower()
        raise Refusal("wrong_state", f"This appointment is “{word}” and cannot be {verb}.")
