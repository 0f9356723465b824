"""One day at the desk: who comes when, how each appointment stands, and who is not ready."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clinic.models import Location, Staff
from clinic.rules.local_time import local_day, start_of_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import MailboxState
from plans.models import Appointment, Session
from plans.models.appointment import LIVE
from plans.models.facts import modalities_of
from plans.queries.readiness import Readiness, Standing, readiness
from plans.rules.booking import why_not_no_show
from plans.rules.states import AppointmentState, SessionState, may_move
from plans.rules.wording import list_words, modality_words

ONE_DAY = timedelta(days=1)
COUNTED = (SessionState.PLANNED, SessionState.DONE)


@dataclass(frozen=True, slots=True)
class DeskRow:
    """`readiness` None once the appointment is over; `to_phone`: no mail reaches this patient."""

    appointment: Appointment
    zone: ZoneInfo
    what: str
    given: str
    readiness: Readiness | None
    to_phone: bool
    can_check_in: bool
    can_no_show: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """`location` None: all of the viewer's. `not_ready` and `to_check` count those still to come."""

    day: date
    today: date
    location: Location | None
    locations: tuple[Location, ...]
    rows: tuple[DeskRow, ...]
    not_ready: int
    to_check: int
    to_come: int

    @property
    def upcoming(self) -> DeskRow | None:
        """The first who is still expected or waiting to be seen; only today has one."""
        return next((row for row in self.rows if row.readiness), None) if self.day == self.today else None

    @property
    def before(self) -> date:
        return self.day - ONE_DAY

    @property
    def after(self) -> date:
        return self.day + ONE_DAY


def desk_day(by: Staff, *, day: date | None, location_id: UUID | None, now: datetime) -> Desk:
    """Return the day, today without one. DoesNotExist for a location that is not the viewer's. Seven queries."""
    if not by.can(Deed.SEE_PATIENT):
        raise Forbidden(Deed.SEE_PATIENT)
    locations = tuple(Location.objects.visible_to(by).filter(is_active=True))
    location = _chosen(locations, location_id)
    today = _today(location or next(iter(locations), None), now)
    day = day or today
    found = list(_of_day(by, day, (location,) if location else locations))
    open_ones = [row for row in found if row.state in LIVE]
    stand = readiness(open_ones, by=by)
    rows = tuple(_row(row, stand.get(row.pk), by, now) for row in found)
    standings = [row.readiness.standing for row in rows if row.readiness]
    return Desk(
        day=day,
        today=today,
        location=location,
        locations=locations,
        rows=rows,
        not_ready=standings.count(Standing.NOT_READY),
        to_check=standings.count(Standing.CHECK),
        to_come=len(open_ones),
    )


def what_words(row: Appointment) -> str:
    """ "Session 3 of 4"; the total only where `total` was annotated."""
    if row.session:
        total = getattr(row, "total", 0)
        return f"Session {row.session.number} of {total}" if total else f"Session {row.session.number}"
    return row.review.title if row.review else row.get_purpose_display()


def _chosen(locations: tuple[Location, ...], location_id: UUID | None) -> Location | None:
    if location_id is None:
        return None
    for location in locations:
        if location.pk == location_id:
            return location
    raise Location.DoesNotExist


def _today(location: Location | None, now: datetime) -> date:
    return local_day(now, location.zone if location else ZoneInfo("UTC"))


def _of_day(by: Staff, day: date, locations: tuple[Location, ...]) -> QuerySet[Appointment]:
    """All of the day by each place's own calendar, those cancelled left out. `total`: the plan's sessions."""
    either = Q(pk__in=[])
    for place in locations:
        begins, ends = start_of_day(day, place.zone), start_of_day(day + ONE_DAY, place.zone)
        either |= Q(location=place, starts__gte=begins, starts__lt=ends)
    sessions = Session.objects.filter(plan=OuterRef("session__plan"), state__in=COUNTED).order_by()
    total = Subquery(sessions.values("plan").annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return (
        Appointment.objects.visible_to(by)
        .filter(either)
        .exclude(state=AppointmentState.CANCELLED)
        .select_related("patient__home_location", "location", "session__plan", "review", "practitioner", "room")
        .annotate(total=Coalesce(total, 0))
        .order_by("starts", "practitioner__name", "pk")
    )


def _row(row: Appointment, standing: Readiness | None, by: Staff, now: datetime) -> DeskRow:
    state = AppointmentState(row.state)
    patient, may = row.patient, by.can(Deed.CHECK_IN)
    given = modalities_of(row.session, row.session.plan.course) if row.session else ()
    return DeskRow(
        appointment=row,
        zone=row.location.zone,
        what=what_words(row),
        given=list_words([modality_words(modality) for modality in given]),
        readiness=standing,
        to_phone=not patient.email or patient.mailbox == MailboxState.DEAD,
        can_check_in=may and may_move(state, AppointmentState.ARRIVED) and _is_near(row, now),
        can_no_show=may and why_not_no_show(state, row.starts, now) is None,
    )


def _is_near(row: Appointment, now: datetime) -> bool:
    """On its own day: checking in for next week is a slip of the finger."""
    return local_day(row.starts, row.location.zone) == local_day(now, row.location.zone)
