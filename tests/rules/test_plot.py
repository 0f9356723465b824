"""A chart of figures over time: everything stands inside, in its order, on round numbers, and can be read."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.rules.plot import LANE, plot
from plans.rules.plot_axis import Box, Scale, day_ticks, round_steps, width_of
from plans.rules.plot_shapes import MIDDLE, NARROW, WIDE, Band, Event, Lane, Line, Plot, Point, Size, Wish

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
START = 739_000  # a day of 2024
SIZES = st.sampled_from([WIDE, MIDDLE, NARROW])
FIGURES = st.integers(0, 10_000).map(lambda tenths: Decimal(tenths) / 10)
DAYS = st.integers(START, START + 1500).map(float)
POINTS = st.builds(Point, DAYS, FIGURES, st.just("seen"), st.none() | st.integers(0, 120).map(Decimal))


def line(points: list[Point]) -> Line:
    return Line("one", tuple(sorted(points, key=lambda point: point.day)))


LINES = st.lists(st.lists(POINTS, min_size=1, max_size=7).map(line), min_size=1, max_size=3).map(tuple)
EVENTS = st.lists(
    st.builds(Event, DAYS, st.just("done"), st.sampled_from(["1 exosome", "2"]), st.just("2"), st.just(""))
)
BANDS = st.lists(
    st.tuples(DAYS, st.none() | st.integers(1, 200)).map(
        lambda one: Band(one[0], one[0] + one[1] if one[1] else None, "3", "3–6 months")
    ),
    max_size=8,
)


def wish(lines: tuple[Line, ...], **more: Any) -> Wish:
    days = [point.day for line in lines for point in line.points]
    usual = {"lanes": (), "bands": (), "first": min(days), "last": max(days), "today": max(days), "floor": 0}
    return Wish(lines=lines, **{**usual, **more})


def drawn(lines: tuple[Line, ...], size: Size = WIDE, **more: Any) -> Plot:
    return plot(wish(lines, **more), size, MONTHS)


@given(LINES, SIZES)
def test_every_point_and_its_bar_stand_inside_the_frame_in_their_order(lines: tuple[Line, ...], size: Size) -> None:
    found = drawn(lines, size)
    points = [
        (point, dot)
        for line, one in zip(lines, found.lines, strict=True)
        for point, dot in zip(line.points, one.dots, strict=True)
    ]
    for point, dot in points:
        assert found.frame.left <= dot.x <= found.frame.right
        assert found.frame.top <= dot.y <= found.frame.bottom
        if point.error is not None:
            assert found.frame.top <= dot.high <= dot.y <= dot.low <= found.frame.bottom
    for (one, at), (other, there) in combinations(points, 2):
        assert (at.x <= there.x) if one.day <= other.day else (at.x >= there.x)
        assert (at.y >= there.y) if one.value <= other.value else (at.y <= there.y)


@given(LINES, SIZES)
def test_no_word_lies_on_another_or_on_a_point(lines: tuple[Line, ...], size: Size) -> None:
    found = drawn(lines, size)
    dots = [dot for one in found.lines for dot in one.dots]
    half = [(dot, width_of(dot.label) / 2) for dot in dots if dot.label]
    words = [Box(dot.label_x - by, dot.label_y - 11, dot.label_x + by, dot.label_y + 3) for dot, by in half]
    assert not any(one.touches(other) for one, other in combinations(words, 2))
    beside = Box(found.frame.left - 0.1, found.frame.top, size.width + 0.1, found.frame.bottom)
    assert all(word.inside(beside) for word in words)
    assert all(abs(dot.label_x - dot.x) <= by for dot, by in half)
    assert not any(word.left < dot.x < word.right and word.top < dot.y < word.bottom for word in words for dot in dots)


@given(FIGURES, FIGURES)
def test_the_side_is_marked_at_round_numbers_around_all_figures(one: Decimal, other: Decimal) -> None:
    low, high = sorted((one, other + Decimal("0.1") if one == other else other))
    steps = round_steps(low, high)
    assert steps[0] <= low < high <= steps[-1]
    assert 2 <= len(steps) <= 6
    apart = {after - before for before, after in pairwise(steps)}
    assert len(apart) == 1
    assert str(apart.pop().normalize().as_tuple().digits) in {"(1,)", "(2,)", "(5,)"}
    # The least that will do: a step less at either end would leave a figure outside.
    assert steps[1] > low and steps[-2] < high


@given(DAYS, st.integers(14, 20_000), SIZES)
def test_days_are_marked_in_order_and_never_on_each_other(first: float, lasts: int, size: Size) -> None:
    scale = Scale(first, first + lasts, size.left, size.width - size.right)
    ticks = day_ticks(scale, MONTHS)
    assert ticks
    for before, after in pairwise(ticks):
        widest = max(width_of(word) for word in (before.word, after.word, before.year, after.year))
        assert after.at - before.at >= widest
    assert ticks[0].year
    assert all(after.year != before.year or not after.year for before, after in pairwise(ticks))


@given(LINES, EVENTS, BANDS, SIZES)
def test_marks_and_bands_keep_their_rows_and_their_words_have_room(
    lines: tuple[Line, ...], events: list[Event], bands: list[Band], size: Size
) -> None:
    found = drawn(lines, size, lanes=(Lane("Sessions", tuple(events)), Lane("Reviews", ())), bands=tuple(bands))
    assert found.height >= found.lanes[-1].y + LANE
    marks = found.lanes[0].items
    assert [mark.x for mark in marks] == sorted(mark.x for mark in marks)
    words = [
        (mark.x - 10 - width_of(mark.word), mark.x) if mark.before else (mark.x, mark.x + 10 + width_of(mark.word))
        for mark in marks
        if mark.word
    ]
    assert all(size.left <= left and right <= size.width for left, right in words)
    assert all(end <= begin for (_, end), (begin, _) in pairwise(sorted(words)))
    for row in found.bands:
        assert row.y < found.frame.top
        assert all(band.x + band.width <= found.frame.right + 1 for band in row.items)
        assert all(before.x + before.width <= after.x + 1 for before, after in pairwise(row.items))


def test_an_error_as_large_as_the_rise_reaches_the_first_figure() -> None:
    """What the chart shows and what the words say are one: within error is where the bar touches the first line."""
    points = (Point(START, Decimal(100), "", Decimal(9)), Point(START + 90, Decimal(109), "", Decimal(9)))
    (line,) = drawn((Line("one", points),)).lines
    assert line.dots[1].low == line.first


def test_one_figure_alone_is_drawn_in_the_middle() -> None:
    found = drawn((Line("one", (Point(START, Decimal(120), ""),)),))
    (dot,) = found.lines[0].dots
    assert found.frame.top < dot.y < found.frame.bottom
    assert dot.label == "120"


@given(st.integers(100, 9999), SIZES)
def test_the_figures_of_two_ends_are_written_on_every_width(value: int, size: Size) -> None:
    """Right at the frame's edges, where a word hardly fits."""
    ends = (Point(START, Decimal(value) / 10, ""), Point(START + 300, Decimal(value), ""))
    assert all(dot.label for dot in drawn((Line("one", ends),), size).lines[0].dots)


def test_a_scale_with_ends_of_its_own_shows_all_its_steps_and_a_true_minus() -> None:
    found = drawn((Line("one", (Point(START, Decimal(2), ""),)),), fixed=(-3, 3), floor=None)
    assert [step.word for step in found.steps] == ["−3", "−2", "−1", "0", "1", "2", "3"]


def test_an_axis_that_does_not_begin_at_zero_is_known() -> None:
    high, low = Decimal(120), Decimal(3)
    assert not drawn((Line("one", (Point(START, high, ""), Point(START + 9, high + 30, ""))),)).from_zero
    assert drawn((Line("one", (Point(START, low, ""), Point(START + 9, high, ""))),)).from_zero


def test_five_hundred_figures_are_all_there() -> None:
    many = tuple(Point(START + place, Decimal(100 + place % 7), "") for place in range(500))
    (line,) = drawn((Line("one", many),)).lines
    assert len(line.dots) == 500
    assert not any(dot.label for dot in line.dots)


def test_nothing_measured_is_no_chart() -> None:
    with pytest.raises(ValueError, match="no figure"):
        plot(Wish((), (), (), START, START + 1, START), WIDE, MONTHS)
