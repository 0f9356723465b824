"""Appointments that no longer fit: each is listed, none without need, and every choice offered works."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clinic.rules.spans import Span
from plans.rules.cascade import preview
from plans.rules.changes import Complete, Move, Remove, Skip
from plans.rules.conflicts import Choice, ConflictKind
from plans.rules.course import CareKind, CarePhase, CareRule, Modality
from plans.rules.plan_changes import ChangeRule, MoveReview
from plans.rules.states import AppointmentState, SessionState
from tests.rules.courses import NO_DYE, SAME_DAY, STAGGERED, STANDARD
from tests.rules.plans import (
    booked,
    completed,
    few,
    instants,
    on_day,
    plain_courses,
    plan_of,
    plans,
    plans_and_changes,
    ref,
    refused,
    to_come,
    tried,
    windows_of,
)

MONDAY = date(2026, 10, 5)
LATE = date(2026, 10, 19)
gapless = plain_courses().map(lambda course: replace(course, least_gaps=()))


@few
@given(plans_and_changes())
def test_exactly_the_appointments_outside_their_windows_are_listed(case):
    shown = tried(*case)
    listed = {c.subject for c in shown.conflicts if c.kind is ConflictKind.OUTSIDE_WINDOW}
    elsewhere = {c.subject for c in shown.conflicts if c.kind is ConflictKind.IN_PAUSE}
    for ref_, view in shown.after.sessions.items():
        live = shown.facts.live(ref_)
        if live and view.state is SessionState.PLANNED and ref_ not in elsewhere:
            is_inside = view.window.earliest <= view.day <= view.window.latest
            assert (ref_ in listed) is not is_inside
    assert listed <= {b.subject for b in shown.facts.live_bookings()}


@st.composite
def troubled(draw):
    """A plan whose last session is booked, and a change its appointment may not survive."""
    facts = draw(plans(gapless).filter(lambda plan: any(not step.booked_on for step in to_come(plan))))
    step = [step for step in to_come(facts) if not step.booked_on][-1]
    facts = booked(facts, step.ref, max(windows_of(facts)[step.number].target, facts.today + timedelta(days=1)))
    late = facts.today + timedelta(days=draw(st.integers(0, 120)))
    return facts, draw(st.sampled_from([Skip(step.ref), Complete(to_come(facts)[0].ref, *instants(facts, late))]))


@few
@given(troubled(), st.data())
def test_every_choice_offered_works_and_no_other(case, data):
    facts, change = case
    shown = tried(facts, change)
    assume(shown.open)
    conflict = data.draw(st.sampled_from(shown.open))
    for word in Choice:
        choice = move_to(facts, conflict.first) if word is Choice.MOVE and conflict.first else str(word)
        if word not in conflict.choices:
            assert refused(facts, change, {conflict.subject: choice}) == "choice"
        elif word is not Choice.MOVE or conflict.first:
            decided = preview(facts, change, {conflict.subject: choice})
            assert conflict.subject not in {c.subject for c in decided.open}
            assert len((decided.facts.live(conflict.subject) and [1]) or []) == (word is not Choice.CANCEL)


@few
@given(plans_and_changes())
def test_deciding_everything_leaves_nothing_open(case):
    facts, change = case
    chosen, shown = {}, tried(facts, change)
    while shown.open:
        chosen |= {c.subject: "cancel" for c in shown.open}
        shown = preview(facts, change, chosen)
    assert set(chosen) == {c.subject for c in shown.conflicts if c.subject in chosen}
    assert not [b for b in shown.facts.live_bookings() if b.subject in chosen]


def move_to(facts, day):
    starts, ends = (instant + timedelta(hours=5) for instant in instants(facts, day))
    return f"move:{starts.isoformat()}/{ends.isoformat()}"


# --- By hand: sessions on 5 Oct, 9 Nov, 14 Dec, 18 Jan; the second is booked on its day -------------------------------


@pytest.fixture
def facts():
    return booked(plan_of(STANDARD, MONDAY), ref(2), date(2026, 11, 9))


def late(facts):
    return Complete(ref(1), *instants(facts, LATE))


def test_a_late_session_leaves_the_next_appointment_too_early(facts):
    shown = preview(facts, late(facts))
    (conflict,) = [c for c in shown.open if c.kind is ConflictKind.OUTSIDE_WINDOW]
    assert conflict.sentence == (
        "Session 2 is booked on Mon 9 Nov 2026; it belongs between Mon 16 Nov 2026 and Mon 30 Nov 2026. "
        "Exosome: 4 weeks to 6 weeks after session 1 (Mon 19 Oct 2026)."
    )
    assert (conflict.first, conflict.last) == (date(2026, 11, 16), date(2026, 11, 30))
    # Booked, it still counts for what follows: nobody has said that it moves.
    assert shown.after.sessions[ref(3)].window.target == date(2026, 12, 14)


@pytest.mark.parametrize(
    ("choice", "second", "third", "live"),
    [
        ("keep", date(2026, 11, 9), date(2026, 12, 14), True),
        ("cancel", None, date(2026, 12, 28), False),
        ("move:2026-11-17T10:00+08:00/2026-11-17T11:00+08:00", date(2026, 11, 17), date(2026, 12, 22), True),
    ],
)
def test_what_is_chosen_is_what_follows(facts, choice, second, third, live):
    shown = preview(facts, late(facts), {ref(2): choice})
    assert shown.after.sessions[ref(2)].day == second
    assert shown.after.sessions[ref(3)].window.target == third
    assert (shown.facts.live(ref(2)) is not None) is live
    assert ref(2) not in {c.subject for c in shown.open}


def test_the_patient_is_told_of_what_was_chosen(facts):
    def told(choice):
        letters = preview(facts, late(facts), {ref(2): choice}).after.letters
        return [str(letter.kind) for letter in letters if letter.kind.startswith("appointment")]

    assert told("move:2026-11-17T10:00+08:00/2026-11-17T11:00+08:00") == ["appointment_moved"]
    assert told("cancel") == ["appointment_cancelled"]


def test_a_time_that_does_not_fit_either_is_refused(facts):
    choice = {ref(2): "move:2026-11-10T10:00+08:00/2026-11-10T11:00+08:00"}
    assert refused(facts, late(facts), choice) == "choice"


@pytest.mark.parametrize(
    "times",
    [
        "",
        ":",
        ":tomorrow",
        ":2026-11-17T10:00/2026-11-17T11:00",
        ":2026-11-17T10:00+08:00",
        ":2026-11-17T11:00+08:00/2026-11-17T10:00+08:00",
        ":2026-10-04T10:00+08:00/2026-10-04T11:00+08:00",
        ":2200-01-01T10:00+08:00/2200-01-01T11:00+08:00",
    ],
)
def test_a_time_that_is_none_is_refused(facts, times):
    assert refused(facts, late(facts), {ref(2): f"move{times}"}) == "choice"


@pytest.mark.parametrize("choice", ["", "later", "KEEP", "cancelled"])
def test_a_word_that_is_no_choice_is_refused(facts, choice):
    assert refused(facts, late(facts), {ref(2): choice}) == "choice"


def test_a_choice_about_something_that_fits_is_refused(facts):
    """Whoever sends one anyway would cancel an appointment nobody asked about."""
    fine = booked(facts, ref(4), date(2027, 1, 18))
    assert refused(fine, late(facts), {ref(2): "keep", ref(4): "cancel"}) == "choice"
    assert refused(fine, Skip(ref(3)), {"nothing": "keep"}) == "choice"


def test_a_choice_that_brings_the_next_conflict_is_followed_to_its_end(facts):
    """Moved to 17 Nov, the second makes the third's appointment on 14 Dec a day too early: 4 weeks are 15 Dec."""
    both = booked(facts, ref(3), date(2026, 12, 14))
    move = "move:2026-11-17T10:00+08:00/2026-11-17T11:00+08:00"
    first = preview(both, late(both), {ref(2): move})
    assert [c.subject for c in first.open if c.kind is ConflictKind.OUTSIDE_WINDOW] == [ref(3)]
    second = preview(both, late(both), {ref(2): move, ref(3): "cancel"})
    assert [c.subject for c in second.open if c.kind is ConflictKind.OUTSIDE_WINDOW] == []
    assert second.facts.live(ref(3)) is None


def test_an_appointment_moved_back_into_its_window_frees_the_one_after_it(facts):
    """The third fits once the second is moved: it is not listed any more."""
    both = booked(facts, ref(3), date(2026, 12, 28))
    assert ref(3) in {c.subject for c in preview(both, late(both)).conflicts}
    move = "move:2026-11-23T10:00+08:00/2026-11-23T11:00+08:00"
    assert ref(3) not in {c.subject for c in preview(both, late(both), {ref(2): move}).conflicts}


@pytest.mark.parametrize("change", [Skip(ref(2)), Remove(ref(2))], ids=["skipped", "removed"])
def test_an_appointment_for_a_session_not_held_can_only_be_cancelled(facts, change):
    (conflict,) = preview(facts, change).open
    assert (conflict.kind, conflict.choices) == (ConflictKind.NOT_NEEDED, (Choice.CANCEL,))
    shown = preview(facts, change, {ref(2): "cancel"})
    assert shown.facts.bookings[0].facts.state is AppointmentState.CANCELLED
    assert (shown.open, shown.facts.live(ref(2))) == ((), None)
    assert refused(facts, change, {ref(2): "keep"}) == "choice"


def test_an_appointment_of_a_session_that_is_held_is_no_conflict(facts):
    shown = preview(facts, Complete(ref(2), *instants(facts, date(2026, 11, 9))))
    assert ref(2) not in {c.subject for c in shown.conflicts}
    assert shown.facts.live(ref(2)) is None


def test_a_first_appointment_brings_its_letters():
    facts = plan_of(STANDARD, MONDAY)
    shown = preview(facts, Move(ref(2), *instants(facts, date(2026, 11, 9))))
    assert [str(letter.kind) for letter in shown.after.letters if letter not in shown.before.letters] == [
        "appointment_booked", "pre_care_stop", "pre_care", "session_reminder",
    ]  # fmt: skip
    assert shown.after.sessions[ref(2)].day == date(2026, 11, 9)


def test_a_review_booked_outside_its_new_days(facts):
    facts = booked(completed(facts, 1, MONDAY), "month-3", date(2027, 1, 5))
    shown = preview(facts, MoveReview("month-3", Span.parse("5 months")))
    (conflict,) = [c for c in shown.open if c.kind is ConflictKind.REVIEW_OUTSIDE]
    assert conflict.sentence == (
        "The review “3 months” is booked on Tue 5 Jan 2027; it belongs between Fri 19 Feb 2027 and Fri 2 Apr 2027, "
        "counted from the first session."
    )
    assert preview(facts, MoveReview("month-3", Span.parse("5 months")), {"month-3": "cancel"}).open == ()


NO_EXOSOME = CareRule(
    "no-exosome", CarePhase.AFTER, CareKind.AVOID, "exosome", "No exosome for 5 days.", "S3",
    ends=Span.parse("5 days"), modalities=(Modality.PRP,),
)  # fmt: skip


def test_a_rule_over_a_treatment_that_is_booked():
    course = replace(STAGGERED, least_gaps=())
    facts = booked(booked(plan_of(course, MONDAY), ref(2), date(2026, 11, 6)), ref(3), date(2026, 11, 9))
    shown = preview(facts, ChangeRule(NO_EXOSOME))
    (conflict,) = [c for c in shown.open if c.kind is ConflictKind.RESTRICTED]
    # PRP ends on 6 Nov at 11:00, five days later it is 11 Nov at 11:00: the first whole day is 12 Nov.
    assert conflict.sentence == "Session 3: no exosome until Thu 12 Nov 2026. No exosome for 5 days."
    assert (conflict.subject, conflict.first, conflict.last) == (ref(3), date(2026, 11, 12), date(2026, 11, 16))


def test_a_review_without_a_baseline_is_said_and_asks_for_nothing():
    facts = plan_of(STANDARD, MONDAY)
    shown = preview(facts, Complete(ref(1), *instants(facts, MONDAY)))
    (conflict,) = shown.conflicts
    assert (conflict.kind, conflict.choices, shown.open) == (ConflictKind.NO_BASELINE, (), ())
    photos = tuple(replace(row, has_photos=row.key == "baseline") for row in facts.reviews)
    assert preview(replace(facts, reviews=photos), Complete(ref(1), *instants(facts, MONDAY))).conflicts == ()


def test_a_conflict_there_was_before_is_not_asked_about_again(facts):
    known = preview(facts, late(facts), {ref(2): "keep"}).facts
    again = preview(known, ChangeRule(replace(NO_DYE, ends=Span.parse("5 weeks"))))
    assert [c.is_new for c in again.conflicts if c.kind is ConflictKind.OUTSIDE_WINDOW] == [False]
    assert ref(2) not in {c.subject for c in again.open}


def test_a_window_that_is_over_has_no_day_to_move_to(facts):
    """Nobody is offered a slot in the past."""
    after = on_day(completed(facts, 1, LATE), date(2026, 12, 7))
    shown = preview(after, Skip(ref(4)))
    (conflict,) = [c for c in shown.conflicts if c.kind is ConflictKind.OUTSIDE_WINDOW]
    assert (conflict.first, conflict.last) == (None, None)


def test_same_day_parts_are_one_appointment():
    facts = booked(plan_of(SAME_DAY, MONDAY), ref(2), date(2026, 11, 9))
    shown = preview(facts, Skip(ref(2)))
    assert [c.subject for c in shown.open] == [ref(2)]
