"""What cannot be done is refused with a sentence, whatever is sent."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from clinic.rules.spans import Span, Unit
from plans.rules.changes import Complete, Move, Pin, Remove, Skip, TakeBack
from plans.rules.course import Alongside, Modality
from plans.rules.plan_changes import Add, AddBooster, ChangeRule, MoveReview, PauseFrom, ResumeOn, SetAlongside
from plans.rules.rhythm import Pause
from plans.rules.states import PlanState, ReviewState
from tests.rules.courses import NO_DYE, STANDARD
from tests.rules.plans import UPKEEP, completed, instants, on_day, plan_of, ref, refused

MONDAY = date(2026, 10, 5)
DAY = timedelta(days=1)
PLAN = plan_of(replace(STANDARD, maintenance=UPKEEP), MONDAY)
BEGUN = on_day(completed(PLAN, 1, MONDAY), MONDAY + 10 * DAY)
PAUSED = replace(BEGUN, state=PlanState.PAUSED, paused_since=MONDAY + 10 * DAY)
SHORT = plan_of(replace(STANDARD, maintenance=UPKEEP), MONDAY, counts={"exosome": 1})
OVER = replace(completed(SHORT, 1, MONDAY), state=PlanState.COMPLETED)
FULL = plan_of(STANDARD, MONDAY, counts={"exosome": 60})
MINOXIDIL = Alongside("minoxidil", Modality.MEDICAL, "Minoxidil")


def at(day, hours=1):
    starts, _ = instants(PLAN, day)
    return starts, starts + timedelta(hours=hours)


def decided(facts, key):
    rows = tuple(replace(r, state=ReviewState.DECIDED) if r.key == key else r for r in facts.reviews)
    return replace(facts, reviews=rows)


CASES = [
    ("a session that is done", BEGUN, Pin(ref(1), MONDAY + 20 * DAY), "wrong_state"),
    ("a session that is not there", PLAN, Skip("nobody"), "wrong_state"),
    ("completed while paused", PAUSED, Complete(ref(2), *at(MONDAY)), "wrong_state"),
    ("completed as a draft", replace(PLAN, state=PlanState.DRAFT), Complete(ref(1), *at(MONDAY)), "wrong_state"),
    ("completed before it began", PLAN, Complete(ref(1), *at(MONDAY, -1)), "wrong_times"),
    ("completed in 1900", PLAN, Complete(ref(1), *at(date(1900, 1, 1))), "day"),
    ("completed in 2200", PLAN, Complete(ref(1), *at(date(2200, 1, 1))), "day"),
    ("completed twice", BEGUN, Complete(ref(1), *at(MONDAY)), "wrong_state"),
    ("moved to yesterday", PLAN, Move(ref(1), *at(MONDAY - DAY)), "day"),
    ("moved to 2200", PLAN, Move(ref(1), *at(date(2200, 1, 1))), "day"),
    ("moved to end before it starts", PLAN, Move(ref(1), *at(MONDAY + DAY, 0)), "wrong_times"),
    ("pinned yesterday", PLAN, Pin(ref(1), MONDAY - DAY), "day"),
    ("pinned in 1900", PLAN, Pin(ref(1), date(1900, 1, 1)), "day"),
    ("pinned in 2200", PLAN, Pin(ref(1), date(2200, 1, 1)), "day"),
    ("taken back though never skipped", PLAN, TakeBack(ref(1)), "wrong_state"),
    ("taken back though not there", PLAN, TakeBack("nobody"), "wrong_state"),
    ("the only session removed", SHORT, Remove(ref(1)), "session_count"),
    ("a done session removed", BEGUN, Remove(ref(1)), "wrong_state"),
    ("nothing added", PLAN, Add(()), "components"),
    ("something else added", PLAN, Add(("laser",)), "components"),
    ("a sixty-first session", FULL, Add(("exosome",)), "session_count"),
    ("paused as a draft", replace(PLAN, state=PlanState.DRAFT), PauseFrom(MONDAY), "wrong_state"),
    ("paused twice", PAUSED, PauseFrom(MONDAY + 10 * DAY), "wrong_state"),
    ("paused before a session held", BEGUN, PauseFrom(MONDAY - DAY), "day"),
    ("paused tomorrow", BEGUN, PauseFrom(BEGUN.today + DAY), "day"),
    ("paused before the plan began", PLAN, PauseFrom(date(1900, 1, 1)), "day"),
    (
        "paused inside the last pause",
        replace(BEGUN, pauses=(Pause(MONDAY + DAY, MONDAY + 9 * DAY),)),
        PauseFrom(MONDAY + 5 * DAY),
        "day",
    ),
    ("resumed though not paused", BEGUN, ResumeOn(BEGUN.today), "wrong_state"),
    ("resumed yesterday", PAUSED, ResumeOn(PAUSED.today - DAY), "day"),
    ("resumed in 2200", PAUSED, ResumeOn(date(2200, 1, 1)), "day"),
    ("an unknown review", PLAN, MoveReview("month-99", Span.parse("3 months")), "review"),
    ("the baseline moved", PLAN, MoveReview("baseline", Span.parse("3 months")), "review"),
    ("a review on the first day", PLAN, MoveReview("month-3", Span(0, Unit.MONTHS)), "offset"),
    ("a review in hours", PLAN, MoveReview("month-3", Span(24, Unit.HOURS)), "offset"),
    ("a review in 200 years", PLAN, MoveReview("month-3", Span(2400, Unit.MONTHS)), "offset"),
    ("a decided review", decided(BEGUN, "month-3"), MoveReview("month-3", Span.parse("4 months")), "wrong_state"),
    ("a rule for 9,999 years", PLAN, ChangeRule(replace(NO_DYE, ends=Span(119_988, Unit.MONTHS))), "rule"),
    ("a booster without maintenance", plan_of(STANDARD, MONDAY), AddBooster(("exosome",)), "no_maintenance"),
    ("a booster of nothing", OVER, AddBooster(()), "components"),
    ("a booster of something else", OVER, AddBooster(("laser",)), "components"),
    ("a booster in between", BEGUN, AddBooster(("exosome",)), "booster"),
    ("a booster before anything was held", Skip(ref(1)).applied(SHORT), AddBooster(("exosome",)), "booster"),
    ("a second booster", AddBooster(("exosome",)).applied(OVER), AddBooster(("exosome",)), "booster"),
    ("a booster while paused", replace(OVER, state=PlanState.PAUSED), AddBooster(("exosome",)), "wrong_state"),
    (
        "a booster of a plan that was stopped",
        replace(OVER, state=PlanState.STOPPED),
        AddBooster(("exosome",)),
        "wrong_state",
    ),
    (
        "a medicine stopped before it began",
        PLAN,
        SetAlongside(replace(MINOXIDIL, began_on=MONDAY, stopped_on=MONDAY - DAY)),
        "stopped_on",
    ),
    ("a medicine begun in 1800", PLAN, SetAlongside(replace(MINOXIDIL, began_on=date(1800, 1, 1))), "began_on"),
    ("a medicine stopped in 2200", PLAN, SetAlongside(replace(MINOXIDIL, stopped_on=date(2200, 1, 1))), "stopped_on"),
]


@pytest.mark.parametrize(("facts", "change", "code"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_cannot_be_done_is_refused_with_a_sentence(facts, change, code):
    assert refused(facts, change) == code
