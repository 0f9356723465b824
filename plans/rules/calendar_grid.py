"""Where things stand on a day's grid: rows of five minutes down, twelve tracks across, hours shown from first to last.

Minutes count from local midnight; every span is half-open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

STEP = 5
HOUR = 60
DAY = 24 * HOUR
TRACKS = 12
# What did not take place stands beside, narrow: three of the twelve tracks.
BESIDE = 3
# Shorter ones could not be read, nor hit with a finger.
LEAST_ROWS = 4
MOST_LANES = 6

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Place:
    """`row` and `track` count from 1, `rows` and `tracks` say how many."""

    row: int
    rows: int
    track: int = 1
    tracks: int = TRACKS

    @property
    def css(self) -> str:
        """Positions are classes, never style attributes."""
        return f"k-r{self.row} k-s{self.rows} k-c{self.track}-{self.tracks}"


def shown_hours(spans: Iterable[Span], *, usual: Span = (9 * HOUR, 17 * HOUR)) -> Span:
    """Return from the hour in which the earliest begins to the one in which the latest ends; `usual` without any."""
    some = list(spans)
    if not some:
        return usual
    first = min(start for start, _ in some) // HOUR * HOUR
    last = -(-max(end for _, end in some) // HOUR) * HOUR
    return max(0, first), min(DAY, max(last, first + HOUR))


def rows_of(span: Span, shown: Span, *, least: int = 1) -> Place | None:
    """Return the rows of a span, cut to the hours shown; None when nothing of it is."""
    start, end = max(span[0], shown[0]), min(span[1], shown[1])
    if start >= end:
        return None
    row = (start - shown[0]) // STEP + 1
    last = -(-(end - shown[0]) // STEP)
    rows = max(last - row + 1, least)
    return Place(row, min(rows, (shown[1] - shown[0]) // STEP - row + 1))


def side_by_side(spans: Sequence[Span], beside: Sequence[bool], shown: Span) -> list[Place | None]:
    """Place what overlaps next to each other. `beside`: stands in the narrow lane when something else is there too.

    Overlap is asked of the rows as drawn, so that a short one does not lie under the next.
    """
    rows = [rows_of(span, shown, least=LEAST_ROWS) for span in spans]
    placed: list[Place | None] = [None] * len(spans)
    for group in _touching([(number, row) for number, row in enumerate(rows) if row]):
        inside = [(number, row) for number, row in group if not beside[number]]
        outside = [(number, row) for number, row in group if beside[number]]
        if not inside:
            inside, outside = outside, []
        room = TRACKS - BESIDE if outside else TRACKS
        _fill(placed, inside, first=1, room=room)
        _fill(placed, outside, first=room + 1, room=BESIDE)
    return placed


def gaps(periods: Sequence[Span]) -> tuple[Span, ...]:
    """Return what lies between open periods that follow each other."""
    return tuple((end, start) for (_, end), (start, _) in pairwise(periods) if end < start)


def _touching(items: Sequence[tuple[int, Place]]) -> list[list[tuple[int, Place]]]:
    """Groups of which each overlaps some other of its group, and none of another group."""
    groups: list[list[tuple[int, Place]]] = []
    ends = 0
    for item in sorted(items, key=lambda one: (one[1].row, -one[1].rows)):
        if not groups or item[1].row >= ends:
            groups.append([])
            ends = 0
        groups[-1].append(item)
        ends = max(ends, item[1].row + item[1].rows)
    return groups


def _fill(placed: list[Place | None], items: Sequence[tuple[int, Place]], *, first: int, room: int) -> None:
    """Give each the first lane that is free again, and share the room out evenly."""
    ends: list[int] = []
    lanes: list[int] = []
    for _, row in items:
        lane = next((number for number, end in enumerate(ends) if end <= row.row), len(ends))
        if lane == len(ends):
            ends.append(0)
        ends[lane] = row.row + row.rows
        lanes.append(lane)
    count = min(len(ends), MOST_LANES, room)
    for (number, row), lane in zip(items, lanes, strict=True):
        lane = min(lane, count - 1)
        begins, until = lane * room // count, (lane + 1) * room // count
        placed[number] = Place(row.row, row.rows, first + begins, until - begins)
