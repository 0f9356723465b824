"""Scenes that many stories of the demo clinic share: a session held, a patient who is here today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from plans.demo.stage import Stage
from plans.models import Appointment, Plan, Session
from plans.operations.booking import check_in

Story = Iterator[datetime]


def session_of(plan: Plan, number: int) -> Session:
    return Session.objects.select_related("plan__location").get(plan=plan, number=number)


def held(
    stage: Stage, plan: Plan, number: int, *, day: int, photos: float | None = None, seed: int = 0, views: int = 6
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
        stage.photograph(plan.reviews.get(months=0), density=photos, seed=seed, views=views)
    yield appointment.ends + timedelta(minutes=5)
    stage.treat(session, appointment)


def here_today(stage: Stage, appointment: Appointment) -> Story:
    """She is here a quarter of an hour early; when her hour is over and the baseline is there, she has been treated."""
    yield appointment.starts - timedelta(minutes=15)
    check_in(appointment_id=appointment.pk, by=stage.desk, now=stage.now)
    yield appointment.ends + timedelta(minutes=10)
    session = appointment.session
    if session and session.number > 1:
        stage.treat(session_of(session.plan, session.number), appointment)
