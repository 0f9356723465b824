"""People of the demo clinic whose plans did not go as they were made: paused, extended, adapted, kept up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from clinic.rules.spans import Span
from plans.demo.scenes import Story, held, session_of, vertex_density
from plans.demo.stage import Stage
from plans.operations.reviews import ReviewOutcome, decide_review
from plans.rules.changes import Pin
from plans.rules.course import Alongside, Modality
from plans.rules.plan_changes import Add, AddBooster, ChangeRule, PauseFrom, ResumeOn, SetAlongside
from plans.rules.states import Decision


def paused_for_a_while(stage: Stage) -> Story:
    """Two sessions done, then abroad: the plan stands still until she is back."""
    yield stage.at(-80)
    patient = stage.register(
        "Oriane", "Keller", date(1989, 1, 27), email="oriane.keller@example.test", phone="+65 8000 0014", sex="female"
    )
    found = stage.assess(patient, scale="ludwig", grade="I")
    stage.consent(patient)
    plan = stage.plan(patient, "exosome-monthly-standard", found, starts_in=2, price=2400)
    yield from held(stage, plan, 1, day=-78, photos=0.6, seed=14, views=2)
    yield from held(stage, plan, 2, day=-44)
    yield stage.at(-20)
    stage.change(
        plan, PauseFrom(stage.local_day), reason="Works abroad until the new year, will call when she is back."
    )


def extended_and_adapted(stage: Stage) -> Story:
    """Paused and resumed, one session more, a longer dye rule, a medicine at home: a plan is the patient's own."""
    yield stage.at(-118)
    patient = stage.register(
        "Demir", "Aydinlar", date(1983, 6, 11), email="demir.aydinlar@example.test", phone="+65 8000 0015", sex="male"
    )
    found = stage.assess(patient, scale="norwood_hamilton", grade="III vertex")
    stage.consent(patient)
    plan = stage.plan(patient, "exosome-prp-same-day", found, starts_in=2, price=3200)
    yield from held(stage, plan, 1, day=-116, photos=0.48, seed=15, views=2)
    yield stage.at(-100)
    stage.change(plan, PauseFrom(stage.local_day), reason="Shingles: no session before it has healed.")
    yield stage.at(-79)
    stage.change(plan, ResumeOn(stage.local_day), reason="Healed, cleared by his doctor.")
    yield from held(stage, plan, 2, day=-58)
    yield stage.at(-40)
    rule = plan.course.rule("no-dye")
    if rule:
        longer = replace(rule, ends=Span.parse("5 weeks"))
        stage.change(plan, ChangeRule(longer), reason="Sensitive scalp after the second session.")
    minoxidil = Alongside(
        "minoxidil", Modality.MEDICAL, "Minoxidil 5 %, once a day", began_on=stage.local_day, source="S0"
    )
    stage.change(plan, SetAlongside(minoxidil), reason="Ongoing control at home.")
    yield from held(stage, plan, 3, day=-22)
    yield stage.at(-8)
    stage.change(plan, Add(("exosome", "prp")), reason="Good response at the vertex: five sessions instead of four.")
    fourth = session_of(plan, 4)
    stage.change(plan, Pin(str(fourth.pk), stage.on(fourth.target, 10).date()), reason="Asked for that week.")
    stage.book(fourth, stage.on(fourth.target, 10), with_=1)


def kept_up_with_a_booster(stage: Stage) -> Story:
    """The course is over and reviewed; a booster keeps up what it did."""
    yield stage.at(-280)
    patient = stage.register(
        "Beatrix", "Lund", date(1972, 10, 3), email="beatrix.lund@example.test", phone="+65 8000 0016", sex="female"
    )
    found = stage.assess(patient, scale="sinclair", grade="2")
    stage.consent(patient)
    plan = stage.plan(patient, "prp", found, starts_in=2, counts={"prp": 3}, price=1500)
    for number, day in ((1, -277), (2, -242), (3, -207)):
        yield from held(
            stage,
            plan,
            number,
            day=day,
            photos=0.55 if number == 1 else None,
            seed=16,
            views=1,
            density="121.0" if number == 1 else "",
        )
    for months, day in ((3, -185), (6, -95)):
        yield stage.at(day)
        outcome = ReviewOutcome(
            decision=Decision.CONTINUE if months == 3 else Decision.MAINTENANCE,
            decision_reason="Thicker at the parting; keep it up." if months == 6 else "First gain, go on.",
            missing_views_reason="Held by video: photos at the next visit.",
            shedding_scale=3,
            measured=(vertex_density("131.0"),),
        )
        review = plan.reviews.get(months=months)
        decide_review(review_id=review.pk, outcome=outcome, by=stage.doctor, now=stage.now)
    yield stage.at(-60)
    stage.change(plan, AddBooster(("prp",)), reason="Maintenance, as decided at the 6-month review.")
    booster = plan.sessions.get(kind="booster")
    stage.book(booster, stage.on(max(booster.target, stage.today + timedelta(days=1)), 15), with_=1)
