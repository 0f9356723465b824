"""A patient's wish about an appointment ends with the appointment: nobody works through what is settled already."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from clinic.models import Staff
from clinic.operations.audit import PATIENT, record
from plans.models import Appointment, PatientRequest
from plans.rules.happened import Happened
from plans.rules.states import AppointmentState, RequestKind
from plans.rules.waiting import EXPECTED

# Moving cancels the old row, so the two are told with one word.
ANSWERS: Mapping[AppointmentState, str] = MappingProxyType(
    {
        AppointmentState.CANCELLED: "The appointment was moved or cancelled",
        AppointmentState.NO_SHOW: "The time of the appointment is over",
    }
)
CAME = "The appointment was held as it was"


def settle_wishes(appointment: Appointment, *, by: Staff | None, now: datetime) -> None:
    """Settle what was asked about it, unless it is still expected. Call inside the transaction that changed it."""
    state = AppointmentState(appointment.state)
    if state in EXPECTED:
        return
    wishes = PatientRequest.objects.open().filter(
        appointment=appointment, kind__in=(RequestKind.MOVE, RequestKind.CANCEL)
    )
    for wish in wishes.select_related("patient", "location").order_by("asked_at"):
        settle(wish, ANSWERS.get(state, CAME), by=by, now=now)


def settle(request: PatientRequest, answer: str, *, by: Staff | None, now: datetime) -> None:
    """The answer to a problem is clinical as the problem is: it stands on the row, never in the audit."""
    request.settled_at, request.settled_by, request.answer = now, by, answer.strip()[:300]
    request.save(update_fields=["settled_at", "settled_by", "answer"])
    record(
        Happened.REQUEST_SETTLED,
        about=request,
        by=by,
        by_name="" if by else PATIENT,
        now=now,
        patient_id=request.patient_id,
        location=request.location,
        reason="" if request.kind == RequestKind.PROBLEM else request.answer,
        details={"kind": request.kind},
    )
