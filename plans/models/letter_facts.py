"""Appointments and reviews as the letters' rules see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from plans.models.appointment import Appointment
from plans.models.review import Review
from plans.models.waiting import Offer
from plans.rules.reminders import AppointmentFacts, OfferFacts, ReviewFacts
from plans.rules.states import AppointmentPurpose, AppointmentState, ReviewState, SessionState

_ENDED = (AppointmentState.CANCELLED, AppointmentState.NO_SHOW)


def appointment_facts(row: Appointment, *, is_missed_told: bool = False) -> AppointmentFacts:
    return AppointmentFacts(
        id=row.pk,
        purpose=AppointmentPurpose(row.purpose),
        starts=row.starts,
        ends=row.ends,
        state=AppointmentState(row.state),
        announced="missed" if is_missed_told else _announced(row),
        # Confirming changes the row too, and is nothing to tell.
        changed_at=row.changed_at if row.state in _ENDED else row.booked_at,
        session_number=row.session.number if row.session else None,
        series=row.series,
    )


def is_missed_told(row: Appointment, others: Iterable[Appointment]) -> bool:
    """Whether a letter says that she was missed: not where the house does not write, nor once it is settled anew.

    Also of an appointment that was booked in silence: that she was told of the booking is another matter.
    """
    if row.state != AppointmentState.NO_SHOW or not row.location.writes_after_no_show:
        return False
    if row.session and row.session.state != SessionState.PLANNED:
        return False
    if row.review and row.review.state != ReviewState.PROMISED:
        return False
    return not any(_subject(one) == _subject(row) and one.booked_at > row.starts for one in others)


def offer_facts(row: Offer) -> OfferFacts:
    return OfferFacts(id=row.pk, starts=row.starts, made_at=row.made_at, until=row.useful_until)


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


def _subject(row: Appointment) -> tuple[str, UUID | None, UUID | None]:
    return row.purpose, row.session_id, row.review_id
