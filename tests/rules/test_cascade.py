"""What holds for the preview of every change of every plan."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from clinic.rules.spans import Span, Unit, later
from plans.rules.cascade import preview
from plans.rules.changes import Complete, Pin, Remove, Skip, TakeBack
from plans.rules.course import Alongside, Modality
from plans.rules.picture import picture_of
from plans.rules.plan_changes import Add, ChangeRule, MoveReview, NewVersion, PauseFrom, ResumeOn, SetAlongside
from plans.rules.regrow import counts_of, renumbered_facts
from plans.rules.rhythm import beyond_pauses
from plans.rules.states import SessionState
from tests.rules.courses import NO_DYE
from tests.rules.plans import (
    CANCELLED,
    dates,
    few,
    instants,
    other_version,
    plain_courses,
    plans,
    plans_and_changes,
    stored,
    to_come,
    tried,
    windows_of,
    with_ids,
)

DAY = timedelta(days=1)


# --- The plan stays in order ---------------------------------------------------------------------------------------


@few
@given(plans_and_changes())
def test_windows_are_ordered_after_every_change(case):
    for view in tried(*case).after.sessions.values():
        if window := view.window:
            assert window.earliest <= window.calculated <= window.latest
            assert view.state is not CANCELLED


@few
@given(plans_and_changes())
def test_no_number_stands_twice_and_history_keeps_its_own(case):
    facts, change = case
    shown = tried(facts, change)
    numbers = [step.number for step in shown.facts.steps]
    assert len(set(numbers)) == len(numbers)
    # A session skipped ahead keeps its number even when a shorter version leaves nothing before it.
    assert min(numbers) == 1 or not any(step.is_to_do for step in shown.facts.steps)
    was = {step.ref: step for step in facts.steps}
    for step in shown.facts.steps:
        if step.ref in was and was[step.ref].state in (SessionState.DONE, SessionState.SKIPPED):
            assert step.number == was[step.ref].number


@few
@given(plans())
def test_what_is_to_come_is_numbered_in_the_order_of_its_days(facts):
    counted = renumbered_facts(facts)
    assert [step.number for step in to_come(counted)] == sorted(step.number for step in to_come(counted))
    assert renumbered_facts(counted) == counted


@few
@given(plans_and_changes())
def test_a_least_gap_is_kept_or_said(case):
    """Between two sessions without a day it is kept; where an appointment or a pin breaks it, something says so."""
    shown = tried(*case)
    facts, windows = shown.facts, windows_of(shown.facts)
    held = [step for step in facts.steps if step.is_held]
    day = {s.ref: s.done_on or s.booked_on or max(windows[s.number].target, facts.today) for s in held}
    said = {c.subject for c in shown.conflicts} | {s.ref for s in held if s.done_on or windows[s.number].notes}
    for one in held:
        for other in held:
            is_before = other is not one and (day[one.ref], one.number) < (day[other.ref], other.number)
            for gap in facts.course.least_gaps if is_before else ():
                mine, theirs = given_at(facts.course, one), given_at(facts.course, other)
                concerns = (gap.first in mine and gap.second in theirs) or (gap.second in mine and gap.first in theirs)
                if concerns and later(day[one.ref], gap.span) > day[other.ref]:
                    assert one.booked_on or one.pinned or one.done_on or other.booked_on or other.pinned
                    assert {one.ref, other.ref} & said


def given_at(course, step):
    return {course.component(part.component).modality for part in step.parts}


# --- What is shown is what happens ---------------------------------------------------------------------------------


@few
@given(plans_and_changes())
def test_what_is_written_gives_the_picture_that_was_shown(case):
    shown = tried(*case)
    assert picture_of(shown.facts) == shown.after
    rows, ids = stored(shown.facts)
    assert picture_of(rows) == with_ids(shown.after, ids)


@few
@given(plans_and_changes())
def test_a_preview_changes_nothing_by_looking(case):
    facts, change = case
    before = picture_of(facts)
    shown = tried(facts, change)
    assert picture_of(facts) == before == shown.before
    assert preview(facts, change) == shown


@few
@given(plans(bookings=False), st.data())
def test_completing_a_session_exactly_as_expected_changes_no_date(facts, data):
    step = to_come(facts)[0]
    window = windows_of(facts)[step.number]
    assume(window.target >= facts.today)
    # A day set by hand inside a pause is reported, and nobody expects the session then.
    assume(beyond_pauses(window.target, facts.pauses) == window.target)
    # Nor is anything as expected when a later session was set by hand for a day before it.
    assume(all(other.pinned is None or other.pinned > window.target for other in to_come(facts)[1:]))
    minutes = max(facts.course.component(part.component).minutes for part in step.parts)
    shown = preview(facts, Complete(step.ref, *instants(facts, window.target, minutes)))
    was, now = dates(shown.before), dates(shown.after)
    assert {key: days[2] for key, days in was.items()} == {key: days[2] for key, days in now.items()}
    for pair in shown.diff.reviews:
        # After the first session nobody can photograph a baseline any more: it closes, with the day it had.
        is_closed = pair.after.key == "baseline"
        state = pair.after.state if is_closed else pair.before.state
        assert replace(pair.before, estimated=False, state=state) == replace(pair.after, estimated=False)
    for pair in shown.diff.restrictions:
        assert replace(pair.before, estimated=False) == replace(pair.after, estimated=False)


# --- There and back ------------------------------------------------------------------------------------------------


def there_and_back(facts, change, reverse):
    went = tried(facts, change).facts
    came = preview(went, reverse).facts
    assert picture_of(came).sessions == picture_of(facts).sessions
    assert picture_of(came).restrictions == picture_of(facts).restrictions
    assert picture_of(came).reviews == picture_of(facts).reviews
    return came


@few
@given(plans().map(renumbered_facts), st.data())
def test_a_pin_given_back_leaves_no_trace(facts, data):
    step = data.draw(st.sampled_from(to_come(facts)))
    assume(step.pinned is None)
    day = facts.today + DAY * data.draw(st.integers(0, 200))
    assert there_and_back(facts, Pin(step.ref, day), Pin(step.ref, None)) == facts


@few
@given(plans().map(renumbered_facts), st.data())
def test_a_session_skipped_and_taken_back_leaves_no_trace(facts, data):
    step = data.draw(st.sampled_from(to_come(facts)))
    there_and_back(facts, Skip(step.ref), TakeBack(step.ref))


@few
@given(plans().map(renumbered_facts), st.data())
def test_a_session_added_and_removed_leaves_no_trace(facts, data):
    key = data.draw(st.sampled_from(facts.course.components)).key
    added = tried(facts, Add((key,))).facts
    new = [step for step in added.steps if step.ref not in {known.ref for known in facts.steps}]
    assume(len(new) == 1)
    assume(new[0].parts == (new[0].parts[0],))
    assert preview(added, Remove(new[0].ref)).facts.steps == facts.steps


@few
@given(plans(pauses=False).map(renumbered_facts))
def test_a_pause_that_ends_on_its_first_day_leaves_no_trace(facts):
    there_and_back(facts, PauseFrom(facts.today), ResumeOn(facts.today))


@few
@given(plans(), st.integers(1, 40))
def test_a_rule_and_a_review_set_there_and_back_leave_no_trace(facts, number):
    facts = replace(facts, course=replace(facts.course, care_rules=(*facts.course.care_rules[:1], NO_DYE)))
    there_and_back(facts, ChangeRule(replace(NO_DYE, ends=Span(number, Unit.DAYS))), ChangeRule(NO_DYE))
    there_and_back(facts, MoveReview("month-3", Span(number, Unit.WEEKS)), MoveReview("month-3", Span(3, Unit.MONTHS)))


@few
@given(plans().map(renumbered_facts), st.data())
def test_another_version_and_the_old_one_again_leave_no_trace_when_nothing_was_cut(facts, data):
    new = data.draw(other_version(facts.course))
    counts = counts_of(facts.course, facts.steps)
    same = tuple(replace(p, sessions_usual=counts[p.key], sessions_max=counts[p.key]) for p in new.components)
    old = tuple(replace(p, sessions_max=max(p.sessions_max, counts[p.key])) for p in facts.course.components)
    facts = replace(facts, course=replace(facts.course, components=old))
    assume(all(counts.values()))
    came = there_and_back(facts, NewVersion(replace(new, components=same)), NewVersion(facts.course))
    assert came.steps == facts.steps


# --- Two orders ----------------------------------------------------------------------------------------------------


@few
@given(plans(), st.data())
def test_independent_changes_agree_in_either_order(facts, data):
    steps = [step.ref for step in to_come(facts)]
    assume(len(steps) > 1)
    first, second = data.draw(st.permutations(steps))[:2]
    day = facts.today + DAY * data.draw(st.integers(0, 100))
    one, other = data.draw(
        st.permutations(
            [
                Pin(first, day),
                Skip(second),
                ChangeRule(replace(NO_DYE, ends=Span(6, Unit.WEEKS))),
                MoveReview("month-6", Span(7, Unit.MONTHS)),
                SetAlongside(Alongside("minoxidil", Modality.MEDICAL, "Minoxidil", began_on=facts.today)),
            ]
        )
    )[:2]
    there = picture_of(other.applied(one.applied(facts)))
    back = picture_of(one.applied(other.applied(facts)))
    assert dates(there) == dates(back)
    assert there.reviews == back.reviews
    assert [(p.act, p.begins, p.ends) for p in there.restrictions] == [
        (p.act, p.begins, p.ends) for p in back.restrictions
    ]


# --- Restrictions --------------------------------------------------------------------------------------------------

gapless = plain_courses().map(lambda course: replace(course, least_gaps=()))


def covers(wide, narrow):
    """Whether whatever is forbidden in `narrow` is forbidden in `wide`."""
    return all(
        any(
            w.act == n.act and w.begins <= n.begins and (w.ends is None or (n.ends is not None and w.ends >= n.ends))
            for w in wide
        )
        for n in narrow
    )


def visits(facts):
    """What is given on which day, by ref."""
    windows = windows_of(facts)
    return {s.ref: (*s.parts, windows[s.number].target, s.booked_on) for s in facts.steps if s.is_held}


@few
@given(plans(gapless), st.data())
def test_one_more_session_never_frees_a_day(facts, data):
    shown = tried(facts, Add((data.draw(st.sampled_from(facts.course.components)).key,)))
    # A visit that gives one thing more lasts longer, and what follows from it begins with its end: not asked here.
    assume(visits(facts).items() <= visits(shown.facts).items())
    assert covers(shown.after.restrictions, shown.before.restrictions)


@few
@given(plans(), st.integers(29, 80))
def test_a_longer_rule_never_frees_a_day(facts, number):
    facts = replace(facts, course=replace(facts.course, care_rules=(NO_DYE,)))
    shown = preview(facts, ChangeRule(replace(NO_DYE, ends=Span(number, Unit.DAYS))))
    assert covers(shown.after.restrictions, shown.before.restrictions)
    assert dates(shown.after) == dates(shown.before)


@few
@given(plans(gapless, bookings=False), st.data())
def test_a_session_skipped_in_time_never_forbids_a_day(facts, data):
    step = data.draw(st.sampled_from(to_come(facts)))
    assume(windows_of(facts)[step.number].target >= facts.today)
    shown = preview(facts, Skip(step.ref))
    assert covers(shown.before.restrictions, shown.after.restrictions)
