"""Each kind of change, on a plan whose dates can be counted on a calendar.

STANDARD: exosome on Mon 5 Oct, 9 Nov, 14 Dec 2026 and 18 Jan 2027 (4, 5, 6 weeks). STAGGERED: PRP two weeks after each.
"""

from dataclasses import replace
from datetime import date

import pytest

from clinic.rules.spans import Span
from plans.rules.cascade import preview
from plans.rules.changes import Complete, Pin, Remove, Skip, TakeBack
from plans.rules.course import Alongside, Modality
from plans.rules.plan_changes import Add, AddBooster, ChangeRule, MoveReview, NewVersion, SetAlongside
from plans.rules.regrow import with_counts
from plans.rules.states import PlanState
from plans.rules.steps import Part, StepKind
from tests.rules.courses import EXOSOME, NO_DYE, NO_WASH, PRP, SAME_DAY, STAGGERED, STANDARD, interval
from tests.rules.plans import CANCELLED, SKIPPED, UPKEEP, completed, instants, on_day, plan_of, ref

MONDAY = date(2026, 10, 5)


def shown_days(picture):
    """Number, what is given, best day: what the page lists of all that is held."""
    views = sorted(picture.sessions.values(), key=lambda view: view.number)
    return [
        (view.number, "+".join(view.modalities), f"{view.window.target:%d %b}")
        for view in views
        if view.state not in (CANCELLED, SKIPPED)
    ]


def parts(facts):
    return {s.ref: [(p.component, p.ordinal) for p in s.parts] for s in facts.steps if s.state is not CANCELLED}


def test_completed_late_all_that_follows_is_later_and_reviews_count_from_it():
    facts = plan_of(STANDARD, MONDAY)
    shown = preview(facts, Complete(ref(1), *instants(facts, date(2026, 10, 15))))
    assert shown_days(shown.after) == [
        (1, "exosome", "05 Oct"), (2, "exosome", "19 Nov"), (3, "exosome", "24 Dec"), (4, "exosome", "28 Jan"),
    ]  # fmt: skip
    month_3 = shown.after.reviews["month-3"]
    assert (month_3.due, month_3.estimated) == (date(2027, 1, 15), False)
    # Four weeks after 15 Oct, 11:00 is 12 Nov, so the first whole day is the 13th; from 12 Nov on the next session's
    # week without dye holds already. So it is one period until four weeks after the last, 25 Feb: 26 Feb.
    dye = [p.after for p in shown.diff.restrictions if p.after and p.after.act == "dye"]
    assert [p.safe_on for p in dye] == [date(2027, 2, 26)]
    assert {str(pair.after.kind) for pair in shown.diff.letters} >= {"after_care", "no_dye", "review_invitation"}


def test_a_day_set_by_hand_moves_what_follows_and_keeps_the_calculated_one():
    shown = preview(plan_of(STANDARD, MONDAY), Pin(ref(2), date(2026, 11, 12)))
    assert shown_days(shown.after)[1:] == [(2, "exosome", "12 Nov"), (3, "exosome", "17 Dec"), (4, "exosome", "21 Jan")]
    assert shown.after.sessions[ref(2)].window.calculated == date(2026, 11, 9)


def test_a_session_set_behind_the_next_treatment_is_numbered_behind_it():
    shown = preview(plan_of(STAGGERED, MONDAY), Pin(ref(2), date(2026, 11, 12)))
    assert [(number, given) for number, given, _ in shown_days(shown.after)][:3] == [
        (1, "exosome"), (2, "exosome"), (3, "prp"),
    ]  # fmt: skip
    assert shown.after.sessions[ref(2)].number == 3


def test_a_session_never_passes_another_of_its_own_treatment():
    """Set before the second, the third stays the third: it is said that the day is too early."""
    shown = preview(plan_of(STANDARD, MONDAY), Pin(ref(3), date(2026, 10, 20)))
    third = shown.after.sessions[ref(3)]
    assert (third.number, third.window.target) == (3, date(2026, 10, 20))
    assert third.window.notes == (
        "The target set by hand, Tue 20 Oct 2026, is outside Mon 7 Dec 2026 to Mon 21 Dec 2026.",
    )


def test_a_skipped_session_leaves_the_rhythm_and_its_restriction_goes():
    facts = plan_of(STANDARD, MONDAY)
    shown = preview(facts, Skip(ref(2)))
    assert shown_days(shown.after) == [(1, "exosome", "05 Oct"), (3, "exosome", "14 Dec"), (4, "exosome", "18 Jan")]
    dye = [p.safe_on for p in shown.after.restrictions if p.act == "dye"]
    # 5 Oct + 28 days = 2 Nov: 3 Nov; then free until the week before 14 Dec.
    assert dye[0] == date(2026, 11, 3)
    assert preview(shown.facts, TakeBack(ref(2))).after.sessions == shown.before.sessions


def test_removed_from_the_middle_of_a_same_day_course_the_rest_move_up():
    """Exosome 4, PRP 3: without the second visit it is exosome 3, PRP 2, and nobody gets a second second session."""
    facts = plan_of(SAME_DAY, MONDAY, counts={"exosome": 4, "prp": 3})
    shown = preview(facts, Remove(ref(2)))
    assert shown_days(shown.after) == [
        (1, "exosome+prp", "05 Oct"), (2, "exosome+prp", "09 Nov"), (3, "exosome", "14 Dec"),
    ]  # fmt: skip
    assert parts(shown.facts) == {
        ref(1): [("exosome", 1), ("prp", 1)],
        ref(3): [("exosome", 2), ("prp", 2)],
        ref(4): [("exosome", 3)],
    }
    assert shown.facts.step(ref(2)).number == 4


def test_one_more_prp_goes_to_the_end_of_a_staggered_course():
    shown = preview(plan_of(STAGGERED, MONDAY), Add(("prp",)))
    assert shown_days(shown.after)[-2:] == [(8, "prp", "01 Feb"), (9, "prp", "08 Mar")]
    assert shown.facts.course.component("prp").sessions_usual == 5
    assert [pair.before for pair in shown.diff.sessions if pair.is_changed] == [None]


def test_a_session_added_to_a_completed_plan_opens_it_again():
    facts = completed(plan_of(STANDARD, MONDAY, counts={"exosome": 1}), 1, MONDAY)
    shown = preview(replace(facts, state=PlanState.COMPLETED), Add(("exosome", "exosome")))
    assert shown.facts.state is PlanState.ACTIVE
    assert shown_days(shown.after)[1:] == [(2, "exosome", "09 Nov")]


FIVE = replace(STANDARD, components=(replace(EXOSOME, sessions_usual=5, sessions_max=6),))
FOUR = replace(STANDARD, components=(replace(EXOSOME, sessions_usual=4, sessions_max=4),))


def done_four():
    facts = plan_of(FIVE, MONDAY)
    for number, day in enumerate((MONDAY, date(2026, 11, 9), date(2026, 12, 14), date(2027, 1, 18)), start=1):
        facts = completed(on_day(facts, day), number, day)
    return facts


def test_a_version_with_four_sessions_cuts_the_fifth_when_four_are_done():
    shown = preview(done_four(), NewVersion(FOUR))
    assert len(shown_days(shown.after)) == 4
    assert shown.facts.step(ref(5)).state is CANCELLED
    assert shown.facts.course.component("exosome").sessions_usual == 4


def test_what_was_removed_before_does_not_count_as_given_in_another_version():
    """Four done, the fifth removed: a version with at most four has nothing left, and not one more."""
    removed = preview(done_four(), Remove(ref(5))).facts
    shown = preview(removed, NewVersion(FOUR))
    assert shown.facts.course.component("exosome").sessions_usual == 4
    assert [step for step in shown.facts.steps if step.is_to_do] == []


def test_a_version_without_a_treatment_keeps_what_was_given_of_it():
    facts = completed(completed(plan_of(STAGGERED, MONDAY), 1, MONDAY), 2, date(2026, 10, 19))
    shown = preview(on_day(facts, date(2026, 10, 19)), NewVersion(STANDARD))
    assert shown_days(shown.after) == [
        (1, "exosome", "05 Oct"), (2, "prp", "19 Oct"), (3, "exosome", "09 Nov"), (4, "exosome", "14 Dec"),
        (5, "exosome", "18 Jan"),
    ]  # fmt: skip
    assert shown.facts.course.component("prp").sessions_usual == 1


def test_a_version_with_another_rhythm_moves_only_what_is_to_come():
    slow = replace(STANDARD, components=(replace(EXOSOME, interval=interval("7 weeks", "8 weeks", "9 weeks")),))
    facts = on_day(completed(plan_of(STANDARD, MONDAY), 1, MONDAY), date(2026, 10, 10))
    shown = preview(facts, NewVersion(slow))
    assert [day for *_, day in shown_days(shown.after)] == ["05 Oct", "30 Nov", "25 Jan", "22 Mar"]
    assert shown.after.sessions[ref(1)].day == MONDAY


def test_a_version_with_a_new_review_invites_to_it():
    year = replace(STANDARD.reviews[1], key="month-12", title="12 months", offset=Span.parse("12 months"))
    facts = on_day(completed(plan_of(STANDARD, MONDAY), 1, MONDAY), date(2026, 10, 10))
    shown = preview(facts, NewVersion(replace(STANDARD, reviews=(*STANDARD.reviews, year))))
    assert shown.after.reviews["month-12"].due == date(2027, 10, 5)
    new = [pair.after for pair in shown.diff.letters if pair.is_changed and pair.before is None]
    assert [(str(letter.kind), letter.facts) for letter in new] == [
        ("review_invitation", "2027-10-05"), ("review_overdue", "2027-10-05"),
    ]  # fmt: skip


def test_what_was_chosen_for_this_patient_survives_another_version():
    """The plan's dye rule is hers (6 weeks), its wash rule the house's own; the new version changes both."""
    hers, washed = replace(NO_DYE, ends=Span.parse("6 weeks")), replace(NO_WASH, ends=Span.parse("48 hours"))
    facts = done_four()
    rules = tuple(hers if rule.key == NO_DYE.key else rule for rule in facts.course.care_rules)
    facts = replace(facts, course=replace(facts.course, care_rules=rules))
    fifth = replace(NO_DYE, ends=Span.parse("5 weeks"))
    new = replace(STANDARD, care_rules=(fifth, washed))
    after = preview(facts, NewVersion(new, (STANDARD, new))).facts.course
    assert (after.rule(NO_DYE.key), after.rule(NO_WASH.key)) == (hers, washed)
    assert preview(facts, NewVersion(new)).facts.course.rule(NO_DYE.key) == fifth


def test_a_longer_rule_ends_later_and_moves_no_session():
    facts = completed(plan_of(STANDARD, MONDAY, counts={"exosome": 1}), 1, MONDAY)
    shown = preview(facts, ChangeRule(replace(NO_DYE, ends=Span.parse("6 weeks"))))
    (pair,) = [pair for pair in shown.diff.restrictions if pair.is_changed]
    # 5 Oct + 42 days = 16 Nov, 11:00.
    assert (pair.before.safe_on, pair.after.safe_on) == (date(2026, 11, 3), date(2026, 11, 17))
    assert not any(pair.is_changed for pair in (*shown.diff.sessions, *shown.diff.reviews))
    changed = {str(pair.after.kind): pair.after.facts for pair in shown.diff.letters if pair.is_changed}
    assert changed == dict.fromkeys(["no_dye", "no_dye_half", "dye_again"], "2026-11-17")


def test_a_rule_with_a_new_key_is_added():
    rule = replace(NO_DYE, key="no-pool", act="pool", ends=Span.parse("3 days"))
    shown = preview(plan_of(STANDARD, MONDAY, counts={"exosome": 1}), ChangeRule(rule))
    assert [p.after.safe_on for p in shown.diff.restrictions if p.is_changed] == [date(2026, 10, 9)]


def test_a_review_moved_from_three_to_four_months():
    facts = completed(plan_of(STANDARD, MONDAY), 1, MONDAY)
    shown = preview(facts, MoveReview("month-3", Span.parse("4 months")))
    (pair,) = [pair for pair in shown.diff.reviews if pair.is_changed]
    assert (pair.before.due, pair.after.due) == (date(2027, 1, 5), date(2027, 2, 5))
    assert (pair.after.opens, pair.after.closes) == (date(2027, 1, 22), date(2027, 3, 5))
    assert not any(pair.is_changed for pair in shown.diff.sessions)


@pytest.mark.parametrize(
    ("course", "given", "spent"),
    [(SAME_DAY, "exosome+prp", (("exosome", 2), ("prp", 2))), (STAGGERED, "exosome+prp", (("exosome", 2), ("prp", 2)))],
    ids=["same day", "staggered"],
)
def test_a_booster_counts_from_the_last_session_of_all(course, given, spent):
    facts = plan_of(replace(course, maintenance=UPKEEP), MONDAY, counts={"exosome": 1, "prp": 1})
    for step in facts.steps:
        facts = completed(facts, step.number, MONDAY if step.number == 1 else date(2026, 10, 19))
    shown = preview(replace(facts, state=PlanState.COMPLETED), AddBooster(("exosome", "prp")))
    (pair,) = [pair for pair in shown.diff.sessions if pair.before is None]
    last = max(view.day for view in shown.before.sessions.values())
    assert (pair.after.kind, "+".join(pair.after.modalities)) == (StepKind.BOOSTER, given)
    assert pair.after.window.target == {MONDAY: date(2027, 4, 5), date(2026, 10, 19): date(2027, 4, 19)}[last]
    assert shown.facts.step(pair.after.ref).parts == tuple(Part(*part) for part in spent)
    assert shown.facts.state is PlanState.ACTIVE


def test_a_component_that_starts_after_one_left_out_still_has_its_day():
    """The first exosome session is skipped before PRP, which starts two weeks after it, has begun."""
    after = replace(PRP, starts=Span.parse("2 weeks"), starts_after="exosome")
    facts = plan_of(replace(STANDARD, components=(EXOSOME, after)), MONDAY)
    shown = preview(facts, Skip(ref(1)))
    assert shown.after.sessions[ref(2)].window.target == date(2026, 10, 19)


def test_a_medicine_begun_and_stopped_stands_beside_the_course():
    minoxidil = Alongside("minoxidil", Modality.MEDICAL, "Minoxidil")
    begun = preview(plan_of(STANDARD, MONDAY), SetAlongside(replace(minoxidil, began_on=MONDAY)))
    stopped = preview(begun.facts, SetAlongside(replace(minoxidil, began_on=MONDAY, stopped_on=date(2026, 12, 1))))
    assert [item.stopped_on for item in stopped.facts.course.alongside] == [date(2026, 12, 1)]
    assert begun.diff.is_empty
    kept = preview(begun.facts, NewVersion(with_counts(STANDARD, {"exosome": 4}))).facts.course
    assert [item.key for item in kept.alongside] == ["minoxidil"]


def test_the_baseline_closes_on_the_day_of_a_late_first_session():
    """It was promised for 5 Oct; held on the 15th, that is the day its photos were to be taken."""
    facts = plan_of(STANDARD, MONDAY)
    baseline = preview(facts, Complete(ref(1), *instants(facts, date(2026, 10, 15)))).after.reviews["baseline"]
    assert (str(baseline.state), baseline.opens, baseline.due) == ("skipped", date(2026, 10, 1), date(2026, 10, 15))
