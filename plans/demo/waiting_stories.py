"""Who has her whole course booked at once, and would come earlier if she could."""

from __future__ import annotations

from datetime import date

from plans.demo.scenes import Story, session_of
from plans.demo.stage import Stage
from plans.models import Plan
from plans.operations.series import Pick, book_series
from plans.operations.waiting import want_earlier
from plans.queries.finder import propose_series
from plans.rules.wishes import Wishes


def waits_for_an_earlier_time(stage: Stage) -> Story:
    """The first session by hand, the rest as proposed in one go; then she asks to come sooner."""
    yield stage.at(-5, 10)
    patient = stage.register(
        "Salome", "Ferrand", date(1992, 8, 19), email="salome.ferrand@example.test", phone="+65 8000 0024", sex="female"
    )
    found = stage.assess(patient, scale="ludwig", grade="I")
    stage.consent(patient)
    plan = stage.plan(patient, "prp", found, starts_in=6, price=1800)
    first = stage.book(session_of(plan, 1), stage.at(10, 11), with_=1)
    _book_the_rest(stage, plan)
    yield stage.at(-4, 12)
    want_earlier(appointment_id=first.pk, wishes=Wishes(), by=stage.desk, now=stage.now)


def _book_the_rest(stage: Stage, plan: Plan) -> None:
    proposal = propose_series(by=stage.desk, plan=plan, now=stage.now)
    picks = [
        Pick(line.subject, line.vacancy.practitioner, line.vacancy.room, line.vacancy.starts, line.minutes)
        for line in proposal.lines
        if line.vacancy
    ]
    book_series(plan_id=plan.pk, picks=picks, by=stage.desk, now=stage.now)
