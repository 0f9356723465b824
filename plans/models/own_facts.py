"""An appointment as the rules of the patient's own page see it."""

from __future__ import annotations

from datetime import datetime

from plans.models.appointment import Appointment
from plans.rules.own_choices import OwnChoices, own_choices
from plans.rules.states import AppointmentState


def own_choices_of(row: Appointment, now: datetime) -> OwnChoices:
    """What she may do about it herself, as its location allows."""
    return own_choices(
        AppointmentState(row.state),
        row.starts,
        now,
        may_ask_to_move=row.location.patients_may_ask_to_move,
        cancel_before=row.location.patients_may_cancel_before,
    )
