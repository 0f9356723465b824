"""How reviews end, and plans with them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from clinic.models import AuditLine
from clinic.rules.local_time import local_day
from plans.models import Measurement, Plan, Reminder, Review
from plans.models.plan_facts import read_plan_facts
from plans.operations.review_scores import Measured, Scores, record_scores
from plans.operations.reviews import PlanChange, ReviewOutcome, decide_review
from plans.rules.cascade import Preview, preview
from plans.rules.changes import Change
from plans.rules.course import Alongside, Modality
from plans.rules.decisions import Decide, Fate, fates
from plans.rules.happened import Happened
from plans.rules.measures import Measure, MeasureMethod
from plans.rules.picture import picture_of
from plans.rules.plan_changes import Add, AddBooster, PauseFrom, SetAlongside
from plans.rules.reminders import LetterKind
from plans.rules.states import AppointmentState, Decision, PlanState, ReminderState, ReviewState
from tests.cast import Cast, change_plan, open_clinic, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return open_clinic()


@pytest.fixture
def treated(cast: Cast) -> Plan:
    """PRP, every session done."""
    plan = cast.active_plan("Ada", "prp")
    cast.photograph(plan.reviews.get(months=0))
    for number in range(1, plan.sessions.count() + 1):
        session = plan.sessions.get(number=number)
        cast.hold(session, cast.at(session.target, 15))
    return plan


def decide(cast: Cast, review: Review, decision: Decision = Decision.CONTINUE, **more: object) -> Review:
    outcome = ReviewOutcome(**{"decision": decision, "decision_reason": "as hoped", **more})
    return decide_review(review_id=review.pk, outcome=outcome, by=cast.doctor, now=cast.now)


def test_a_review_needs_its_views_or_a_reason(cast: Cast, treated: Plan) -> None:
    review = treated.reviews.get(months=3)
    cast.photograph(review, views=5)
    with refused("views_missing"):
        decide(cast, review)
    with refused("views_missing"):
        decide(cast, review, missing_views_reason=" ")
    assert decide(cast, review, missing_views_reason="has a plaster").state == ReviewState.DECIDED
    with refused("wrong_state"):
        decide(cast, review, missing_views_reason="has a plaster")


DENSITY = Measured(Measure.DENSITY, Decimal(120), MeasureMethod.TRICHOSCOPY, "Scope, 20×", "vertex")


def score(cast: Cast, review: Review, **more: object) -> Review:
    return record_scores(review_id=review.pk, scores=Scores(**more), by=cast.doctor, now=cast.now)


def test_figures_are_written_down_before_anything_is_decided_and_kept_by_the_decision(
    cast: Cast, treated: Plan
) -> None:
    review = treated.reviews.get(months=3)
    score(cast, review, shedding_scale=3, patient_says="less in the comb", measured=(DENSITY,))
    cast.photograph(review)
    assert decide(cast, review, patient_rating=2).state == ReviewState.DECIDED
    review.refresh_from_db()
    assert (review.shedding_scale, review.patient_says, review.patient_rating) == (3, "less in the comb", 2)
    assert [str(row.value) for row in review.measurements.all()] == ["120.0"]
    with refused("wrong_state"):
        score(cast, review, shedding_scale=2)


def test_a_figure_is_corrected_not_doubled_and_what_is_emptied_is_gone(cast: Cast, treated: Plan) -> None:
    review = treated.reviews.get(months=3)
    score(cast, review, measured=(DENSITY, replace(DENSITY, area="frontal")))
    score(cast, review, measured=(replace(DENSITY, value=Decimal(121), device=" scope,  20×"),))
    [row] = review.measurements.all()
    assert (row.value, row.area, row.device) == (121, "vertex", "scope,  20×")
    assert Measurement.history.filter(review=review).count() == 4
    lines = AuditLine.objects.filter(happened=Happened.REVIEW_SCORED).count()
    score(cast, review, measured=(replace(DENSITY, value=Decimal(121), device="scope,  20×"),))
    assert AuditLine.objects.filter(happened=Happened.REVIEW_SCORED).count() == lines == 2, (
        "nothing changed, nothing told"
    )


def test_every_figure_names_its_device_and_can_be_true(cast: Cast, treated: Plan) -> None:
    review = treated.reviews.get(months=3)
    with refused("device"):
        score(cast, review, measured=(replace(DENSITY, device=" "),))
    with refused("impossible"):
        score(cast, review, measured=(replace(DENSITY, value=Decimal(1001)),))
    with refused("impossible"):
        score(cast, review, salt_top=20)
    assert not review.measurements.exists()


def test_a_plan_is_complete_with_its_last_decision(cast: Cast, treated: Plan) -> None:
    for months in (3, 6):
        treated.refresh_from_db()
        assert treated.state == PlanState.ACTIVE
        review = treated.reviews.get(months=months)
        cast.photograph(review)
        decide(cast, review, Decision.MAINTENANCE)
    treated.refresh_from_db()
    assert (treated.state, treated.ended_at) == (PlanState.COMPLETED, cast.now)


def test_a_decision_to_stop_and_refer_stops_the_plan(cast: Cast) -> None:
    plan = cast.active_plan()
    cast.photograph(plan.reviews.get(months=0))
    cast.hold(plan.sessions.get(number=1), cast.at(plan.starts_on, 15))
    second = plan.sessions.get(number=2)
    booked = cast.book(second, cast.at(second.target, 11))
    decide(cast, plan.reviews.get(months=3), Decision.STOP_AND_REFER, missing_views_reason="sore scalp")
    plan.refresh_from_db()
    booked.refresh_from_db()
    assert (plan.state, booked.state) == (PlanState.STOPPED, AppointmentState.CANCELLED)
    assert not Reminder.objects.filter(kind=LetterKind.REVIEW_INVITATION, state=ReminderState.PLANNED).exists()


def test_a_review_decided_early_lets_its_appointment_go(cast: Cast, treated: Plan) -> None:
    review = treated.reviews.get(months=6)
    booked = cast.book_review(review, cast.at(review.due, 10))
    decide(cast, review, missing_views_reason="by video")
    booked.refresh_from_db()
    assert booked.state == AppointmentState.CANCELLED


def test_stopping_a_paused_plan_stops_it(cast: Cast, treated: Plan) -> None:
    change_plan(treated, PauseFrom(cast.today), by=cast.doctor, now=cast.now)
    decide(cast, treated.reviews.get(months=3), Decision.STOP_AND_REFER, missing_views_reason="by phone")
    treated.refresh_from_db()
    assert treated.state == PlanState.STOPPED


# -- the decision and what follows from it ---------------------------------------------------------------------------
def shown(cast: Cast, review: Review, change: Change | None = None, *, stops: bool = False) -> Preview:
    return preview(read_plan_facts(review.plan, now=cast.now), Decide(review.key, change, stops=stops))


WAYS = {
    Decision.CONTINUE: None,
    Decision.ADJUST: Add(("prp",)),
    Decision.ADD_TREATMENT: SetAlongside(Alongside("minoxidil", Modality.MEDICAL, "Minoxidil 5 %")),
    Decision.MAINTENANCE: AddBooster(("prp",)),
    Decision.STOP_AND_REFER: None,
}


@pytest.mark.parametrize("decision", Decision)
def test_what_was_shown_is_what_is_written(cast: Cast, treated: Plan, decision: Decision) -> None:
    review, last = treated.reviews.get(months=3), treated.reviews.get(months=6)
    review.plan = treated
    cast.book_review(last, cast.at(last.due, 10))
    held = cast.book_review(review, cast.at(cast.today + timedelta(days=1), 10))
    change, was = WAYS[decision], read_plan_facts(treated, now=cast.now)
    before = shown(cast, review, change, stops=decision is Decision.STOP_AND_REFER)
    decide_review(
        review_id=review.pk,
        outcome=ReviewOutcome(decision=decision, decision_reason="as hoped", missing_views_reason="by phone"),
        by=cast.doctor, now=cast.now, follows=PlanChange(change) if change else None, seen=before.fingerprint,
    )  # fmt: skip
    treated.refresh_from_db()
    facts = read_plan_facts(treated, now=cast.now)
    after = picture_of(facts)
    assert facts.state is before.facts.state
    assert after.reviews == before.after.reviews
    assert after.certain == before.after.certain
    told = {(one.kind, local_day(one.due_at, facts.zone)) for one in after.letters}
    assert told == {(one.kind, local_day(one.due_at, facts.zone)) for one in before.after.letters}
    days = {view.number: (view.state, view.window and view.window.target) for view in after.sessions.values()}
    assert days == {
        view.number: (view.state, view.window and view.window.target) for view in before.after.sessions.values()
    }
    fate = {one.subject: one.fate for one in fates(was, before.facts)}
    held.refresh_from_db()
    assert held.state == AppointmentState.CANCELLED
    assert fate[review.key] is Fate.CANCELLED
    assert (fate[last.key] is Fate.CANCELLED) == (decision is Decision.STOP_AND_REFER)


def test_when_the_world_has_moved_neither_decision_nor_change_is_written(cast: Cast, treated: Plan) -> None:
    review = treated.reviews.get(months=3)
    seen = shown(cast, review, Add(("prp",))).fingerprint
    change_plan(treated, Add(("prp",)), by=cast.doctor, now=cast.now)
    outcome = ReviewOutcome(decision=Decision.ADJUST, decision_reason="well", missing_views_reason="by phone")
    with refused("moved"):
        decide_review(
            review_id=review.pk, outcome=outcome, by=cast.doctor, now=cast.now, follows=PlanChange(Add(("prp",))),
            seen=seen,
        )  # fmt: skip
    review.refresh_from_db()
    assert (review.state, review.decision) == (ReviewState.PROMISED, "")


def test_what_cannot_follow_leaves_the_review_open(cast: Cast) -> None:
    plan = cast.active_plan("Ada", "prp")
    cast.photograph(plan.reviews.get(months=0))
    cast.hold(plan.sessions.get(number=1), cast.at(plan.starts_on, 15))
    review = plan.reviews.get(months=3)
    outcome = ReviewOutcome(decision=Decision.MAINTENANCE, decision_reason="well", missing_views_reason="by phone")
    with refused("booster"):
        decide_review(
            review_id=review.pk, outcome=outcome, by=cast.doctor, now=cast.now, follows=PlanChange(AddBooster(("prp",)))
        )
    review.refresh_from_db()
    assert review.state == ReviewState.PROMISED
