"""Who gives the demo clinic's day its life besides the long stories: one came, one is late, one stayed away."""

from __future__ import annotations

from datetime import date, timedelta

from plans.demo.scenes import Story, here_today, session_of
from plans.demo.stage import Stage
from plans.operations.visits import mark_no_show


def came_to_talk(stage: Stage) -> Story:
    """A first talk this morning: here, seen, gone."""
    yield stage.at(-3, 11)
    patient = stage.register(
        "Bruno", "Sandoval", date(1989, 4, 2), email="bruno.sandoval@example.test", phone="+65 8000 0021", sex="male"
    )
    visit = stage.book_talk(patient, stage.near(-105), with_=1)
    yield from here_today(stage, visit)


def is_late(stage: Stage) -> Story:
    """Expected a quarter of an hour ago."""
    yield stage.at(-2, 15)
    patient = stage.register("Hedda", "Okafor", date(1994, 1, 25), phone="+65 8000 0022", sex="female")
    stage.book_talk(patient, stage.near(-15), minutes=20, with_=1)


def did_not_come(stage: Stage) -> Story:
    """Stayed away for the second time this year: to be booked again, and phoned the day before from now on."""
    yield stage.at(-60)
    patient = stage.register(
        "Leander", "Voss", date(1985, 7, 7), email="leander.voss@example.test", phone="+65 8000 0023", sex="male"
    )
    talk = stage.book_talk(patient, stage.at(-52, 13), with_=1)
    yield talk.ends
    mark_no_show(appointment_id=talk.pk, by=stage.desk, now=stage.now)
    yield stage.at(-12)
    found = stage.assess(patient, scale="norwood_hamilton", grade="III")
    stage.consent(patient)
    plan = stage.plan(patient, "prp", found, starts_in=12)
    first = stage.book(session_of(plan, 1), stage.near(-90))
    yield first.starts + timedelta(minutes=25)
    mark_no_show(appointment_id=first.pk, by=stage.desk, now=stage.now)
