"""Scenes that many stories of the demo clinic share: a session held, a patient who is here today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from patients.rules.scalp import ScalpArea
from plans.demo.stage import Stage
from plans.models import Appointment, Plan, Session
from plans.models.visit_facts import numbing_keys
from plans.operations.review_scores import Measured, Scores, record_scores
from plans.operations.visits import begin_treatment, check_in, finish_visit, mark_numbed
from plans.rules.measures import Measure, MeasureMethod

Story = Iterator[datetime]


def session_of(plan: Plan, number: int) -> Session:
    return Session.objects.select_related("plan__location").get(plan=plan, number=number)


def vertex_density(value: str) -> Measured:
    return Measured(Measure.DENSITY, Decimal(value), MeasureMethod.TRICHOSCOPY, "Trichoscope", ScalpArea.VERTEX)


def held(
    stage: Stage,
    plan: Plan,
    number: int,
    *,
    day: int,
    photos: float | None = None,
    seed: int = 0,
    views: int = 6,
    density: str = "",
) -> Story:
    """Book a session, come, be photographed before the first, be treated."""
    session = session_of(plan, number)
    on = min(max(stage.today + timedelta(days=day), session.earliest), session.latest)
    hour = 9 + (seed + number * 3) % 7
    booked = stage.on(on - timedelta(days=6), 12)
    if booked > stage.now:
        yield booked
    appointment = stage.book(session, stage.on(on, hour))
    yield appointment.starts - timedelta(minutes=25)
    stage.ready(session)
    check_in(appointment_id=appointment.pk, by=stage.desk, now=stage.now)
    if photos is not None:
        baseline = plan.reviews.get(months=0)
        stage.photograph(baseline, density=photos, seed=seed, views=views)
        if density:
            scores = Scores(measured=(vertex_density(density),), shedding_scale=5)
            record_scores(review_id=baseline.pk, scores=scores, by=stage.doctor, now=stage.now)
    yield appointment.ends + timedelta(minutes=5)
    stage.treat(session, appointment)


def here_today(stage: Stage, appointment: Appointment) -> Story:
    """She comes in good time, is numbed where there is a needle, is called in at her hour and written up afterwards.

    A first session waits for its baseline photos, so it is not begun.
    """
    session = appointment.session
    yield appointment.starts - timedelta(minutes=40)
    check_in(appointment_id=appointment.pk, by=stage.desk, now=stage.now)
    if session and numbing_keys(session_of(session.plan, session.number)):
        yield appointment.starts - timedelta(minutes=35)
        mark_numbed(appointment_id=appointment.pk, by=stage.doctor, now=stage.now)
    if session and session.number == 1:
        return
    yield appointment.starts
    begin_treatment(appointment_id=appointment.pk, by=stage.doctor, now=stage.now)
    yield appointment.ends + timedelta(minutes=10)
    if session:
        stage.treat(session_of(session.plan, session.number), appointment)
    else:
        finish_visit(appointment_id=appointment.pk, by=stage.desk, now=stage.now)
