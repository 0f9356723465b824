"""What a patient does and asks for behind her own link, and how staff settle it. The link is her authority."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from clinic.models import Location, Staff
from clinic.operations.audit import PATIENT, allow, record
from clinic.operations.deadlock import again_after_a_deadlock
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Appointment, PatientRequest, Session
from plans.models.own_facts import own_choices_of
from plans.operations.booking import record_visit, set_and_follow
from plans.operations.reminders import lock_patient
from plans.operations.settling import settle
from plans.rules.happened import Happened
from plans.rules.own_choices import (
    MOST_OPEN,
    REPORT_LENGTH,
    WISHES_LENGTH,
    WORDS_LENGTH,
    OwnChoices,
    why_not_cancel_herself,
)
from plans.rules.signs import known_signs, must_call_now
from plans.rules.states import AppointmentState, AskedBy, RequestKind, SessionState

REASON = "Cancelled on her own page"


@again_after_a_deadlock
@transaction.atomic
def ask_to_move(
    *, patient_id: UUID, appointment_id: UUID, wishes: str, text: str, token: UUID, now: datetime
) -> PatientRequest:
    """She would like another time. One open wish for each appointment; the form sent twice is one wish.

    Refusals: nothing_said, not_here, many, other_form.
    """
    patient = lock_patient(patient_id)
    if done := _sent_before(patient, token):
        return done
    row, choices = _own_appointment(patient_id, appointment_id, now)
    if standing := _standing(row, RequestKind.MOVE):
        return standing
    if not choices.ask_to_move:
        raise Refusal("not_here", "Another time cannot be asked for here: please call us.")
    if not (wishes.strip() or text.strip()):
        raise Refusal("nothing_said", "Tell us in a word when it would suit you.")
    said = {"wishes": wishes.strip()[:WISHES_LENGTH], "text": text.strip()[:WORDS_LENGTH]}
    return _make(RequestKind.MOVE, patient, row.location, token, now, appointment=row, **said)


@again_after_a_deadlock
@transaction.atomic
def ask_to_cancel(*, patient_id: UUID, appointment_id: UUID, text: str, token: UUID, now: datetime) -> PatientRequest:
    """She cannot come, and it is the desk that cancels here. Refusals: over, many, other_form."""
    patient = lock_patient(patient_id)
    if done := _sent_before(patient, token):
        return done
    row, choices = _own_appointment(patient_id, appointment_id, now)
    if standing := _standing(row, RequestKind.CANCEL):
        return standing
    if not choices.ask_to_cancel:
        raise Refusal("over", "This appointment cannot be cancelled any more.")
    said = text.strip()[:WORDS_LENGTH]
    return _make(RequestKind.CANCEL, patient, row.location, token, now, appointment=row, text=said)


@again_after_a_deadlock
@transaction.atomic
def cancel_own_appointment(*, patient_id: UUID, appointment_id: UUID, now: datetime) -> Appointment:
    """She gives it up herself, where the place lets her and in time. Twice changes nothing. Refusals: over, ask."""
    lock_patient(patient_id)
    row, choices = _own_appointment(patient_id, appointment_id, now)
    # Moved is not cancelled: there she still has a time, and is shown it.
    if row.state == AppointmentState.CANCELLED and not Appointment.objects.filter(rescheduled_from=row).exists():
        return row
    if refusal := why_not_cancel_herself(choices):
        raise refusal
    row.is_silent, row.asked_by = False, AskedBy.PATIENT
    set_and_follow(row, AppointmentState.CANCELLED, now, reason=REASON)
    record_visit(Happened.APPOINTMENT_CANCELLED, row, by=None, now=now, reason=REASON)
    return row


@again_after_a_deadlock
@transaction.atomic
def report_problem(
    *, patient_id: UUID, signs: tuple[str, ...], text: str, token: UUID, now: datetime
) -> PatientRequest:
    """Something is wrong. What she adds from the same form joins the same report, as long as nobody has settled it.

    Refusals: nothing_said, many, other_form.
    """
    patient = lock_patient(patient_id)
    noticed, words = known_signs(signs), text.strip()[:REPORT_LENGTH]
    last = _last_session(patient)
    since = now - last.ended_at if last and last.ended_at else None
    done = _sent_before(patient, token)
    if done is not None:
        return done if done.settled_at else _add(done, noticed, words, since, now)
    if not (noticed or words):
        raise Refusal("nothing_said", "Tell us what you have noticed.")
    urgent = must_call_now(noticed, since_session=since)
    more = {"signs": list(noticed), "text": words, "is_urgent": urgent, "session": last}
    return _make(RequestKind.PROBLEM, patient, patient.home_location, token, now, **more)


@transaction.atomic
def settle_request(*, request_id: UUID, answer: str, by: Staff, now: datetime) -> PatientRequest:
    """Somebody has dealt with it, with a word about how. A problem is for those who may read it.

    Refusals: no_answer, settled.
    """
    allow(by, Deed.BOOK)
    rows = PatientRequest.objects.visible_to(by)
    lock_patient(rows.only("patient").get(pk=request_id).patient_id)
    request = rows.select_related("patient", "location").select_for_update(of=("self",)).get(pk=request_id)
    if request.kind == RequestKind.PROBLEM:
        allow(by, Deed.SEE_CLINICAL)
    if request.settled_at:
        raise Refusal("settled", "Somebody has settled this already.")
    if not answer.strip():
        raise Refusal("no_answer", "Write in a word what was done: “phoned, comes on Monday”.")
    settle(request, answer, by=by, now=now)
    return request


def _own_appointment(patient_id: UUID, appointment_id: UUID, now: datetime) -> tuple[Appointment, OwnChoices]:
    rows = Appointment.objects.select_related("session__plan", "review__plan", "location", "patient")
    row = rows.select_for_update(of=("self",)).get(pk=appointment_id, patient_id=patient_id)
    return row, own_choices_of(row, now)


def _standing(row: Appointment, kind: RequestKind) -> PatientRequest | None:
    return PatientRequest.objects.open().filter(appointment=row, kind=kind).first()


def _sent_before(patient: Patient, token: UUID) -> PatientRequest | None:
    """The patient is locked, so nobody writes the same form's row at this moment."""
    done = PatientRequest.objects.select_related("patient", "location").filter(token=token).first()
    if done is not None and done.patient_id != patient.pk:
        raise Refusal("other_form", "This form was used before: open its page anew.")
    return done


def _make(
    kind: RequestKind, patient: Patient, location: Location, token: UUID, now: datetime, **said: object
) -> PatientRequest:
    # An alarm is always heard.
    if not said.get("is_urgent") and PatientRequest.objects.open().filter(patient=patient).count() >= MOST_OPEN:
        raise Refusal("many", "We have your messages already. Please call us.")
    request = PatientRequest.objects.create(
        kind=kind, patient=patient, location=location, token=token, asked_at=now, **said
    )
    _record(request, now)
    return request


def _add(
    request: PatientRequest, signs: tuple[str, ...], words: str, since: timedelta | None, now: datetime
) -> PatientRequest:
    """Join what is new to it; the same sent again is nothing new."""
    together = known_signs((*request.signs, *signs))
    text = request.text if words in request.text else f"{request.text}\n{words}".strip()[:REPORT_LENGTH]
    if (list(together), text) == (request.signs, request.text):
        return request
    request.signs, request.text = list(together), text
    request.is_urgent = request.is_urgent or must_call_now(together, since_session=since)
    request.save(update_fields=["signs", "text", "is_urgent"])
    _record(request, now, added=True)
    return request


def _record(request: PatientRequest, now: datetime, **details: object) -> None:
    """That she asked, and of what kind. What she noticed is clinical and not the audit's."""
    record(
        Happened.REQUEST_MADE,
        about=request,
        by=None,
        by_name=PATIENT,
        now=now,
        patient_id=request.patient_id,
        location=request.location,
        details={"kind": request.kind, "urgent": request.is_urgent, **details},
    )


def _last_session(patient: Patient) -> Session | None:
    done = Session.objects.filter(plan__patient=patient, state=SessionState.DONE, ended_at__isnull=False)
    return done.order_by("-ended_at").first()
