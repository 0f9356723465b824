"""A pause makes what is to come later by exactly its days, and nothing is planned into it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clinic.rules.spans import Span, Unit, later
from plans.rules.cascade import preview
from plans.rules.changes import Complete, Pin
from plans.rules.conflicts import ConflictKind
from plans.rules.plan_changes import AddBooster, PauseFrom, ResumeOn
from plans.rules.rhythm import Pause, after_pauses, beyond_pauses
from plans.rules.states import PlanState
from tests.rules.courses import EXOSOME, STAGGERED, STANDARD, interval
from tests.rules.plans import (
    UPKEEP,
    booked,
    completed,
    few,
    instants,
    on_day,
    plain_courses,
    plan_of,
    plans,
    ref,
    refused,
    stored,
    to_come,
    tried,
    windows_of,
)

MONDAY = date(2026, 10, 5)
DAY = timedelta(days=1)


def paused(facts, begins, ends):
    there = preview(on_day(facts, begins), PauseFrom(begins)).facts
    return preview(there, ResumeOn(ends)).facts


def in_days_and_weeks(course):
    """Months counted from a later day may be longer or shorter: only days and weeks shift exactly."""
    parts = [
        replace(
            part,
            starts=Span(part.starts.number, Unit.WEEKS),
            interval=replace(
                part.interval,
                **{n: Span(getattr(part.interval, n).number, Unit.WEEKS) for n in ("earliest", "target", "latest")},
            ),
        )
        for part in course.components
    ]
    return replace(course, components=tuple(parts), least_gaps=(), maintenance=None)


@few
@given(plans(plain_courses().map(in_days_and_weeks), pins=False, bookings=False, pauses=False), st.integers(0, 300))
def test_a_pause_shifts_what_is_to_come_by_exactly_its_days(facts, number):
    before = {step.ref: windows_of(facts)[step.number].target for step in to_come(facts)}
    assume(all(target >= facts.today for target in before.values()))
    after = paused(facts, facts.today, facts.today + DAY * number)
    windows = {step.ref: windows_of(after)[step.number].target for step in after.steps if step.is_to_do}
    assert windows == {key: target + DAY * number for key, target in before.items()}


@few
@given(plans(pins=False, pauses=False), st.integers(0, 300))
def test_nothing_without_an_appointment_is_placed_into_a_pause(facts, number):
    begins, ends = facts.today, facts.today + DAY * number
    after = paused(facts, begins, ends)
    windows = windows_of(after)
    for step in after.steps:
        if step.is_to_do and not step.booked_on:
            assert not begins <= windows[step.number].target < ends
            assert windows[step.number].earliest <= windows[step.number].target <= windows[step.number].latest


@few
@given(plans(pins=False, bookings=False, pauses=False), st.integers(0, 100))
def test_going_on_later_never_makes_anything_earlier(facts, number):
    short = paused(facts, facts.today, facts.today + DAY * number)
    longer = paused(facts, facts.today, facts.today + DAY * (number + 7))
    short_days = {s.ref: windows_of(short)[s.number].target for s in short.steps if s.is_to_do}
    for step in longer.steps:
        if step.is_to_do:
            assert windows_of(longer)[step.number].target >= short_days[step.ref]


@few
@given(plans(pauses=False), st.integers(0, 60))
def test_whatever_is_booked_while_the_plan_stands_still_has_to_be_cancelled(facts, number):
    begins = facts.today
    shown = tried(facts, PauseFrom(begins))
    inside = {b.subject for b in facts.live_bookings() if b.facts.starts >= facts.now}
    assert {c.subject for c in shown.conflicts if c.kind is ConflictKind.IN_PAUSE} >= inside
    assert all([str(word) for word in c.choices] == ["cancel"] for c in shown.open)


MONTHLY = replace(EXOSOME, sessions_usual=60, sessions_max=60, interval=interval("1 month", "1 month", "2 months"))


@few
@given(st.dates(date(2024, 1, 28), date(2024, 1, 31)), st.integers(0, 40), st.integers(1, 70))
def test_sixty_months_do_not_drift_over_a_pause(starts_on, at, length):
    """Each is held on its day; after the pause all are later by its days, counted from the first day of all."""
    facts = plan_of(replace(STANDARD, components=(MONTHLY,)), starts_on)
    shift = timedelta(0)
    for number in range(1, 61):
        target = windows_of(facts)[number].target
        assert target == later(starts_on, Span(number - 1, Unit.MONTHS)) + shift
        facts = completed(on_day(facts, target), number, target)
        if number == at:
            facts = paused(facts, target + DAY, target + DAY * (1 + length))
            shift = DAY * length


def test_boosters_do_not_drift_from_the_31st():
    facts = plan_of(replace(STANDARD, maintenance=UPKEEP), date(2026, 8, 31), counts={"exosome": 1})
    facts = completed(facts, 1, date(2026, 8, 31))
    for number, day in ((2, date(2027, 2, 28)), (3, date(2027, 8, 31)), (4, date(2028, 2, 29)), (5, date(2028, 8, 31))):
        facts, _ = stored(preview(facts, AddBooster(("exosome",))).facts)
        (new,) = to_come(facts)
        assert (new.number, windows_of(facts)[number].target) == (number, day)
        facts = Complete(new.ref, *instants(facts, day)).applied(on_day(facts, day))


# --- By hand -------------------------------------------------------------------------------------------------------


def test_three_weeks_across_a_session_and_on_again():
    """Sessions on Mon 5 Oct, 9 Nov, 14 Dec, 18 Jan. Paused from Mon 2 Nov to Mon 23 Nov: three weeks."""
    facts = on_day(completed(plan_of(STANDARD, MONDAY), 1, MONDAY), date(2026, 11, 2))
    still = preview(facts, PauseFrom(date(2026, 11, 2)))
    assert (still.facts.state, still.facts.paused_since) == (PlanState.PAUSED, date(2026, 11, 2))
    assert still.diff.is_empty
    after = preview(on_day(still.facts, date(2026, 11, 20)), ResumeOn(date(2026, 11, 23))).facts
    windows = windows_of(after)
    # Earliest 2 Nov lies on the pause's first day already, so it is later, too.
    assert (windows[2].earliest, windows[2].target, windows[2].latest) == (
        date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 7),
    )  # fmt: skip
    assert [windows[number].target for number in (3, 4)] == [date(2027, 1, 4), date(2027, 2, 8)]


def test_a_first_session_waits_through_a_pause_with_all_its_slack():
    facts = paused(plan_of(STANDARD, MONDAY), MONDAY + DAY, MONDAY + 22 * DAY)
    window = windows_of(facts)[1]
    assert (window.earliest, window.latest) == (MONDAY, MONDAY + timedelta(days=14 + 21))


def test_a_least_gap_that_ends_in_a_pause_waits_until_the_plan_goes_on():
    facts = plan_of(STAGGERED, MONDAY)
    facts = completed(completed(facts, 1, MONDAY), 2, date(2026, 11, 7))
    # Exosome 2 was due on 9 Nov; a week after PRP is 14 Nov, which lies in the pause.
    after = paused(facts, date(2026, 11, 10), date(2026, 12, 1))
    assert windows_of(after)[3].target == date(2026, 12, 1)


def test_a_day_set_by_hand_inside_a_pause_is_kept_and_said():
    facts = Pin(ref(2), date(2026, 11, 10)).applied(completed(plan_of(STANDARD, MONDAY), 1, MONDAY))
    window = windows_of(paused(facts, date(2026, 11, 2), date(2026, 11, 23)))[2]
    assert (window.target, window.calculated) == (date(2026, 11, 10), date(2026, 11, 30))
    assert window.notes == (
        "The target set by hand, Tue 10 Nov 2026, lies in a pause: the plan goes on on Mon 23 Nov 2026.",
    )


def test_an_appointment_in_the_pause_can_only_be_cancelled():
    facts = booked(completed(plan_of(STANDARD, MONDAY), 1, MONDAY), ref(2), date(2026, 11, 9))
    facts = on_day(facts, date(2026, 11, 2))
    (conflict,) = preview(facts, PauseFrom(date(2026, 11, 2))).open
    assert (conflict.kind, conflict.sentence) == (
        ConflictKind.IN_PAUSE,
        "Session 2 is booked on Mon 9 Nov 2026, while the plan stands still.",
    )
    shown = preview(facts, PauseFrom(date(2026, 11, 2)), {ref(2): "cancel"})
    assert shown.open == ()
    assert list(shown.facts.live_bookings()) == []
    for other in ("keep", "move:2026-12-01T10:00+08:00/2026-12-01T11:00+08:00"):
        assert refused(facts, PauseFrom(date(2026, 11, 2)), {ref(2): other}) == "choice"


def test_an_appointment_made_before_a_plan_goes_on_is_in_the_pause():
    facts = paused(completed(plan_of(STANDARD, MONDAY), 1, MONDAY), date(2026, 11, 2), date(2026, 11, 23))
    shown = preview(booked(facts, ref(2), date(2026, 11, 20)), Pin(ref(3), date(2027, 1, 5)))
    assert [c.kind for c in shown.conflicts if c.subject == ref(2)] == [ConflictKind.IN_PAUSE]


@pytest.mark.parametrize(
    ("base", "day", "expected"),
    [
        (date(2026, 10, 1), date(2026, 10, 9), date(2026, 10, 9)),
        (date(2026, 10, 1), date(2026, 10, 10), date(2026, 10, 20)),
        (date(2026, 10, 15), date(2026, 10, 16), date(2026, 10, 21)),
        (date(2026, 10, 20), date(2026, 10, 25), date(2026, 10, 25)),
        (date(2026, 10, 1), date(2026, 10, 22), date(2026, 11, 3)),
    ],
    ids=["before it", "on its first day", "counted from inside", "counted from its end", "into the next pause"],
)
def test_days_shift_by_the_pauses_between(base, day, expected):
    pauses = (Pause(date(2026, 10, 10), date(2026, 10, 20)), Pause(date(2026, 11, 1), date(2026, 11, 3)))
    assert after_pauses(base, day, pauses) == expected


def test_only_a_day_inside_a_pause_goes_to_its_end():
    pauses = (Pause(date(2026, 10, 10), date(2026, 10, 20)),)
    found = [beyond_pauses(date(2026, 10, day), pauses).day for day in (9, 10, 19, 20)]
    assert found == [9, 20, 20, 20]
