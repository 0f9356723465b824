"""The one way an appointment's state changes, whoever has the reason for it."""

from __future__ import annotations

from datetime import datetime

from clinic.models import Staff
from plans.models import Appointment
from plans.operations.settling import settle_wishes
from plans.operations.slot import refusing_overlaps
from plans.rules.states import AppointmentState


def set_state(
    appointment: Appointment, state: AppointmentState, *, by: Staff | None = None, now: datetime, reason: str = ""
) -> None:
    """Write the state; a cancelled one goes out with the next calendar sequence, so that calendars drop it.

    Call inside a transaction, and let the plan or the letters follow afterwards.
    """
    appointment.state = state
    appointment.reason = reason or appointment.reason
    if state is AppointmentState.CANCELLED:
        appointment.calendar_sequence += 1
    touch(appointment, by=by, now=now)


def touch(appointment: Appointment, *, by: Staff | None, now: datetime) -> None:
    """Save it as its next version: whoever looked at the one before is told.

    Who comes after all finds her time free, or a sentence: the database holds it for one appointment only.
    """
    appointment.version += 1
    appointment.changed_at, appointment.changed_by = now, by
    with refusing_overlaps("This time was given to somebody else meanwhile: book another one."):
        appointment.save()
    settle_wishes(appointment, by=by, now=now)
