"""A plan that cannot be kept says so, with the rule that causes it."""

from dataclasses import replace
from datetime import date

from plans.rules.changes import Pin, Skip
from plans.rules.course import CareRule
from plans.rules.picture import picture_of
from plans.rules.states import PlanState, ReviewState
from plans.rules.trouble import troubles_of
from tests.rules.courses import NO_DYE, STAGGERED, STANDARD
from tests.rules.plans import booked, completed, on_day, plan_of, ref

MONDAY = date(2026, 10, 5)


def troubles(facts):
    return [(trouble.code, trouble.sentence) for trouble in troubles_of(facts, picture_of(facts))]


def codes(facts):
    return [code for code, _ in troubles(facts)]


def free_to_dye(facts):
    return replace(facts, course=replace(facts.course, care_rules=()))


def test_a_plan_that_can_be_kept_says_nothing():
    assert troubles(free_to_dye(plan_of(STANDARD, MONDAY))) == []


def test_a_session_that_should_have_been_held_is_late():
    facts = on_day(free_to_dye(completed(plan_of(STANDARD, MONDAY), 1, MONDAY)), date(2026, 11, 20))
    assert [one for one in troubles(facts) if one[0] != "review_over"] == [
        (
            "late",
            "Session 2 is late: it should have been by Mon 16 Nov 2026, 4 days ago. "
            "Exosome: 4 weeks to 6 weeks after session 1 (Mon 5 Oct 2026). "
            "Book it, skip it, or change the plan: what follows is counted from today.",
        )
    ]
    in_time = on_day(facts, date(2026, 11, 16)), booked(facts, ref(2), date(2026, 11, 24)), Skip(ref(2)).applied(facts)
    assert not any("late" in codes(plan) for plan in in_time)


def test_a_gap_that_pushes_a_session_names_the_rule():
    facts = completed(plan_of(STAGGERED, MONDAY), 1, MONDAY)
    facts = on_day(free_to_dye(completed(facts, 2, date(2026, 11, 6))), date(2026, 11, 6))
    assert troubles(facts)[0] == (
        "gap",
        "Session 3: Not before Fri 13 Nov 2026: at least 1 week between exosome and PRP, "
        "and session 2 is on Fri 6 Nov 2026.",
    )


def test_a_day_set_by_hand_against_the_rules_is_said():
    facts = Pin(ref(2), date(2026, 10, 20)).applied(free_to_dye(plan_of(STANDARD, MONDAY)))
    assert troubles(facts)[0][0] == "gap"
    assert "set by hand, Tue 20 Oct 2026" in troubles(facts)[0][1]


def test_months_without_a_day_for_dye_are_said_with_the_rule():
    """Sessions 35 days apart: four weeks after and a week before leave none from October to January."""
    assert troubles(plan_of(STANDARD, MONDAY)) == [
        (
            "no_free_day",
            "From Mon 5 Oct 2026 to Mon 18 Jan 2027 there is no day on which dyeing is allowed: "
            "No dye for a week before and No dye for 4 weeks.",
        )
    ]


def test_a_single_day_for_dye_is_enough():
    short = replace(NO_DYE, ends=NO_DYE.ends.parse("20 days"))
    rules: tuple[CareRule, ...] = (short, *STANDARD.care_rules[1:])
    assert codes(plan_of(replace(STANDARD, care_rules=rules), MONDAY)) == []


def test_a_short_course_needs_no_warning():
    assert codes(plan_of(STANDARD, MONDAY, counts={"exosome": 2})) == []


def test_a_review_nobody_held_is_over():
    facts = free_to_dye(completed(plan_of(STANDARD, MONDAY, counts={"exosome": 1}), 1, MONDAY))
    facts = on_day(facts, date(2027, 2, 10))
    assert [(code, text.split(":")[0]) for code, text in troubles(facts) if "3 months" in text] == [
        ("review_over", "The review “3 months” was to be held by Tue 2 Feb 2027, 8 days ago")
    ]
    decided = tuple(replace(row, state=ReviewState.DECIDED) for row in facts.reviews)
    assert troubles(replace(facts, reviews=decided)) == []


def test_a_plan_that_stands_still_or_is_over_has_no_trouble():
    facts = on_day(completed(plan_of(STANDARD, MONDAY), 1, MONDAY), date(2027, 6, 1))
    assert troubles(facts)
    for state in (PlanState.PAUSED, PlanState.COMPLETED, PlanState.STOPPED):
        assert troubles(replace(facts, state=state)) == []
