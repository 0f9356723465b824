"""One appointment's page: what it holds, how it stands, what became of it so far, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from plans.models import Appointment
from plans.models.appointment import LIVE
from plans.models.facts import modalities_of
from plans.queries.day_rows import is_to_phone, what_words
from plans.queries.readiness import Readiness, readiness
from plans.rules.booking import why_not_cancel, why_not_check_in, why_not_no_show
from plans.rules.states import AppointmentState, SessionState
from plans.rules.wording import list_words, modality_words

A_CHAIN = 50


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that became of the appointment, or of the one it was moved from or to."""

    at: datetime
    words: str
    starts: datetime
    reason: str
    by_name: str


@dataclass(frozen=True, slots=True)
class AppointmentStory:
    appointment: Appointment
    zone: ZoneInfo
    day: date
    today: date
    what: str
    given: str
    minutes: int
    readiness: Readiness | None
    no_shows: int
    to_phone: bool
    history: tuple[Happening, ...]
    moved_to: Appointment | None
    can_check_in: bool
    can_no_show: bool
    can_move: bool
    can_cancel: bool
    can_complete: bool
    can_review: bool
    can_wait: bool
    is_freed: bool

    @property
    def is_here(self) -> bool:
        return self.appointment.state in (AppointmentState.ARRIVED, AppointmentState.IN_TREATMENT)


def appointment_story(by: Staff, appointment_id: UUID, *, now: datetime) -> AppointmentStory:
    """Return the page. Forbidden without the right to see patients; DoesNotExist for somebody else's."""
    if not by.can(Deed.SEE_PATIENT):
        raise Forbidden(Deed.SEE_PATIENT)
    rows = Appointment.objects.visible_to(by).select_related(
        "patient__home_location",
        "location",
        "session__plan",
        "review__plan",
        "practitioner",
        "room",
        "rescheduled_from__location",
    )
    row = rows.get(pk=appointment_id)
    state, zone, patient = AppointmentState(row.state), row.location.zone, row.patient
    day, today = local_day(row.starts, zone), local_day(now, zone)
    cancellable = why_not_cancel(state, row.starts, now) is None
    is_live = state in LIVE
    given = modalities_of(row.session, row.session.plan.course) if row.session else ()
    is_open_session = row.session is not None and row.session.state == SessionState.PLANNED and is_live and day <= today
    return AppointmentStory(
        appointment=row,
        zone=zone,
        day=day,
        today=today,
        what=what_words(row),
        given=list_words([modality_words(modality) for modality in given]),
        minutes=row.minutes,
        readiness=readiness([row], by=by, now=now)[row.pk] if is_live else None,
        no_shows=patient.appointments.filter(state=AppointmentState.NO_SHOW).count(),
        to_phone=is_to_phone(patient),
        history=_history(row),
        moved_to=Appointment.objects.select_related("location").filter(rescheduled_from=row).first(),
        can_check_in=by.can(Deed.CHECK_IN) and why_not_check_in(state) is None and day == today,
        can_no_show=by.can(Deed.CHECK_IN) and why_not_no_show(state, row.starts, now) is None,
        can_move=by.can(Deed.MOVE) and cancellable,
        can_cancel=by.can(Deed.CANCEL) and cancellable,
        can_complete=is_open_session and by.can(Deed.COMPLETE_SESSION),
        can_review=row.review is not None and is_live and by.can(Deed.SEE_PHOTOS),
        can_wait=by.can(Deed.MOVE) and cancellable and row.starts > now,
        is_freed=by.can(Deed.MOVE) and state is AppointmentState.CANCELLED and row.starts > now,
    )


def _history(row: Appointment) -> tuple[Happening, ...]:
    """Every change of state of it and of those it was moved from, oldest first."""
    chain = [row]
    while chain[-1].rescheduled_from and len(chain) < A_CHAIN:
        chain.append(chain[-1].rescheduled_from)
    found = Appointment.history.filter(id__in=[one.pk for one in chain]).select_related("history_user")
    happened, last = [], dict[UUID, str]()
    for was in found.order_by("changed_at", "history_date", "history_id"):
        if last.get(was.id) == was.state:
            continue
        last[was.id] = was.state
        who = str(was.history_user) if was.history_user else ""
        was_moved = was.rescheduled_from_id is not None
        reason = was.reason if was.state == AppointmentState.CANCELLED or was_moved else ""
        happened.append(Happening(was.changed_at, _words(was.state, was_moved), was.starts, reason, who))
    return tuple(happened)


def _words(state: str, was_moved: bool) -> str:
    if state == AppointmentState.BOOKED:
        return "Moved to" if was_moved else "Booked for"
    return {
        AppointmentState.CONFIRMED: "Confirmed for",
        AppointmentState.ARRIVED: "Checked in for",
        AppointmentState.IN_TREATMENT: "Called in for",
        AppointmentState.DONE: "Held:",
        AppointmentState.CANCELLED: "Cancelled:",
        AppointmentState.NO_SHOW: "Did not come:",
    }[AppointmentState(state)]
