from __future__ import annotations

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from plans.rules.timeline import Drawing, Entry, Mark, Placed, Row, draw
from plans.rules.timeline_axis import LEFT, RIGHT

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
START = float(date(2026, 10, 5).toordinal())
FIVE_YEARS = 5 * 365


def drawn(*rows: Row, days: float = 180, today: float = 20, pauses: tuple[Entry, ...] = ()) -> Drawing:
    return draw(rows, first=START, last=START + days, today=START + today, pauses=pauses, months=MONTHS)


def session(day: float, width: float = 14, **more: object) -> Entry:
    begins = START + day
    wanted = {"label": "3 to book", "short": "3", "marks": (Mark(begins + width / 2, "target"),), **more}
    return Entry(begins, begins + width, "planned", **wanted)  # type: ignore[arg-type]


def items(drawing: Drawing) -> list[Placed]:
    return [item for row in drawing.rows for item in row.items]


days = st.floats(-FIVE_YEARS, FIVE_YEARS)
entries = st.builds(
    lambda day, width, label: session(day, width, label=label, short=label[:2]),
    days,
    st.floats(0, 400),
    st.text("abc ", max_size=40),
)


@given(st.lists(entries, min_size=1, max_size=60), st.floats(1, FIVE_YEARS), days)
def test_nothing_is_drawn_outside_and_nothing_covers_anything_else(
    made: list[Entry], length: float, today: float
) -> None:
    drawing = drawn(Row("Exosome", tuple(made)), days=length, today=today)
    for item in items(drawing):
        assert LEFT <= item.x <= item.x + item.width <= RIGHT + 0.1
        assert all(LEFT <= mark.x <= RIGHT for mark in item.marks)
        assert item.y + 20 <= drawing.floor
    placed = items(drawing)
    for place, one in enumerate(placed):
        for other in placed[place + 1 :]:
            beside = one.reach_x + one.reach_width <= other.reach_x or other.reach_x + other.reach_width <= one.reach_x
            assert one.y != other.y or beside


@given(st.floats(28, FIVE_YEARS), st.floats(0, 1), st.floats(0, 1))
def test_a_later_day_never_stands_left_of_an_earlier_one(length: float, one: float, other: float) -> None:
    first, second = sorted((one * length, other * length))
    a, b = items(drawn(Row("x", (session(first, 0), session(second, 0)), merged=True), days=length))
    assert a.x <= b.x


@given(st.floats(1, FIVE_YEARS))
def test_the_axis_can_be_read_from_four_weeks_to_five_years(length: float) -> None:
    ticks = drawn(Row("x", (session(0),)), days=length).ticks
    assert 2 <= len(ticks) <= 20
    assert all(b.x - a.x >= 40 for a, b in pairwise(ticks))
    assert [tick.year for tick in ticks if tick.year] == sorted({tick.year for tick in ticks if tick.year})


def test_the_weeks_of_a_short_course_are_named_by_their_mondays() -> None:
    assert [tick.word for tick in drawn(Row("x", (session(0),)), days=28).ticks][:2] == ["5 Oct", "12 Oct"]


def test_january_is_among_the_months_that_are_named() -> None:
    for length in (400, 800, FIVE_YEARS):
        words = [tick.word for tick in drawn(Row("x", (session(0),)), days=length).ticks]
        assert "Jan" in words


def test_one_session_is_drawn_over_four_weeks() -> None:
    drawing = drawn(Row("Exosome", (session(0, 1),)), days=0, today=0)
    assert items(drawing)[0].width < 60


def test_words_give_way_to_numbers_where_there_is_no_room() -> None:
    few = drawn(Row("x", tuple(session(30 * i) for i in range(4))))
    many = drawn(Row("x", tuple(session(30 * i) for i in range(60))), days=FIVE_YEARS)
    assert {item.label for item in items(few)} == {"3 to book"}
    assert {item.label for item in items(many)} == {"3"}
    assert many.height < 200  # sixty sessions in a few lanes, not in sixty


def test_a_bar_without_an_end_goes_on_beyond_the_drawing() -> None:
    ongoing, past = Entry(START, None, "certain"), Entry(START, START + 9, "certain")
    a, b = items(drawn(Row("No heat", (ongoing, past), merged=True)))
    assert (a.open_end, a.x + a.width) == (True, RIGHT)
    assert not b.open_end


def test_today_is_shown_while_it_is_near() -> None:
    assert drawn(Row("x", (session(0),)), today=-20).today_x is not None
    assert drawn(Row("x", (session(0),)), today=-400).today_x is None


def test_what_lies_wholly_elsewhere_is_left_out_with_its_heading() -> None:
    other_plan = Row("No dyeing", (Entry(START - 900, START - 860, "certain"),), merged=True)
    assert [row.heading for row in drawn(Row("Exosome", (session(0),)), other_plan).rows] == ["Exosome"]


def test_a_pause_is_a_band_with_room_for_its_word() -> None:
    (open_pause,) = drawn(Row("x", (session(0),)), pauses=(Entry(START + 178, None, "pause", "Paused"),)).bands
    assert open_pause.anchor == "end"
    (band,) = drawn(Row("x", (session(0),)), pauses=(Entry(START + 30, START + 60, "pause", "Paused"),)).bands
    assert (band.anchor, band.word_x) == ("start", band.x)
