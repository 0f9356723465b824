"""The six lists of what is to be booked or phoned, as queries. Each annotates `sort`, the order of its rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import (
    Case,
    DateField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import TruncDate

from clinic.models import Location, Staff
from clinic.rules.local_time import local_day, start_of_day
from patients.models import MailboxState
from plans.models import Appointment, Review, Session
from plans.models.appointment import LIVE
from plans.queries.day_rows import with_no_shows
from plans.rules.no_shows import PHONED_FROM
from plans.rules.states import AppointmentPurpose, AppointmentState, PlanState, ReviewState, SessionState

SOON = timedelta(days=14)
# A talk that was missed longer ago is nobody's work any more: there is no plan behind it.
TALK_FORGOTTEN = timedelta(days=60)
_EXPECTED = (AppointmentState.BOOKED, AppointmentState.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, about which places, and when."""

    by: Staff
    places: tuple[Location, ...]
    now: datetime

    def at_each(self, said: Callable[[Location, date], Q]) -> Q:
        """Join what holds at each place, told its own today."""
        either = Q(pk__in=[])
        for place in self.places:
            either |= said(place, local_day(self.now, place.zone))
        return either


def late(asked: Asked) -> QuerySet[Session]:
    """The next session of a plan, not booked, its last day gone. The longest overdue first."""
    passed = asked.at_each(lambda place, today: Q(plan__location=place, latest__lt=today))
    return _next_unbooked(asked).filter(passed).annotate(sort=F("latest"))


def soon(asked: Asked) -> QuerySet[Session]:
    """The same, open now or within two weeks. Whose best day comes first, first."""
    opening = asked.at_each(lambda place, today: Q(plan__location=place, earliest__lte=today + SOON, latest__gte=today))
    return _next_unbooked(asked).filter(opening).annotate(sort=F("target"))


def _next_unbooked(asked: Asked) -> QuerySet[Session]:
    """The first session to do of each plan under way that nobody holds a time for; missed ones have their own list."""
    mine = Appointment.objects.filter(session=OuterRef("pk"))
    held = Appointment.objects.filter(session=OuterRef("pk"), state__in=LIVE)
    before = Session.objects.filter(plan=OuterRef("plan"), state=SessionState.PLANNED, number__lt=OuterRef("number"))
    return (
        Session.objects.visible_to(asked.by)
        .filter(state=SessionState.PLANNED, plan__state=PlanState.ACTIVE)
        .filter(
            ~Exists(mine.filter(state__in=[*LIVE, AppointmentState.NO_SHOW])),
            ~Exists(before.filter(~Exists(held))),
        )
        .select_related("plan__patient", "plan__location")
    )


def reviews(asked: Asked) -> QuerySet[Review]:
    """Promised, counted from a session really held, opening within two weeks or open, not booked. By the day due."""
    mine = Appointment.objects.filter(review=OuterRef("pk"), state__in=[*LIVE, AppointmentState.NO_SHOW])
    opening = asked.at_each(lambda place, today: Q(plan__location=place, opens__lte=today + SOON))
    return (
        Review.objects.visible_to(asked.by)
        .filter(opening, ~Exists(mine), state=ReviewState.PROMISED, is_estimated=False, months__gt=0)
        .exclude(plan__state__in=[PlanState.DRAFT, PlanState.STOPPED])
        .select_related("plan__patient", "plan__location")
        .annotate(sort=F("due"))
    )


def missed(asked: Asked) -> QuerySet[Appointment]:
    """The last no-show of what is still to do and not booked again. The longest ago first."""
    later = Appointment.objects.exclude(state=AppointmentState.CANCELLED)
    same_session = later.filter(session=OuterRef("session"), booked_at__gt=OuterRef("booked_at"))
    same_review = later.filter(review=OuterRef("review"), booked_at__gt=OuterRef("booked_at"))
    later_talk = later.filter(patient=OuterRef("patient"), booked_at__gt=OuterRef("starts"))
    session = Q(session__state=SessionState.PLANNED, session__plan__state=PlanState.ACTIVE) & ~Exists(same_session)
    review = Q(review__state=ReviewState.PROMISED, review__plan__state=PlanState.ACTIVE) & ~Exists(same_review)
    talk = Q(purpose=AppointmentPurpose.CONSULTATION, starts__gt=asked.now - TALK_FORGOTTEN) & ~Exists(later_talk)
    rows = _appointments(asked).filter(session | review | talk, state=AppointmentState.NO_SHOW)
    return with_no_shows(rows, asked.now).annotate(sort=F("starts"))


def outside(asked: Asked) -> QuerySet[Appointment]:
    """Sessions booked to come on a day that is no longer theirs, for the plan has moved since."""
    zones = [When(location=place, then=TruncDate("starts", tzinfo=place.zone)) for place in asked.places]
    day = Case(*zones, output_field=DateField()) if zones else Value(None, DateField())
    rows = _appointments(asked).filter(state__in=_EXPECTED, session__isnull=False, starts__gte=asked.now)
    rows = rows.annotate(day=day).filter(Q(day__lt=F("session__earliest")) | Q(day__gt=F("session__latest")))
    return rows.annotate(sort=F("starts"))


def to_phone(asked: Asked) -> QuerySet[Appointment]:
    """Expected tomorrow and not confirmed, and either no mail reaches her or she has stayed away twice."""

    def tomorrow(place: Location, today: date) -> Q:
        begins, ends = (start_of_day(today + timedelta(days=n), place.zone) for n in (1, 2))
        return Q(location=place, starts__gte=begins, starts__lt=ends)

    unreached = Q(patient__email="") | Q(patient__mailbox=MailboxState.DEAD)
    rows = with_no_shows(_appointments(asked).filter(asked.at_each(tomorrow)), asked.now)
    wanted = rows.filter(unreached | Q(missed__gte=PHONED_FROM), state=AppointmentState.BOOKED)
    return wanted.annotate(sort=F("starts"))


def _appointments(asked: Asked) -> QuerySet[Appointment]:
    rows = Appointment.objects.visible_to(asked.by).filter(location__in=asked.places)
    return rows.select_related("patient", "location", "session", "review")
