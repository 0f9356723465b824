from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from plans.rules.calendar_grid import TRACKS, Place, gaps, rows_of, shown_hours, side_by_side
from plans.rules.calendar_look import DAY, LIST, ROOM, WEEK, Look

NINE, SEVEN = 9 * 60, 19 * 60
SHOWN = (NINE, SEVEN)
SPANS = st.lists(
    st.tuples(st.integers(0, 23 * 60), st.integers(5, 180)).map(lambda one: (one[0], min(one[0] + one[1], 1440))),
    max_size=25,
)


# -- rows and tracks ---------------------------------------------------------------------------------------------------
def test_hours_run_from_the_earliest_to_the_latest_in_whole_hours() -> None:
    assert shown_hours([(9 * 60, 18 * 60), (8 * 60 + 45, 10 * 60), (17 * 60, 18 * 60 + 5)]) == (8 * 60, 19 * 60)


def test_a_day_without_anything_shows_the_usual_hours() -> None:
    assert shown_hours([]) == (9 * 60, 17 * 60)


def test_the_first_five_minutes_are_the_first_row() -> None:
    assert rows_of((NINE, NINE + 45), SHOWN) == Place(1, 9)
    assert rows_of((NINE + 62, NINE + 63), SHOWN) == Place(13, 1)


def test_what_is_outside_the_hours_shown_is_cut_or_left_out() -> None:
    assert rows_of((8 * 60, 10 * 60), SHOWN) == Place(1, 12)
    assert rows_of((7 * 60, 9 * 60), SHOWN) is None


def test_one_alone_has_the_whole_width() -> None:
    assert side_by_side([(NINE, NINE + 60)], [False], SHOWN) == [Place(1, 12, 1, TRACKS)]


def test_back_to_back_they_do_not_stand_beside_each_other() -> None:
    one, two = side_by_side([(NINE, NINE + 60), (NINE + 60, NINE + 120)], [False, False], SHOWN)
    assert one and two
    assert (one.tracks, two.tracks) == (TRACKS, TRACKS)


def test_two_at_once_share_the_width() -> None:
    one, two = side_by_side([(NINE, NINE + 60), (NINE + 30, NINE + 90)], [False, False], SHOWN)
    assert one and two
    assert [(one.track, one.tracks), (two.track, two.tracks)] == [(1, 6), (7, 6)]


def test_whoever_did_not_come_stands_narrow_beside_whoever_came_instead() -> None:
    missed, came = side_by_side([(NINE, NINE + 60), (NINE, NINE + 60)], [True, False], SHOWN)
    assert missed and came
    assert (came.track, came.tracks) == (1, 9)
    assert (missed.track, missed.tracks) == (10, 3)


def test_whoever_did_not_come_alone_has_the_whole_width() -> None:
    assert side_by_side([(NINE, NINE + 60)], [True], SHOWN) == [Place(1, 12, 1, TRACKS)]


@given(SPANS, st.data())
def test_nothing_lies_on_anything_else_and_nothing_leaves_its_column(
    spans: list[tuple[int, int]], data: st.DataObject
) -> None:
    beside = data.draw(st.lists(st.booleans(), min_size=len(spans), max_size=len(spans)))
    shown = shown_hours(spans)
    placed = [place for place in side_by_side(spans, beside, shown) if place]
    assert len(placed) == len(spans)
    for place in placed:
        assert 1 <= place.track <= place.track + place.tracks - 1 <= TRACKS
        assert 1 <= place.row <= place.row + place.rows - 1 <= (shown[1] - shown[0]) // 5
    if crowd(placed) <= 3:  # three of those who came, three of those who did not: more have to share a lane
        for number, one in enumerate(placed):
            assert not any(meet(one, other) for other in placed[number + 1 :])


def crowd(placed: list[Place]) -> int:
    return max((sum(p.row <= row < p.row + p.rows for p in placed) for row in range(1, 289)), default=0)


def meet(one: Place, other: Place) -> bool:
    down = one.row < other.row + other.rows and other.row < one.row + one.rows
    return down and one.track < other.track + other.tracks and other.track < one.track + one.tracks


def test_between_two_open_periods_is_a_break() -> None:
    assert gaps([(540, 780), (840, 1080)]) == ((780, 840),)
    assert gaps([(540, 1080)]) == ()


# -- how somebody looks ------------------------------------------------------------------------------------------------
WHO = uuid4()


def read(kept: dict[str, object] | None = None, is_phone: bool = False, **asked: str) -> Look:
    return Look.read({name: [value] for name, value in asked.items()}, kept or {}, is_phone=is_phone)


def test_without_a_wish_it_is_the_day_and_on_a_telephone_the_list() -> None:
    assert read().view == DAY
    assert read(is_phone=True).view == LIST
    assert read(is_phone=True, view=WEEK).view == WEEK


def test_what_was_kept_stands_until_something_else_is_asked_for() -> None:
    kept = Look(WEEK, None, WHO, ROOM, (WHO,)).to_json()
    assert read(kept) == Look(WEEK, None, WHO, ROOM, (WHO,))
    assert read(kept, view=DAY) == Look(DAY, None, WHO, ROOM, (WHO,))
    assert read(kept, location="") == Look(WEEK, None, None, ROOM, ())


def test_turning_from_rooms_to_people_shows_all_of_them() -> None:
    kept = Look(DAY, None, None, ROOM, (WHO,)).to_json()
    assert read(kept, by="practitioner").who == ()


def test_the_day_is_never_kept() -> None:
    assert "day" not in Look(day=date(2026, 11, 23)).to_json()


def test_nonsense_is_as_if_nothing_had_been_said() -> None:
    nonsense = {"view": 3, "by": [], "location": "x", "who": "y"}
    assert read(nonsense, view="month", day="soon", by="dog", who="me", location="there") == Look()


def test_an_address_says_everything_so_that_somebody_else_sees_the_same() -> None:
    look = Look(WEEK, date(2026, 11, 23), WHO, ROOM, (WHO,))
    said = dict(part.split("=") for part in look.ask()[1:].split("&"))
    assert Look.read({name: [value] for name, value in said.items()}, {"view": LIST}, is_phone=False) == look


@given(st.dates(date(2000, 1, 1), date(2099, 12, 1)))
def test_a_week_begins_on_monday_and_holds_the_day(day: date) -> None:
    days = Look(WEEK, day).days(day)
    assert days[0].weekday() == 0
    assert day in days
    assert [one - days[0] for one in days] == [timedelta(number) for number in range(7)]
