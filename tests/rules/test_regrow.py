"""Laying out what is to come anew: what is done stays, and every session asked for is there once."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from plans.rules.changes import Skip
from plans.rules.regrow import counts_of, new_refs, numbered, regrown, regrown_facts, renumbered_facts, with_counts
from plans.rules.steps import Part, Step, StepKind
from tests.rules.courses import STAGGERED, STANDARD
from tests.rules.plans import CANCELLED, booked, completed, few, plan_of, plans, ref

MONDAY = date(2026, 10, 5)


@few
@given(plans())
def test_laid_out_anew_with_the_same_numbers_nothing_changes(facts):
    facts = renumbered_facts(facts)
    same = with_counts(facts.course, counts_of(facts.course, facts.steps))
    assert regrown_facts(replace(facts, course=same)).steps == facts.steps


@few
@given(plans(), st.data())
def test_every_session_asked_for_is_there_once_and_history_stays(facts, data):
    counts = {part.key: data.draw(st.integers(1, 9)) for part in facts.course.components}
    course = with_counts(facts.course, counts)
    grown = regrown(course, facts.steps)
    history = [step for step in facts.steps if not step.is_to_do]
    assert [step for step in grown if not step.is_to_do and step.state is not CANCELLED] == history
    spent = counts_of(course, history)
    assert counts_of(course, grown) == {key: max(count, spent[key]) for key, count in counts.items()}
    for key in counts:
        ordinals = [p.ordinal for s in grown if s.state is not CANCELLED for p in s.parts if p.component == key]
        assert len(set(ordinals)) == len(ordinals)
    assert len({step.ref for step in grown}) == len(grown)


def test_one_left_out_ahead_keeps_its_place_among_its_own():
    """The third is skipped before the first was held: the first is still the first."""
    facts = Skip(ref(3)).applied(plan_of(STANDARD, MONDAY))
    grown = regrown_facts(facts)
    assert [(s.number, s.parts[0].ordinal) for s in grown.steps] == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_sessions_too_many_are_cancelled_from_the_end_and_lose_their_day():
    facts = booked(completed(plan_of(STANDARD, MONDAY), 1, MONDAY), ref(4), date(2027, 1, 18))
    grown = regrown_facts(replace(facts, course=with_counts(facts.course, {"exosome": 3})))
    (gone,) = [step for step in grown.steps if step.state is CANCELLED]
    assert (gone.ref, gone.number, gone.booked_on) == (ref(4), 4, None)


def test_sessions_that_were_never_written_down_vanish():
    more = replace(plan_of(STANDARD, MONDAY), course=with_counts(STANDARD, {"exosome": 6}))
    grown = regrown_facts(more)
    assert len(grown.steps) == 6
    assert regrown_facts(replace(grown, course=STANDARD)).steps == plan_of(STANDARD, MONDAY).steps


def test_new_sessions_get_names_that_are_free():
    steps = [Step(1, (Part("exosome", 1),), ref="new-1"), Step(2, (Part("exosome", 2),), ref="new-3")]
    names = new_refs(steps)
    assert [next(names), next(names)] == ["new-2", "new-4"]


def test_a_booster_to_come_is_numbered_last_and_a_cancelled_one_behind_it():
    facts = plan_of(STAGGERED, MONDAY, counts={"exosome": 1, "prp": 1})
    booster = Step(1, (Part("exosome", 2),), kind=StepKind.BOOSTER, ref="booster")
    gone = Step(2, (Part("exosome", 2),), state=CANCELLED, ref="gone")
    steps = (booster, gone, *(replace(step, number=0) for step in facts.steps))
    again = numbered(facts.course, steps, starts_on=MONDAY, pauses=(), today=MONDAY)
    assert [(step.number, step.ref) for step in again] == [(1, ref(1)), (2, ref(2)), (3, "booster"), (4, "gone")]
