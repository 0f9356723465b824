"""What a patient may do herself, which signs mean "call now", and when a source expects what."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from plans.rules.expect_when import Phase, expected_when
from plans.rules.own_choices import NOTHING, own_choices, wish_words
from plans.rules.signs import OTHERS, RED_FLAGS, SIGNS, known_signs, must_call_now
from plans.rules.states import AppointmentState

NOW = datetime(2026, 10, 5, 9, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def test_every_red_flag_of_the_sources_means_call_now_by_itself() -> None:
    assert {sign.key for sign in RED_FLAGS} == {
        "severe_pain", "high_fever", "discharge", "swelling_stays", "allergic",
    }  # fmt: skip
    for sign in RED_FLAGS:
        assert must_call_now([sign.key], since_session=None)
        assert must_call_now([sign.key, *(one.key for one in OTHERS)], since_session=DAY)


def test_the_usual_effects_are_no_alarm_and_have_their_course_and_source() -> None:
    assert not must_call_now([sign.key for sign in OTHERS], since_session=3 * DAY - SECOND)
    assert all(sign.usual and sign.source for sign in OTHERS)


def test_swelling_is_an_alarm_from_the_third_full_day_on() -> None:
    assert not must_call_now(["swelling"], since_session=3 * DAY - SECOND)
    assert must_call_now(["swelling"], since_session=3 * DAY)
    assert not must_call_now(["swelling"], since_session=None)
    assert not must_call_now(["redness"], since_session=9 * DAY)


def test_what_is_no_sign_of_ours_is_left_out() -> None:
    assert known_signs(["itching", "<script>", "discharge", "itching"]) == ("discharge", "itching")
    assert set(known_signs(SIGNS)) == set(SIGNS)


@pytest.mark.parametrize(
    ("before", "ahead", "herself"),
    [
        (24, 24 * 60, True), (24, 24 * 60 - 1, False), (0, 1, True), (48, 47 * 60, False), (None, 90 * 24 * 60, False),
    ],
)  # fmt: skip
def test_inside_the_places_hours_she_may_only_ask(before: int | None, ahead: int, herself: bool) -> None:
    starts = NOW + timedelta(minutes=ahead)
    choices = own_choices(AppointmentState.CONFIRMED, starts, NOW, may_ask_to_move=True, cancel_before=before)
    assert (choices.cancel, choices.ask_to_cancel, choices.ask_to_move) == (herself, True, True)


@pytest.mark.parametrize("state", AppointmentState)
def test_nothing_is_hers_once_it_began_or_once_she_is_there(state: AppointmentState) -> None:
    terms = {"may_ask_to_move": True, "cancel_before": 0}
    assert own_choices(state, NOW, NOW, **terms) == NOTHING
    waiting = state in (AppointmentState.BOOKED, AppointmentState.CONFIRMED)
    assert (own_choices(state, NOW + DAY, NOW, **terms) != NOTHING) is waiting


def test_what_suits_her_reads_as_the_desk_speaks() -> None:
    assert wish_words(["morning", "nonsense"], [3, 0, 3, 99]) == "Mondays and Thursdays, mornings"
    assert wish_words([], []) == ""
    assert len(wish_words(["morning", "afternoon", "evening"], range(7))) <= 300


FIRST = date(2026, 10, 31)


@pytest.mark.parametrize(
    ("when", "begins", "ends"),
    [
        ("2–4 weeks", date(2026, 11, 14), date(2026, 11, 28)),
        ("3–6 months", date(2027, 1, 31), date(2027, 4, 30)),  # a month's end stays one
        ("after 6 months", date(2027, 4, 30), None),
        ("about 12 months", date(2027, 10, 1), date(2027, 11, 30)),
    ],
)
def test_a_sources_time_is_counted_from_the_first_session(when: str, begins: date, ends: date | None) -> None:
    expected = expected_when(when, FIRST)
    assert expected is not None
    assert (expected.begins, expected.ends) == (begins, ends)
    assert expected.phase(begins - DAY) is Phase.LATER
    assert expected.phase(begins) is Phase.NOW
    assert ends is None or expected.phase(ends) is Phase.PAST


def test_words_that_are_no_time_are_not_counted() -> None:
    assert expected_when("1–3 sessions", FIRST) is None
