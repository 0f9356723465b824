"""Appointments of days as places count them: what the desk, the board and the sheets all stand on."""

from __future__ import annotations

from collections.abc import Iterable
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
from patients.models import Patient
from plans.models import Appointment, Session
from plans.models.facts import modalities_of
from plans.queries.telling import why_unreached
from plans.rules.no_shows import COUNTED_FOR
from plans.rules.states import AppointmentState, SessionState
from plans.rules.wording import list_words, modality_words

ONE_DAY = timedelta(days=1)
COUNTED = (SessionState.PLANNED, SessionState.DONE)


@dataclass(frozen=True, slots=True)
class Places:
    """The viewer's locations, and the one chosen: None for all of them."""

    all: tuple[Location, ...]
    chosen: Location | None

    @property
    def looked_at(self) -> tuple[Location, ...]:
        return (self.chosen,) if self.chosen else self.all

    def today(self, now: datetime) -> date:
        """The day it is at the place looked at; of several, at the first."""
        place = next(iter(self.looked_at), None)
        return local_day(now, place.zone if place else ZoneInfo("UTC"))


def places_of(by: Staff, location_id: UUID | None) -> Places:
    """Forbidden without the right to see patients; DoesNotExist for a location that is not the viewer's. One query."""
    if not by.can(Deed.SEE_PATIENT):
        raise Forbidden(Deed.SEE_PATIENT)
    found = tuple(Location.objects.visible_to(by).filter(is_active=True))
    if location_id is None:
        return Places(found, None)
    for place in found:
        if place.pk == location_id:
            return Places(found, place)
    raise Location.DoesNotExist


def appointments_between(by: Staff, spells: Iterable[tuple[Location, date, date]]) -> QuerySet[Appointment]:
    """All of those days (both included) by each place's own calendar, those cancelled left out.

    `total`: the plan's sessions. In the order of the hour.
    """
    either = Q(pk__in=[])
    for place, first, last in spells:
        begins, ends = start_of_day(first, place.zone), start_of_day(last + ONE_DAY, place.zone)
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


def with_no_shows(rows: QuerySet[Appointment], now: datetime) -> QuerySet[Appointment]:
    """`missed`: how often this patient did not come in the last 12 months."""
    past = Appointment.objects.filter(
        patient=OuterRef("patient"), state=AppointmentState.NO_SHOW, starts__gt=now - COUNTED_FOR, starts__lte=now
    ).order_by()
    missed = Subquery(past.values("patient").annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return rows.annotate(missed=Coalesce(missed, 0))


def what_words(row: Appointment) -> str:
    """ "Session 3 of 4"; the total only where `total` was annotated."""
    if row.session:
        total = getattr(row, "total", 0)
        return f"Session {row.session.number} of {total}" if total else f"Session {row.session.number}"
    return row.review.title if row.review else row.get_purpose_display()


def given_words(row: Appointment) -> str:
    """ "exosome and PRP"; empty for what is no session."""
    given = modalities_of(row.session, row.session.plan.course) if row.session else ()
    return list_words([modality_words(modality) for modality in given])


def is_to_phone(patient: Patient) -> bool:
    """No mail reaches this patient."""
    return bool(why_unreached(patient))
