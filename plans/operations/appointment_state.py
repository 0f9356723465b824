"""The one way an appointment's state changes, whoever has the reason for it."""

from __future__ import annotations

from datetime import datetime

from plans.models import Appointment
from plans.rules.states import AppointmentState


def set_state(appointment: Appointment, state: AppointmentState, *, now: datetime, reason: str = "") -> None:
    """Write the state; a cancelled one goes out with the next calendar sequence, so that calendars drop it.

    Call inside a transaction, and let the plan or the letters follow afterwards.
    """
    appointment.state, appointment.changed_at = state, now
    appointment.reason = reason or appointment.reason
    if state is AppointmentState.CANCELLED:
        appointment.calendar_sequence += 1
    appointment.save()
