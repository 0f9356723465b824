"""Somebody did not come: what it means, whether a letter goes out, and the best times to try again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden, Refusal
from clinic.rules.roles import Deed
from plans.models import Appointment
from plans.queries.booking_story import BestTime, BookingStory, consultation_to_book, review_to_book, session_to_book
from plans.queries.day_rows import what_words
from plans.queries.no_shows import no_shows
from plans.queries.telling import why_no_mail
from plans.rules.booking import why_not_no_show
from plans.rules.no_shows import is_phoned_before, no_show_words
from plans.rules.states import AppointmentState, PlanState, ReviewState, SessionState
from plans.rules.waiting import FreedTime, freed_time
from plans.rules.wishes import Wishes

# Whoever is not here has to be reached, and has to come: no earlier time is offered.
ON_HER_WAY = timedelta(hours=2)
OFFERED = 3


@dataclass(frozen=True, slots=True)
class MissedStory:
    """`counted`: "2nd no-show in 12 months", this one included. `refusal`: why it cannot be marked, if so.

    `url_name` and `pk` lead to booking it again; empty where nothing is left to book. `again`: what was booked since.
    """

    appointment: Appointment
    zone: ZoneInfo
    day: date
    today: date
    what: str
    is_marked: bool
    refusal: Refusal | None
    count: int
    counted: str
    is_phoned_next: bool
    letter: str
    again: Appointment | None
    url_name: str
    pk: UUID | None
    name: str
    when: str
    minutes: int
    offers: tuple[BestTime, ...]
    is_free_still: bool
    can_book: bool


def missed_story(by: Staff, appointment_id: UUID, *, now: datetime) -> MissedStory:
    """Return the page. Forbidden without the right to check in; DoesNotExist for somebody else's appointment."""
    if not by.can(Deed.CHECK_IN):
        raise Forbidden(Deed.CHECK_IN)
    rows = Appointment.objects.visible_to(by).select_related("patient", "location", "session__plan", "review__plan")
    row = rows.get(pk=appointment_id)
    state, zone = AppointmentState(row.state), row.location.zone
    is_marked = state is AppointmentState.NO_SHOW
    count = no_shows([row.patient_id], now).get(row.patient_id, 0) + (0 if is_marked else 1)
    again = _again(row)
    url_name, pk = _to_book(row) if again is None else ("", None)
    booking = _booking(by, url_name, pk, now + ON_HER_WAY) if by.can(Deed.BOOK) and pk else None
    return MissedStory(
        appointment=row,
        zone=zone,
        day=local_day(row.starts, zone),
        today=local_day(now, zone),
        what=what_words(row),
        is_marked=is_marked,
        refusal=None if is_marked else why_not_no_show(state, row.starts, now),
        count=count,
        counted=no_show_words(count),
        is_phoned_next=is_phoned_before(count),
        letter=_letter(row),
        again=again,
        url_name=url_name,
        pk=pk,
        name=booking.name if booking else "",
        when=booking.when if booking else "",
        minutes=booking.minutes if booking else 0,
        offers=booking.best_times(by, Wishes(), booking.minutes)[:OFFERED] if booking and is_marked else (),
        is_free_still=freed_time(FreedTime(row.practitioner_id, row.room_id, row.starts, row.ends), now) is not None,
        can_book=booking is not None,
    )


def _again(row: Appointment) -> Appointment | None:
    """What has been booked for the same since; for a consultation, the next one."""
    if subject := row.session or row.review:
        return subject.appointments.live().select_related("location").exclude(pk=row.pk).first()
    later = row.patient.appointments.live().filter(purpose=row.purpose, booked_at__gt=row.starts).exclude(pk=row.pk)
    return later.select_related("location").first()


def _to_book(row: Appointment) -> tuple[str, UUID | None]:
    if row.session:
        is_open = row.session.state == SessionState.PLANNED and row.session.plan.state == PlanState.ACTIVE
        return ("plans:session-book", row.session_id) if is_open else ("", None)
    if row.review:
        is_open = row.review.state == ReviewState.PROMISED and row.review.plan.state != PlanState.STOPPED
        return ("plans:review-book", row.review_id) if is_open else ("", None)
    return "plans:consultation-book", row.patient_id


def _booking(by: Staff, url_name: str, pk: UUID, now: datetime) -> BookingStory:
    readers = {"plans:session-book": session_to_book, "plans:review-book": review_to_book}
    return readers.get(url_name, consultation_to_book)(by, pk, now=now)


def _letter(row: Appointment) -> str:
    """Whether a letter goes out, in one sentence."""
    if not row.location.writes_after_no_show:
        return f"No letter goes out: {row.location.name} writes none after a no-show."
    return why_no_mail(row.patient) or "A letter goes out an hour after the missed time, on how to find another one."
