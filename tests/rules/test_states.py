import pytest

from plans.rules.states import (
    APPOINTMENT_MOVES,
    PLAN_MOVES,
    REMINDER_MOVES,
    SESSION_MOVES,
    AppointmentState,
    PlanState,
    ReminderState,
    SessionState,
    may_move,
)


@pytest.mark.parametrize(
    ("moves", "states"),
    [
        (PLAN_MOVES, PlanState),
        (SESSION_MOVES, SessionState),
        (APPOINTMENT_MOVES, AppointmentState),
        (REMINDER_MOVES, ReminderState),
    ],
)
def test_every_state_says_where_it_may_go(moves, states):
    assert set(moves) == set(states)
    assert all(may_move(old, new) == (new in moves[old]) for old in states for new in states)


def test_a_letter_that_is_settled_never_returns_to_work():
    at_work = {ReminderState.PLANNED, ReminderState.CLAIMED, ReminderState.HANDED_OFF}
    for settled in set(ReminderState) - at_work:
        assert not REMINDER_MOVES[settled] & (at_work | {ReminderState.SENT})


def test_a_letter_is_sent_only_after_it_was_handed_off():
    assert [old for old in ReminderState if ReminderState.SENT in REMINDER_MOVES[old]] == [ReminderState.HANDED_OFF]


def test_a_missed_appointment_is_never_booked_again_itself():
    assert not may_move(AppointmentState.NO_SHOW, AppointmentState.BOOKED)
    assert not may_move(AppointmentState.CANCELLED, AppointmentState.BOOKED)


def test_words_of_two_kinds_of_state_do_not_mix():
    assert may_move(SessionState.PLANNED, SessionState.CANCELLED)
    assert not may_move(SessionState.PLANNED, ReminderState.CANCELLED)


def test_people_read_words():
    assert AppointmentState.NO_SHOW.label == "No-show"
    assert ReminderState.HANDED_OFF.label == "Handed off"
    assert PlanState.ACTIVE.label == "Active"
