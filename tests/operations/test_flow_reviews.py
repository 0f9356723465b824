"""How reviews end, and plans with them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from plans.models import Plan, Reminder, Review
from plans.operations.reviews import ReviewOutcome, decide_review
from plans.rules.reminders import LetterKind
from plans.rules.states import AppointmentState, Decision, PlanState, ReminderState, ReviewState
from tests.cast import Cast, open_clinic, refused

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


def test_a_density_names_its_device(cast: Cast, treated: Plan) -> None:
    review = treated.reviews.get(months=3)
    cast.photograph(review)
    with refused("density_method"):
        decide(cast, review, density=Decimal(120))
    assert decide(cast, review, density=Decimal(120), density_method="trichoscope").density == 120


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
