"""What was found decides who may be treated: on the day, by strength, until it has cleared."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from clinic.rules.refusal import Forbidden, Refusal
from patients.models import Assessment, Patient
from patients.models.facts import why_not_treat
from patients.rules.contraindications import CONTRAINDICATIONS, Strength
from plans.models import Plan, Session
from plans.operations.plans import activate_plan
from plans.rules.states import PlanState, SessionState
from tests.cast import SINGLE, Cast, open_clinic, refused

pytestmark = pytest.mark.django_db

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
REASON = "Her doctor agreed by letter."
BOTH = ("exosome", "prp")


@pytest.fixture
def cast() -> Cast:
    return open_clinic()


@pytest.fixture
def noor(cast: Cast) -> Patient:
    patient = cast.patient()
    cast.consent(patient)
    return patient


@pytest.fixture
def first(cast: Cast) -> Session:
    """The first session of an active plan with baseline photos."""
    plan = cast.active_plan()
    cast.photograph(plan.reviews.get(months=0), views=2)
    return plan.sessions.get(number=1)


@pytest.fixture
def ends(cast: Cast, first: Session) -> datetime:
    return cast.at(first.plan.starts_on, 15)


def activate(cast: Cast, plan: Plan, reason: str = "") -> Plan:
    return activate_plan(plan_id=plan.pk, override_reason=reason, by=cast.doctor, now=cast.now)


def found(cast: Cast, patient: Patient, code: str, **day: date) -> Assessment:
    days = {code: {name: value.isoformat() for name, value in day.items()}}
    return cast.assess(patient, contraindications=[code], contraindication_dates=days)


# -- the gate --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("code", sorted(CONTRAINDICATIONS))
def test_every_row_of_the_table_stops_activation_as_its_strength_says(cast: Cast, noor: Patient, code: str) -> None:
    plan = cast.draft(noor, cast.assess(noor, contraindications=[code]))
    strength = CONTRAINDICATIONS[code].strength
    if strength is not Strength.CAUTION:
        with refused(code):
            activate(cast, plan)
    if strength in (Strength.ABSOLUTE, Strength.TEMPORARY):
        with refused(code):
            activate(cast, plan, REASON)
    else:
        reason = REASON if strength is Strength.RELATIVE else ""
        assert activate(cast, plan, reason).state == PlanState.ACTIVE


@pytest.mark.parametrize("code", sorted(CONTRAINDICATIONS))
def test_every_row_of_the_table_stops_a_session_as_its_strength_says(
    cast: Cast, first: Session, ends: datetime, code: str
) -> None:
    cast.now += DAY
    cast.assess(first.plan.patient, contraindications=[code])
    strength = CONTRAINDICATIONS[code].strength
    if strength is not Strength.CAUTION:
        with refused(code):
            cast.hold(first, ends)
    if strength in (Strength.ABSOLUTE, Strength.TEMPORARY):
        with refused(code):
            cast.hold(first, ends, override_reason=REASON)
    else:
        reason = REASON if strength is Strength.RELATIVE else ""
        assert cast.hold(first, ends, override_reason=reason).state == SessionState.DONE


def test_a_painkiller_holds_prp_up_for_two_days_and_no_longer(cast: Cast, noor: Patient) -> None:
    plan = cast.draft(noor, found(cast, noor, "nsaid-recent", last_on=cast.today), SINGLE)
    clears = cast.today + 3 * DAY
    for day in (cast.now, cast.at(clears - DAY, 18)):
        cast.now = day
        with refused("nsaid-recent"):
            activate(cast, plan)
    cast.now = cast.at(clears, 10)
    plan = activate(cast, plan)
    assert (plan.state, plan.override_reason) == (PlanState.ACTIVE, "")


def test_a_steroid_within_two_weeks_stops_the_session_until_it_has_cleared(cast: Cast, first: Session) -> None:
    cast.now += DAY
    last = cast.today
    found(cast, first.plan.patient, "systemic-steroid-recent", last_on=last)
    for day in (first.plan.starts_on, last + 2 * WEEK):
        with refused("systemic-steroid-recent"):
            cast.hold(first, cast.at(day, 15))
    done = cast.hold(first, cast.at(last + 2 * WEEK + DAY, 15))
    assert done.state == SessionState.DONE


def test_a_day_to_look_again_stops_until_somebody_has_looked(cast: Cast, noor: Patient) -> None:
    pregnant = found(cast, noor, "pregnancy", recheck_on=cast.today + WEEK)
    plan = cast.draft(noor, pregnant)
    with pytest.raises(Refusal, match="To be looked at again on"):
        activate(cast, plan)
    cast.now += 2 * WEEK
    with pytest.raises(Refusal, match="It is time to look again: make a new assessment"):
        activate(cast, plan)
    plan.assessment = cast.assess(noor)
    plan.save()
    assert activate(cast, plan).state == PlanState.ACTIVE


def test_what_was_found_before_each_had_its_own_day_keeps_its_day(cast: Cast, noor: Patient) -> None:
    old = cast.assess(noor, contraindications=["pregnancy"])
    Assessment.objects.filter(pk=old.pk).update(contraindication_dates={}, recheck_on=cast.today + WEEK)
    old.refresh_from_db()
    before = why_not_treat(old, BOTH, day=cast.today, override_reason="")
    after = why_not_treat(old, BOTH, day=cast.today + WEEK, override_reason="")
    assert before and "To be looked at again on" in before.sentence
    assert after and "It is time to look again" in after.sentence


def test_the_sentence_says_when_a_relative_one_clears(cast: Cast, noor: Patient) -> None:
    tablet = found(cast, noor, "nsaid-recent", last_on=cast.today)
    refusal = why_not_treat(tablet, ("prp",), day=cast.today, override_reason="")
    assert refusal and "It clears on" in refusal.sentence and "written reason" in refusal.sentence
    assert why_not_treat(tablet, ("exosome",), day=cast.today, override_reason="") is None


# -- what is written -------------------------------------------------------------------------------------------------
def test_the_first_day_to_look_again_is_kept_for_the_lists(cast: Cast, noor: Patient) -> None:
    soon, late = cast.today + WEEK, cast.today + 8 * WEEK
    days = {"pregnancy": {"recheck_on": late.isoformat()}, "scalp-infection": {"recheck_on": soon.isoformat()},
            "septicaemia": {}, "tobacco": {"recheck_on": ""}}  # fmt: skip
    made = cast.assess(noor, contraindications=["pregnancy", "scalp-infection"], contraindication_dates=days)
    made.refresh_from_db()
    assert made.recheck_on == soon
    assert set(made.contraindication_dates) == {"pregnancy", "scalp-infection"}


def test_a_day_that_cannot_be_is_refused_whoever_writes_it(cast: Cast, noor: Patient) -> None:
    for code, day in (
        ("nsaid-recent", {"last_on": cast.today + DAY}),
        ("nsaid-recent", {"last_on": date(1900, 1, 1)}),
        ("pregnancy", {"recheck_on": cast.today}),
        ("pregnancy", {"recheck_on": date(2200, 1, 1)}),
    ):
        with refused("wrong_day"):
            found(cast, noor, code, **day)
    assert not Assessment.objects.exists()


def salt(top: int | None, back: int | None, left: int | None, right: int | None) -> dict[str, Any]:
    return {"salt_top": top, "salt_back": back, "salt_left": left, "salt_right": right}


def test_salt_is_the_grade_when_no_other_scale_was_used(cast: Cast, noor: Patient) -> None:
    made = cast.assess(noor, hair_loss_type="areata", **salt(60, 50, 10, 10))
    assert (made.scale, made.grade) == ("salt", "S2")
    both = cast.assess(noor, scale="ludwig", grade="II", **salt(60, 50, 10, 10))
    assert (both.scale, both.grade) == ("ludwig", "II")


def test_a_salt_grade_is_never_typed(cast: Cast, noor: Patient) -> None:
    with refused("salt_is_computed"):
        cast.assess(noor, scale="salt", grade="S5")
    made = cast.assess(noor, scale="salt", grade="S5", **salt(10, 0, 0, 0))
    assert made.grade == "S1"


@pytest.mark.parametrize(
    "wrong", [salt(101, 0, 0, 0), salt(40, None, 0, 0), {"pull_test_hairs": 400}, {"shedding_scale": 7}]
)
def test_a_figure_that_cannot_be_is_refused_whoever_writes_it(cast: Cast, noor: Patient, wrong: dict[str, Any]) -> None:
    with refused("not_a_figure"):
        cast.assess(noor, **wrong)


@pytest.mark.parametrize("wrong", [salt(101, 0, 0, 0), salt(40, None, 0, 0), salt(None, None, None, 7)])
def test_the_database_keeps_salt_whole_and_in_percent(cast: Cast, noor: Patient, wrong: dict[str, Any]) -> None:
    made = cast.assess(noor)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.filter(pk=made.pk).update(**wrong)
    assert Assessment.objects.filter(pk=made.pk).update(**salt(0, 0, 0, 100)) == 1


def test_a_grade_of_another_scale_is_refused(cast: Cast, noor: Patient) -> None:
    with refused("not_known"):
        cast.assess(noor, scale="ludwig", grade="VII")
    with refused("not_known"):
        cast.assess(noor, contraindications=["moon-phase"])


def test_only_clinicians_assess(cast: Cast, noor: Patient) -> None:
    cast.doctor = cast.desk
    with pytest.raises(Forbidden):
        cast.assess(noor)
