"""The people of the demo clinic's other location."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from plans.demo.scenes import Story, held, session_of
from plans.demo.stage import Stage


def in_arabic(stage: Stage) -> Story:
    yield stage.at(-40)
    patient = stage.register(
        "ليلى",
        "المنصوري",
        date(1987, 3, 21),
        email="layla@example.test",
        phone="+20 100 000 0001",
        sex="female",
        language="ar",
    )
    found = stage.assess(patient, scale="ludwig", grade="I")
    stage.consent(patient)
    plan = stage.plan(patient, "exosome-monthly-standard", found, starts_in=2)
    yield from held(stage, plan, 1, day=-37, photos=0.5, seed=55, views=2)
    yield stage.at(-5)
    stage.book(session_of(plan, 2), stage.on(max(session_of(plan, 2).target, stage.today + timedelta(days=1)), 12))


AT_GARDEN: tuple[Callable[[Stage], Story], ...] = (in_arabic,)
