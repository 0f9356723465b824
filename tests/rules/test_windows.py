from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.refusal import Refusal
from clinic.rules.spans import Span, later
from plans.rules.course import LeastGap, Maintenance, Modality
from plans.rules.layout import lay_out
from plans.rules.states import SessionState
from plans.rules.steps import Part, Step, StepKind
from plans.rules.windows import session_windows
from tests.rules.courses import EXOSOME, PRP, SAME_DAY, STAGGERED, STANDARD, courses, days, interval

MONDAY = date(2026, 10, 5)
DONE, SKIPPED = SessionState.DONE, SessionState.SKIPPED


def windows_of(course, steps=None, starts_on=MONDAY):
    return session_windows(course, steps if steps is not None else lay_out(course), starts_on=starts_on)


def with_step(steps, number, **changes):
    return tuple(replace(step, **changes) if step.number == number else step for step in steps)


@st.composite
def histories(draw):
    """A course under way: some sessions done, booked, skipped, pinned, on any day, in any order."""
    course, starts_on = draw(courses()), draw(days)
    nearby = st.integers(-60, 400).map(lambda n: starts_on + timedelta(days=n))
    steps = []
    for step in lay_out(course):
        fate = draw(st.sampled_from(["planned", "planned", "done", "booked", "skipped", "cancelled", "pinned"]))
        changes = {
            "planned": dict,
            "done": lambda: {"state": DONE, "done_on": draw(nearby)},
            "booked": lambda: {"booked_on": draw(nearby)},
            "skipped": lambda: {"state": SKIPPED},
            "cancelled": lambda: {"state": SessionState.CANCELLED},
            "pinned": lambda: {"pinned": draw(nearby)},
        }[fate]()
        steps.append(replace(step, **changes))
    return course, tuple(steps), starts_on


def modalities(course, step):
    return {course.component(part.component).modality for part in step.parts}


# --- Order ---------------------------------------------------------------------------------------------------------


@given(histories())
def test_windows_are_ordered_whatever_happened(history):
    course, steps, starts_on = history
    windows = windows_of(course, steps, starts_on)
    counted = [step for step in steps if step.state is not SessionState.CANCELLED]
    assert set(windows) == {step.number for step in counted}
    for step in counted:
        window = windows[step.number]
        assert window.earliest <= window.calculated <= window.latest
        assert window.target == (step.pinned or window.calculated)
        if not window.earliest <= window.target <= window.latest:
            assert "set by hand" in window.notes[-1]


@given(courses(), days)
def test_the_sessions_of_a_component_follow_each_other(course, starts_on):
    steps = lay_out(course)
    windows = windows_of(course, steps, starts_on)
    for component in course.components:
        own = [step for step in steps if any(part.component == component.key for part in step.parts)]
        assert [p.ordinal for s in own for p in s.parts if p.component == component.key] == list(range(1, len(own) + 1))
        for earlier, later_one in pairwise(own):
            assert windows[earlier.number].target < windows[later_one.number].target


@given(histories())
def test_a_session_without_a_day_keeps_every_least_gap_to_what_lies_before_it(history):
    course, steps, starts_on = history
    windows = windows_of(course, steps, starts_on)
    held = [step for step in steps if step.state in (SessionState.PLANNED, DONE)]
    days_held = {step.number: step.done_on or step.booked_on or windows[step.number].target for step in held}
    free = [step for step in held if not (step.done_on or step.booked_on or step.pinned)]
    for step, other in ((step, other) for step in free for other in held if other is not step):
        for gap in course.least_gaps:
            mine, theirs = modalities(course, step), modalities(course, other)
            if (gap.first in mine and gap.second in theirs) or (gap.first in theirs and gap.second in mine):
                at = days_held[other.number]
                assert days_held[step.number] >= later(at, gap.span) or days_held[step.number] < at


# --- What really happened ------------------------------------------------------------------------------------------


@given(courses(), days, st.data())
def test_completing_on_target_changes_nothing(course, starts_on, data):
    steps = lay_out(course)
    windows = windows_of(course, steps, starts_on)
    done = data.draw(st.sets(st.sampled_from([step.number for step in steps])))
    for number in done:
        steps = with_step(steps, number, state=DONE, done_on=windows[number].target)
    assert windows_of(course, steps, starts_on) == windows


@given(courses(), days, st.data())
def test_booking_on_target_changes_nothing(course, starts_on, data):
    steps = lay_out(course)
    windows = windows_of(course, steps, starts_on)
    number = data.draw(st.sampled_from([step.number for step in steps]))
    steps = with_step(steps, number, booked_on=windows[number].target)
    assert windows_of(course, steps, starts_on) == windows


@given(st.integers(1, 6), days, st.integers(2, 12))
def test_monthly_targets_never_drift(months, starts_on, sessions):
    monthly = replace(EXOSOME, sessions_usual=sessions, interval=interval(*[f"{months} months"] * 3))
    windows = windows_of(replace(STANDARD, components=(monthly,)), starts_on=starts_on)
    for number in range(1, sessions + 1):
        assert windows[number].target == later(starts_on, Span.parse(f"{(number - 1) * months} months"))


def test_monthly_sessions_keep_the_31st_when_each_is_done_on_its_day():
    monthly = replace(EXOSOME, interval=interval("1 month", "1 month", "2 months"))
    course = replace(STANDARD, components=(monthly,))
    steps = lay_out(course)
    for number, day in [(1, date(2027, 1, 31)), (2, date(2027, 2, 28)), (3, date(2027, 3, 31))]:
        assert windows_of(course, steps, date(2027, 1, 31))[number].target == day
        steps = with_step(steps, number, state=DONE, done_on=day)
    assert windows_of(course, steps, date(2027, 1, 31))[4].target == date(2027, 4, 30)


def test_the_standard_course_by_hand():
    windows = windows_of(STANDARD)
    assert [windows[n].target for n in (1, 2, 3, 4)] == [
        MONDAY, date(2026, 11, 9), date(2026, 12, 14), date(2027, 1, 18),
    ]  # fmt: skip
    assert (windows[1].earliest, windows[1].latest) == (MONDAY, date(2026, 10, 19))
    assert (windows[2].earliest, windows[2].latest) == (date(2026, 11, 2), date(2026, 11, 16))
    assert windows[2].basis == "Exosome: 4 weeks to 6 weeks after session 1 (Mon 5 Oct 2026)"


def test_a_late_session_moves_all_that_follow():
    steps = with_step(lay_out(STANDARD), 1, state=DONE, done_on=MONDAY)
    steps = with_step(steps, 2, state=DONE, done_on=date(2026, 11, 19))
    windows = windows_of(STANDARD, steps)
    assert (windows[2].target, windows[2].latest) == (date(2026, 11, 9), date(2026, 11, 16))
    assert (windows[3].earliest, windows[3].target) == (date(2026, 12, 17), date(2026, 12, 24))
    assert windows[4].target == date(2027, 1, 28)


def test_an_appointment_counts_until_the_session_is_done():
    booked = with_step(lay_out(STANDARD), 1, booked_on=date(2026, 10, 8))
    assert windows_of(STANDARD, booked)[2].target == date(2026, 11, 12)
    done = with_step(booked, 1, state=DONE, done_on=date(2026, 10, 7))
    assert windows_of(STANDARD, done)[2].target == date(2026, 11, 11)


def test_a_skipped_session_keeps_the_rhythm():
    skipped = with_step(lay_out(STANDARD), 2, state=SKIPPED, booked_on=date(2026, 11, 30))
    assert windows_of(STANDARD, skipped) == windows_of(STANDARD)


def test_a_pinned_target_is_kept_beside_the_calculated_one():
    windows = windows_of(STANDARD, with_step(lay_out(STANDARD), 2, pinned=date(2026, 11, 12)))
    assert (windows[2].target, windows[2].calculated, windows[2].notes) == (date(2026, 11, 12), date(2026, 11, 9), ())
    assert windows[3].target == date(2026, 12, 17)


def test_a_pinned_target_outside_its_window_is_kept_and_said():
    window = windows_of(STANDARD, with_step(lay_out(STANDARD), 2, pinned=date(2026, 10, 26)))[2]
    assert window.target == date(2026, 10, 26)
    assert window.notes == ("The target set by hand, Mon 26 Oct 2026, is outside Mon 2 Nov 2026 to Mon 16 Nov 2026.",)


# --- Combinations --------------------------------------------------------------------------------------------------


def test_components_on_the_same_day_share_sessions_while_both_have_some_left():
    steps = lay_out(SAME_DAY, {"exosome": 4, "prp": 3})
    assert [{part.component: part.ordinal for part in step.parts} for step in steps] == [
        {"exosome": 1, "prp": 1}, {"exosome": 2, "prp": 2}, {"exosome": 3, "prp": 3}, {"exosome": 4},
    ]  # fmt: skip
    assert [step.number for step in steps] == [1, 2, 3, 4]


def test_a_guest_with_more_sessions_goes_on_alone():
    steps = lay_out(SAME_DAY, {"exosome": 1, "prp": 3})
    assert [step.parts for step in steps[1:]] == [(Part("prp", 2),), (Part("prp", 3),)]


def test_staggered_components_alternate_in_the_order_of_their_targets():
    steps = lay_out(STAGGERED)
    assert [step.parts[0] for step in steps[:4]] == [
        Part("exosome", 1), Part("prp", 1), Part("exosome", 2), Part("prp", 2),
    ]  # fmt: skip
    windows = windows_of(STAGGERED, steps)
    assert [windows[n].target for n in (1, 2, 3, 4)] == [
        MONDAY, date(2026, 10, 19), date(2026, 11, 9), date(2026, 11, 23),
    ]  # fmt: skip
    assert all(not window.notes for window in windows.values())


def test_a_least_gap_pushes_the_next_session_and_says_why():
    late = with_step(lay_out(STAGGERED), 2, state=DONE, done_on=date(2026, 11, 6))
    window = windows_of(STAGGERED, late)[3]
    assert (window.earliest, window.target) == (date(2026, 11, 13), date(2026, 11, 13))
    assert window.notes == (
        "Not before Fri 13 Nov 2026: at least 1 week between exosome and PRP, and session 2 is on Fri 6 Nov 2026.",
    )


def test_a_session_done_out_of_order_keeps_its_distance_too():
    steps = with_step(lay_out(STAGGERED), 3, state=DONE, done_on=date(2026, 10, 20))
    window = windows_of(STAGGERED, steps)[2]
    assert window.earliest == window.target == date(2026, 10, 27)


def test_parts_that_cannot_meet_say_so_and_keep_the_later_day():
    slow = replace(PRP, shares_visit_with="exosome", interval=interval("8 weeks", "8 weeks", "9 weeks"))
    window = windows_of(replace(SAME_DAY, components=(EXOSOME, slow)))[2]
    assert window.earliest == window.target == window.latest == date(2026, 11, 30)
    assert "given together" in window.notes[0]


def test_components_that_name_each_other_still_share_their_visits():
    both = (replace(EXOSOME, shares_visit_with="prp"), replace(PRP, shares_visit_with="exosome"))
    assert [len(step.parts) for step in lay_out(replace(SAME_DAY, components=both))] == [2, 2, 2, 2]


def test_three_components_in_a_chain_share_one_visit():
    third = replace(PRP, key="meso", modality=Modality.MESOTHERAPY, shares_visit_with="prp")
    for order in ((0, 1, 2), (2, 1, 0)):
        chain = [*SAME_DAY.components, third]
        steps = lay_out(replace(SAME_DAY, components=tuple(chain[i] for i in order)))
        assert [len(step.parts) for step in steps] == [3, 3, 3, 3]


@given(courses(), st.data())
def test_every_session_asked_for_is_laid_out_once(course, data):
    counts = {c.key: data.draw(st.integers(1, 10)) for c in course.components}
    parts = [part for step in lay_out(course, counts) for part in step.parts]
    assert sorted((p.component, p.ordinal) for p in parts) == sorted(
        (key, ordinal) for key, count in counts.items() for ordinal in range(1, count + 1)
    )


@pytest.mark.parametrize("count", [0, -1, 61])
def test_an_impossible_number_of_sessions_is_refused(count):
    with pytest.raises(Refusal) as refused:
        lay_out(STANDARD, {"exosome": count})
    assert refused.value.code == "session_count"
    assert refused.value.sentence == f"A course of exosome has between 1 and 60 sessions, not {count}."


def test_one_and_sixty_sessions_are_allowed():
    assert [len(lay_out(STANDARD, {"exosome": count})) for count in (1, 60)] == [1, 60]


def test_a_gap_within_one_treatment_is_kept():
    course = replace(STANDARD, least_gaps=(LeastGap(Modality.EXOSOME, Modality.EXOSOME, Span.parse("6 weeks")),))
    assert windows_of(course)[2].target == date(2026, 11, 16)


# --- Maintenance ---------------------------------------------------------------------------------------------------

UPKEEP = Maintenance(Span.parse("6 months"), Span.parse("6 months"), Span.parse("12 months"))


def test_a_booster_in_the_plan_follows_the_maintenance_rule():
    course = replace(STANDARD, maintenance=UPKEEP)
    booster = Step(5, (Part("exosome", 5),), kind=StepKind.BOOSTER)
    window = windows_of(course, (*lay_out(course), booster))[5]
    assert (window.earliest, window.latest) == (date(2027, 7, 18), date(2028, 1, 18))
