"""Appointments and reviews as the letters' rules see them."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from plans.models.appointment import Appointment
from plans.models.review import Review
from plans.rules.reminders import AppointmentFacts, ReviewFacts
from plans.rules.states import AppointmentPurpose, AppointmentState, ReviewState


def appointment_facts(row: Appointment) -> AppointmentFacts:
    is_cancelled = row.state == AppointmentState.CANCELLED
    return AppointmentFacts(
        id=row.pk,
        purpose=AppointmentPurpose(row.purpose),
        starts=row.starts,
        ends=row.ends,
        state=AppointmentState(row.state),
        announced=_announced(row),
        # Confirming changes the row too, and is nothing to tell.
        changed_at=row.changed_at if is_cancelled else row.booked_at,
        session_number=row.session.number if row.session else None,
    )


def review_facts(row: Review, booked: Collection[UUID | None]) -> ReviewFacts:
    """`booked`: ids of the reviews an appointment holds."""
    return ReviewFacts(
        id=row.pk,
        months=row.months,
        due=row.due,
        opens=row.opens,
        closes=row.closes,
        decided=row.state != ReviewState.PROMISED,
        booked=row.pk in booked,
        estimated=row.is_estimated,
    )


def was_moved(row: Appointment) -> bool:
    return hasattr(row, "rescheduled_to")


def _announced(row: Appointment) -> str:
    """The appointment a moved one became tells of the move; the one it was has nothing more to say, nor has one that
    the patient was told of otherwise."""
    if row.is_silent:
        return ""
    if row.state == AppointmentState.CANCELLED:
        return "" if was_moved(row) else "cancelled"
    return "moved" if row.rescheduled_from_id else "booked"
