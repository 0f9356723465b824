from __future__ import annotations

from datetime import date, time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.rules.wishes import Wishes

DR_X, DR_Y = UUID(int=1), UUID(int=2)
NAMES = {DR_X: "Dr X", DR_Y: "Dr Y"}
TUESDAY = date(2026, 11, 3)

wishes = st.builds(
    Wishes,
    weekdays=st.frozensets(st.integers(0, 6)),
    begins=st.none() | st.times(),
    until=st.none() | st.times(),
    practitioners=st.frozensets(st.uuids(), max_size=3),
)


def test_nothing_wished_suits_everything():
    assert Wishes().are_none
    assert Wishes().suit_day(TUESDAY) and Wishes().suit_clock(time(3)) and Wishes().suit_person(DR_X)
    assert Wishes().in_words(NAMES) == "any time"


def test_the_hour_counts_from_its_begin_and_until_before_its_end():
    mornings = Wishes(begins=time(9), until=time(12))
    assert [mornings.suit_clock(time(*at)) for at in ((8, 59), (9, 0), (11, 59), (12, 0))] == [False, True, True, False]


def test_a_day_and_a_person_are_wished_by_being_named():
    assert Wishes(weekdays=frozenset({1})).suit_day(TUESDAY)
    assert not Wishes(weekdays=frozenset({0, 2})).suit_day(TUESDAY)
    assert not Wishes(practitioners=frozenset({DR_Y})).suit_person(DR_X)


def test_wishes_read_as_a_sentence_would_say_them():
    all_of_it = Wishes(frozenset({1, 3}), time(8), time(12), frozenset({DR_Y, DR_X}))
    assert all_of_it.in_words(NAMES) == "Tuesdays and Thursdays, between 08:00 and 12:00, with Dr X or Dr Y"
    assert Wishes(until=time(12)).in_words({}) == "before 12:00"
    assert Wishes(begins=time(17, 30)).in_words({}) == "from 17:30"


def test_each_wish_can_be_given_up_alone():
    whole = Wishes(frozenset({1}), time(8), time(12), frozenset({DR_X}))
    assert whole.with_any_weekday() == Wishes(frozenset(), time(8), time(12), frozenset({DR_X}))
    assert whole.with_any_hour() == Wishes(frozenset({1}), None, None, frozenset({DR_X}))
    assert whole.with_anybody() == Wishes(frozenset({1}), time(8), time(12))


@given(wishes)
def test_wishes_survive_being_written_down(wish):
    assert Wishes.from_json(wish.to_json()) == wish


@pytest.mark.parametrize("raw", [{"weekdays": [7]}, {"begins": "noon"}, {"practitioners": ["nobody"]}])
def test_what_is_no_wish_is_refused(raw):
    with pytest.raises(ValueError):
        Wishes.from_json(raw)
