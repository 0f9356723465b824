"""Holding time for a session, a review or a consultation, and letting it go again."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import PATIENT, allow, record
from clinic.operations.deadlock import again_after_a_deadlock
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Appointment, Review, Session
from plans.models.slots import buffer_of
from plans.operations.appointment_state import set_state, touch
from plans.operations.redate import redate_plan
from plans.operations.reminders import lock_patient, replan_reminders
from plans.operations.slot import Slot, hold, refusing_overlaps
from plans.rules.booking import why_not_cancel
from plans.rules.happened import Happened
from plans.rules.states import (
    AppointmentPurpose,
    AppointmentState,
    AskedBy,
    PlanState,
    ReviewState,
    SessionState,
    may_move,
)
from plans.rules.wording import clock_words, day_words


@again_after_a_deadlock
@transaction.atomic
def book_appointment(
    *,
    patient_id: UUID,
    purpose: AppointmentPurpose,
    session_id: UUID | None = None,
    review_id: UUID | None = None,
    practitioner_id: UUID,
    room_id: UUID | None = None,
    starts: datetime,
    minutes: int,
    override_reason: str = "",
    tell: bool = True,
    series: UUID | None = None,
    by: Staff,
    now: datetime,
) -> Appointment:
    """Hold practitioner, room and patient from `starts` for `minutes`. One live appointment per session or review.

    `tell`: whether a letter says so. `series`: shared by what was booked together, which one letter tells.

    Refusals: not_open, booked_already, past, outside_hours, too_early, too_late, *_busy. A written reason
    overrides: a clinician's for hours and too early, anybody's for too late.
    """
    allow(by, Deed.BOOK)
    slot = Slot(patient_id, practitioner_id, room_id, starts, starts + timedelta(minutes=minutes))
    # First, as everywhere: nobody pauses or stops the plan between the look at it and the booking.
    lock_patient(Patient.objects.visible_to(by).only("pk").get(pk=patient_id).pk)
    session, review = _subject(purpose, session_id, review_id, patient_id, by)
    held = hold(slot, session=session, override_reason=override_reason, by=by, now=now)
    appointment = Appointment(
        patient=held.patient,
        location=held.practitioner.location,
        purpose=purpose,
        session=session,
        review=review,
        practitioner=held.practitioner,
        room=held.room,
        starts=slot.starts,
        ends=slot.ends,
        practitioner_free_at=slot.ends + buffer_of(held.practitioner),
        room_free_at=slot.ends + buffer_of(held.room),
        is_silent=not tell,
        series=series,
        booked_at=now,
        changed_at=now,
        changed_by=by,
    )
    with refusing_overlaps():
        appointment.save()
    follow(appointment, now)
    record_visit(Happened.APPOINTMENT_BOOKED, appointment, by=by, now=now, reason=override_reason)
    return appointment


@again_after_a_deadlock
@transaction.atomic
def move_appointment(
    *,
    appointment_id: UUID,
    starts: datetime,
    minutes: int,
    practitioner_id: UUID,
    room_id: UUID | None,
    reason: str,
    override_reason: str = "",
    version: int | None = None,
    tell: bool = True,
    asked_by: AskedBy | None = None,
    by: Staff,
    now: datetime,
) -> Appointment:
    """Hold the new time and let the old one go, linked, or neither. Returns the new appointment; the old one is kept.

    `version`: the one somebody looked at; when another has come since, changed_meanwhile. `tell`: whether a letter
    says so. Refusals besides: those of booking, wrong_state, over.
    """
    allow(by, Deed.MOVE)
    old = locked_appointment(appointment_id, by)
    refuse_changed(old, version)
    slot = Slot(old.patient_id, practitioner_id, room_id, starts, starts + timedelta(minutes=minutes))
    return moved(
        old, slot, reason=reason, override_reason=override_reason, tell=tell, asked_by=asked_by, by=by, now=now
    )


def move_held(
    appointment_id: UUID, *, starts: datetime, ends: datetime, reason: str, by: Staff, now: datetime
) -> Appointment:
    """Move it to another time with the same people and room. Call inside a transaction that may do so."""
    old = locked_appointment(appointment_id, by)
    slot = Slot(old.patient_id, old.practitioner_id, old.room_id, starts, ends)
    return moved(old, slot, reason=reason, by=by, now=now)


def moved(
    old: Appointment,
    slot: Slot,
    *,
    reason: str,
    override_reason: str = "",
    tell: bool = True,
    asked_by: AskedBy | None = None,
    by: Staff | None,
    now: datetime,
) -> Appointment:
    """The same for a row that is locked already. `by` None: the patient herself, by her own link."""
    if refusal := why_not_cancel(AppointmentState(old.state), old.starts, now):
        raise refusal
    held = hold(slot, session=old.session, override_reason=override_reason, by=by, now=now, instead_of=old)
    was = {"from": old.starts.isoformat(), "to": slot.starts.isoformat()}
    old.state, old.reason = AppointmentState.CANCELLED, reason.strip()[:200]
    touch(old, by=by, now=now)
    new = Appointment(
        patient=held.patient,
        location=held.practitioner.location,
        purpose=old.purpose,
        session=old.session,
        review=old.review,
        practitioner=held.practitioner,
        room=held.room,
        starts=slot.starts,
        ends=slot.ends,
        practitioner_free_at=slot.ends + buffer_of(held.practitioner),
        room_free_at=slot.ends + buffer_of(held.room),
        rescheduled_from=old,
        reason=old.reason,
        asked_by=asked_by or "",
        is_silent=not tell,
        booked_at=now,
        changed_at=now,
        changed_by=by,
        calendar_uid=old.calendar_uid,
        calendar_sequence=old.calendar_sequence + 1,
    )
    with refusing_overlaps():
        new.save()
    follow(new, now)
    record_visit(Happened.APPOINTMENT_MOVED, new, by=by, now=now, reason=override_reason or reason, details=was)
    return new


@again_after_a_deadlock
@transaction.atomic
def cancel_appointment(
    *, appointment_id: UUID, reason: str, version: int | None = None, tell: bool = True, by: Staff, now: datetime
) -> Appointment:
    allow(by, Deed.CANCEL)
    appointment = locked_appointment(appointment_id, by)
    refuse_changed(appointment, version)
    if refusal := why_not_cancel(AppointmentState(appointment.state), appointment.starts, now):
        raise refusal
    if not reason.strip():
        raise Refusal("reason", "Write why the appointment is cancelled.")
    appointment.is_silent = not tell
    set_and_follow(appointment, AppointmentState.CANCELLED, now, by=by, reason=reason.strip()[:200])
    record_visit(Happened.APPOINTMENT_CANCELLED, appointment, by=by, now=now, reason=reason)
    return appointment


@transaction.atomic
def confirm_own_appointment(*, patient_id: UUID, appointment_id: UUID, now: datetime) -> Appointment:
    """The patient says she will come. Confirming twice changes nothing."""
    lock_patient(patient_id)
    rows = Appointment.objects.select_related("session__plan", "review__plan", "location")
    appointment = rows.select_for_update(of=("self",)).get(pk=appointment_id, patient_id=patient_id)
    if appointment.state == AppointmentState.CONFIRMED:
        return appointment
    must_move(appointment, AppointmentState.CONFIRMED, "confirmed any more")
    if appointment.starts <= now:
        raise Refusal("past", "This appointment has begun already.")
    appointment.confirmed_at = now
    set_and_follow(appointment, AppointmentState.CONFIRMED, now)
    record_visit(Happened.APPOINTMENT_CONFIRMED, appointment, by=None, now=now)
    return appointment


def _subject(
    purpose: AppointmentPurpose, session_id: UUID | None, review_id: UUID | None, patient_id: UUID, by: Staff
) -> tuple[Session | None, Review | None]:
    """Return what the appointment is to hold, after checking that it can still be held."""
    if purpose is AppointmentPurpose.SESSION and session_id:
        rows = Session.objects.visible_to(by).select_related("plan__location", "plan__patient")
        session = rows.get(pk=session_id, plan__patient_id=patient_id)
        if session.plan.state != PlanState.ACTIVE or session.state != SessionState.PLANNED:
            raise Refusal("not_open", _why_not_open(PlanState(session.plan.state)))
        refuse_second(session.appointments.live().first())
        return session, None
    if purpose is AppointmentPurpose.REVIEW and review_id:
        reviews = Review.objects.visible_to(by).select_related("plan")
        review = reviews.get(pk=review_id, plan__patient_id=patient_id)
        if review.plan.state in (PlanState.DRAFT, PlanState.STOPPED):
            raise Refusal("not_open", "Only reviews of a plan under way can be booked: activate the plan first.")
        if review.state != ReviewState.PROMISED:
            raise Refusal("not_open", "This review has been decided already.")
        refuse_second(review.appointments.live().first())
        return None, review
    return None, None


def _why_not_open(state: PlanState) -> str:
    if state is PlanState.PAUSED:
        return "This plan is paused: nothing is booked before it goes on."
    return "Only sessions to come of an active plan can be booked: activate the plan first."


def refuse_second(live: Appointment | None) -> None:
    """One session or review holds one time."""
    if live is not None:
        raise Refusal("booked_already", "This is booked already: move that appointment instead.")


def locked_appointment(appointment_id: UUID, by: Staff) -> Appointment:
    """First the patient, as everywhere, then the row as it is by then."""
    rows = Appointment.objects.visible_to(by)
    lock_patient(rows.only("patient").get(pk=appointment_id).patient_id)
    rows = rows.select_related("session__plan", "review__plan", "location", "patient")
    return rows.select_for_update(of=("self",)).get(pk=appointment_id)


def must_move(appointment: Appointment, state: AppointmentState, verb: str) -> None:
    if not may_move(AppointmentState(appointment.state), state):
        now = appointment.get_state_display().lower()
        raise Refusal("wrong_state", f"This appointment is {now} and cannot be {verb}.")


def refuse_changed(appointment: Appointment, version: int | None) -> None:
    """The second of two who looked at the same appointment is told who came first, and what became of it."""
    if version is None or version == appointment.version:
        return
    zone, who = appointment.location.zone, appointment.changed_by or "the patient"
    at = clock_words(appointment.changed_at, zone)
    later = Appointment.objects.filter(rescheduled_from=appointment).first()
    if later:
        what = f"it is on {day_words(local_day(later.starts, zone))}, {clock_words(later.starts, zone)}, now"
    else:
        what = f"it is “{appointment.get_state_display().lower()}” now"
    raise Refusal("changed_meanwhile", f"Changed meanwhile by {who} at {at}: {what}. Look again before you change it.")


def set_and_follow(
    appointment: Appointment, state: AppointmentState, now: datetime, *, by: Staff | None = None, reason: str = ""
) -> None:
    set_state(appointment, state, by=by, now=now, reason=reason)
    follow(appointment, now)


def follow(appointment: Appointment, now: datetime) -> None:
    """Later windows and letters follow from a booking: the plan is dated again in the same transaction."""
    if appointment.session:
        redate_plan(appointment.session.plan, now=now)
    else:
        replan_reminders(Patient.objects.get(pk=appointment.patient_id), now=now)


def record_visit(
    happened: Happened,
    appointment: Appointment,
    *,
    by: Staff | None,
    now: datetime,
    reason: str = "",
    details: dict[str, str] | None = None,
) -> None:
    record(
        happened,
        about=appointment,
        by=by,
        by_name="" if by else PATIENT,
        now=now,
        reason=reason,
        patient_id=appointment.patient_id,
        location=appointment.location,
        details=dict(details or {}),
    )
