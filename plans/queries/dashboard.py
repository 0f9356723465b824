"""The first page: what today asks of this person, in their own locations and within their role."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Window

from clinic.models import Location, Staff
from clinic.rules.local_time import local_day, start_of_day
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Appointment, PatientRequest, Plan, Protocol, Reminder, Review, Session
from plans.rules.states import AppointmentState, PlanState, SessionState

Rows = TypeVar("Rows", bound=QuerySet[Any])
SHOWN = 5
NOT_YET_WRITTEN_UP = timedelta(hours=12)  # she came today; what was done is not recorded yet
OVER = (AppointmentState.DONE, AppointmentState.CANCELLED, AppointmentState.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Card:
    """How many there are, and the first few of them."""

    count: int
    rows: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a clinic that has just been opened still lacks."""

    has_location: bool
    has_protocols: bool
    has_patients: bool


@dataclass(frozen=True, slots=True)
class Dashboard:
    """`reminders` is None for a role that does not read the outbox; `beginning` is None while there is work."""

    today: date
    zone: ZoneInfo
    appointments: Card
    still_to_come: int
    reviews: Card
    plans: Card
    reminders: Card | None
    requests: Card
    beginning: Beginning | None


def numbers(by: Staff, now: datetime) -> Dashboard:
    """Read the whole page. At most 9 queries, however much there is to do."""
    places = list(Location.objects.visible_to(by).filter(is_active=True))
    zone = places[0].zone if places else ZoneInfo("UTC")
    held = list(appointments_today(by, places, now))
    to_come = [row for row in held if row.state not in OVER]
    reviews = _card(due_reviews(by, places, now).select_related("plan__patient").order_by("closes", "pk"))
    plans = _card(plans_without_appointment(by, now).select_related("patient"))
    reminders = _card(letters_for_a_human(by).order_by("due_at", "pk")) if by.can(Deed.SEE_OUTBOX) else None
    requests = _card(requests_for_a_human(by))
    has_work = any(card and card.count for card in (reviews, plans, reminders, requests)) or bool(held)
    return Dashboard(
        today=local_day(now, zone),
        zone=zone,
        appointments=Card(len(held), to_come[:SHOWN]),
        still_to_come=len(to_come),
        reviews=reviews,
        plans=plans,
        reminders=reminders,
        requests=requests,
        beginning=None if has_work else _beginning(by, places),
    )


def appointments_today(by: Staff, places: Iterable[Location], now: datetime) -> QuerySet[Appointment]:
    """All of today's that were not cancelled, each by its own location's calendar."""
    return (
        _allowed(Appointment.objects.visible_to(by), by, Deed.SEE_PATIENT)
        .filter(_within(places, now, days=1))
        .exclude(state=AppointmentState.CANCELLED)
        .select_related("patient", "location", "session", "review", "practitioner")
        .order_by("starts", "pk")
    )


def _within(places: Iterable[Location], now: datetime, *, days: int) -> Q:
    either = Q(pk__in=[])
    for place in places:
        today = local_day(now, place.zone)
        begins, ends = (start_of_day(day, place.zone) for day in (today, today + timedelta(days=days)))
        either |= Q(location=place, starts__gte=begins, starts__lt=ends)
    return either


def due_reviews(by: Staff, places: Iterable[Location], now: datetime) -> QuerySet[Review]:
    """Promised, counted from a session really done, and open by now."""
    either = Q(pk__in=[])
    for place in places:
        either |= Q(plan__patient__home_location=place, opens__lte=local_day(now, place.zone))
    mine = _allowed(Review.objects.visible_to(by), by, Deed.SEE_PLAN)
    return mine.open().filter(either, is_estimated=False).exclude(plan__state__in=_NOT_RUNNING)


_NOT_RUNNING = (PlanState.DRAFT, PlanState.STOPPED)


def plans_without_appointment(by: Staff, now: datetime) -> QuerySet[Plan]:
    """Under way, sessions to do, nothing in the calendar; `next_target` says when the next should be, soonest first."""
    live = Appointment.objects.live().filter(
        Q(session__plan=OuterRef("pk")) | Q(review__plan=OuterRef("pk")), ends__gte=now - NOT_YET_WRITTEN_UP
    )
    to_do = Session.objects.to_do().filter(plan=OuterRef("pk"))
    return (
        _allowed(Plan.objects.visible_to(by), by, Deed.SEE_PLAN)
        .under_way()
        .filter(Exists(to_do), ~Exists(live))
        .annotate(next_target=Min("sessions__target", filter=Q(sessions__state=SessionState.PLANNED)))
        .order_by("next_target", "pk")
    )


def letters_for_a_human(by: Staff) -> QuerySet[Reminder]:
    return Reminder.objects.visible_to(by).waiting_for_a_human().select_related("patient", "location").defer("mime")


def requests_for_a_human(by: Staff) -> QuerySet[PatientRequest]:
    """What patients asked for on their own pages: urgent first. That, not what: a problem's words are clinical."""
    rows = _allowed(PatientRequest.objects.visible_to(by), by, Deed.BOOK).open()
    return rows.select_related("patient", "location").order_by("-is_urgent", "asked_at", "pk")


def _allowed(rows: Rows, by: Staff, deed: Deed) -> Rows:
    """A colleague without the role sees a page without rows, not a page that is forbidden: it is everybody's first."""
    return rows if by.can(deed) else rows.none()


def _card(rows: QuerySet[Any]) -> Card:
    """One query for both: the first few, each with the count of all."""
    found = list(rows.annotate(how_many=Window(Count("pk")))[:SHOWN])
    return Card(found[0].how_many if found else 0, found)


def _beginning(by: Staff, places: Sequence[Location]) -> Beginning | None:
    has_patients = Patient.objects.visible_to(by).exists()
    if has_patients and places:
        return None
    return Beginning(bool(places), Protocol.objects.published().exists(), has_patients)
