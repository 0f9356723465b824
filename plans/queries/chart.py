"""A patient's plans with everything dated on them: read once, in four queries, for the pages that show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from clinic.rules.local_time import local_day
from patients.models import Patient
from plans.models import Appointment, Plan, Review, Session
from plans.models.appointment import LIVE
from plans.models.facts import Held, held_from, restrictions_from
from plans.rules.restrictions import Restriction
from plans.rules.states import AppointmentState, PlanState

Row = TypeVar("Row", Session, Review)


@dataclass(frozen=True, slots=True)
class Chart:
    """`plans` newest first; `sessions` (each with its `items` of care and how many are `ticked`) and `reviews` by plan;
    `live` appointments by the session or review held."""

    patient: Patient
    plans: tuple[Plan, ...]
    sessions: Mapping[UUID, tuple[Session, ...]]
    reviews: Mapping[UUID, tuple[Review, ...]]
    appointments: tuple[Appointment, ...]
    live: Mapping[UUID, Appointment]
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return self.patient.home_location.zone

    @property
    def today(self) -> date:
        return local_day(self.now, self.zone)

    def plan(self, plan_id: UUID) -> Plan:
        return next(plan for plan in self.plans if plan.pk == plan_id)

    def attempts(self, subject: Session | Review) -> tuple[Appointment, ...]:
        """Every appointment made for it, those missed and cancelled included, by start."""
        return tuple(a for a in self.appointments if subject.pk in (a.session_id, a.review_id))

    def misses(self, subject: Session | Review) -> int:
        return sum(a.state == AppointmentState.NO_SHOW for a in self.attempts(subject))

    def held(self, *, with_estimates: bool = False, as_if_active: UUID | None = None) -> tuple[Held, ...]:
        """Drafts do not count, but for the one asked about."""
        counted = [p for p in reversed(self.plans) if p.state != PlanState.DRAFT or p.pk == as_if_active]
        sessions = [session for plan in counted for session in self.sessions[plan.pk]]
        return held_from(counted, sessions, self.live, with_estimates=with_estimates)

    def restrictions(self, held: tuple[Held, ...]) -> tuple[Restriction, ...]:
        return restrictions_from(held, zone=self.zone)


def read_chart(patient: Patient, *, now: datetime) -> Chart:
    """Read it all. The caller has made sure that the viewer may see this patient."""
    found = patient.plans.select_related("location", "protocol", "clinician", "assessment")
    plans = tuple(found.order_by("-made_at", "-id"))
    for plan in plans:
        plan.patient = patient
    ticks = {"items": Count("checklist"), "ticked": Count("checklist__ticked_at")}
    sessions = Session.objects.filter(plan__patient=patient).select_related("done_by").annotate(**ticks)
    photos = Count("photos", filter=Q(photos__superseded_at__isnull=True), distinct=True)
    views = Count("view_set__views", distinct=True)
    reviews = Review.objects.filter(plan__patient=patient).annotate(photos_taken=photos, views_wanted=views)
    appointments = tuple(
        patient.appointments.select_related("practitioner", "room", "location", "session", "review").order_by("starts")
    )
    return Chart(
        patient=patient,
        plans=plans,
        sessions=_by_plan(plans, sessions.order_by("number")),
        reviews=_by_plan(plans, reviews.order_by("due")),
        appointments=appointments,
        live={subject: a for a in appointments if a.state in LIVE and (subject := a.session_id or a.review_id)},
        now=now,
    )


def _by_plan(plans: Iterable[Plan], rows: Iterable[Row]) -> dict[UUID, tuple[Row, ...]]:
    found: dict[UUID, list[Row]] = {plan.pk: [] for plan in plans}
    own = {plan.pk: plan for plan in plans}
    for row in rows:
        row.plan = own[row.plan_id]
        found[row.plan_id].append(row)
    return {plan_id: tuple(mine) for plan_id, mine in found.items()}
