"""Where things stand on a plan's time line: rows, bars and marks placed from days. Pure geometry, no words of its own.

A day is a number: `date.toordinal()`, with the part of the day that is over. A bar over whole days runs from the first
day's number to the number after its last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from plans.rules.timeline_axis import LEFT, RIGHT, Scale, Tick, scale_of, ticks

WIDTH = 960.0
AXIS, GAP, FOOT = 36.0, 8.0, 16.0
BAR, WORDED, NARROWEST = 20.0, 36.0, 3.0
LETTER, MARK, BETWEEN = 6.2, 8.0, 6.0
LANES_WITH_WORDS = 3
WORD_ROOM = 46.0


@dataclass(frozen=True, slots=True)
class Mark:
    """A point in a row. `look` names its shape."""

    at: float
    look: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a row: a bar from `begins` to before `ends` (None: no end is known), and marks on it.

    `label` stands below it where there is room, else `short`. `page` is the name and the key of the page it leads to.
    """

    begins: float
    ends: float | None
    look: str
    title: str = ""
    label: str = ""
    short: str = ""
    marks: tuple[Mark, ...] = ()
    page: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """Entries under one heading. Those that would cover one another stand in lanes below one another, unless `merged`:
    then one lies over the other, the later in the list on top."""

    heading: str
    entries: tuple[Entry, ...]
    merged: bool = False


@dataclass(frozen=True, slots=True)
class PlacedMark:
    x: float
    look: str


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry on the drawing; `label` is what fits. `reach_x` and `reach_width` hold the bar, its marks and its label.

    `open_end`: it goes on beyond the drawing."""

    entry: Entry
    x: float
    y: float
    width: float
    marks: tuple[PlacedMark, ...]
    label: str
    label_x: float
    anchor: str
    reach_x: float
    reach_width: float
    open_end: bool


@dataclass(frozen=True, slots=True)
class PlacedRow:
    heading: str
    y: float
    height: float
    items: tuple[Placed, ...]
    worded: bool


@dataclass(frozen=True, slots=True)
class Band:
    """A time through the whole height: a pause. `word_x` is where its word begins, or ends at the right edge."""

    x: float
    width: float
    title: str
    word_x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """`first` and `last` are the days asked for; the drawing has some room beyond them. `today_x` is None when today is
    too far away to be shown. Below `floor` stand words about the whole height."""

    width: float
    height: float
    floor: float
    rows: tuple[PlacedRow, ...]
    ticks: tuple[Tick, ...]
    bands: tuple[Band, ...]
    today_x: float | None
    first: date
    last: date
    left: float = field(default=LEFT)
    right: float = field(default=RIGHT)
    axis: float = field(default=AXIS)

    @property
    def body(self) -> float:
        """The height between the axis and the floor."""
        return self.floor - self.axis


def draw(
    rows: Sequence[Row], *, first: float, last: float, today: float, pauses: Iterable[Entry] = (), months: Sequence[str]
) -> Drawing:
    """Return the drawing of `rows` between two days, today included when it is near. `months` are the twelve words.

    Entries wholly outside are left out; so are rows that are empty then. A course of one day is drawn over four weeks.
    """
    scale = scale_of(first, last, today)
    placed, y = [], AXIS + GAP
    for row in rows:
        if shown := _shown(row, scale):
            placed.append(_row(row.heading, shown, y, scale, merged=row.merged))
            y += placed[-1].height + GAP
    bands = tuple(_band(pause, scale) for pause in pauses if _touches(pause, scale))
    return Drawing(
        width=WIDTH,
        height=y + FOOT * (2 if bands else 1),
        floor=y,
        rows=tuple(placed),
        ticks=ticks(scale, months),
        bands=bands,
        today_x=scale.x(today) if scale.holds(today) else None,
        first=date.fromordinal(int(first)),
        last=date.fromordinal(int(max(last, first))),
    )


def _touches(entry: Entry, scale: Scale) -> bool:
    return entry.begins < scale.last and (entry.ends is None or entry.ends > scale.first)


def _shown(row: Row, scale: Scale) -> list[Entry]:
    return [entry for entry in row.entries if _touches(entry, scale) or any(scale.holds(m.at) for m in entry.marks)]


def _row(heading: str, entries: list[Entry], y: float, scale: Scale, *, merged: bool) -> PlacedRow:
    if merged:
        return PlacedRow(heading, y, BAR, tuple(_placed(entry, "", y, scale) for entry in entries), worded=False)
    worded = any(entry.label for entry in entries)
    height = WORDED if worded else BAR
    ordered = sorted(entries, key=lambda entry: entry.begins)
    lanes = _lanes([_placed(entry, entry.label, 0, scale) for entry in ordered])
    if len(lanes) > LANES_WITH_WORDS:
        lanes = _lanes([_placed(entry, entry.short, 0, scale) for entry in ordered])
    items = [_lowered(item, y + place * height) for place, lane in enumerate(lanes) for item in lane]
    return PlacedRow(heading, y, len(lanes) * height, tuple(items), worded)


def _lanes(items: Iterable[Placed]) -> list[list[Placed]]:
    """Each item in the first lane where it covers nothing that stands there already."""
    lanes: list[list[Placed]] = []
    for item in items:
        free = next((lane for lane in lanes if all(_apart(item, other) for other in lane)), None)
        if free is None:
            lanes.append([item])
        else:
            free.append(item)
    return lanes


def _apart(one: Placed, other: Placed) -> bool:
    return (
        one.reach_x >= other.reach_x + other.reach_width + BETWEEN
        or other.reach_x >= one.reach_x + one.reach_width + BETWEEN
    )


def _placed(entry: Entry, label: str, y: float, scale: Scale) -> Placed:
    x = scale.x(entry.begins)
    end = scale.last if entry.ends is None else entry.ends
    width = round(max(scale.x(end) - x, NARROWEST), 1)
    x = min(x, RIGHT - width)
    marks = tuple(PlacedMark(scale.x(mark.at), mark.look) for mark in entry.marks)
    length = len(label) * LETTER
    anchor, label_x, starts = _label_at(x, width, length)
    begin = min([x, starts, *(mark.x - MARK for mark in marks)])
    reach = max([x + width, starts + length, *(mark.x + MARK for mark in marks)])
    open_end = entry.ends is None or entry.ends > scale.last
    return Placed(entry, x, y, width, marks, label, label_x, anchor, round(begin, 1), round(reach - begin, 1), open_end)


def _label_at(x: float, width: float, length: float) -> tuple[str, float, float]:
    """Return how a label is anchored, where, and where its first letter stands: under its bar, within the edges."""
    if length <= width:
        return "start", x, x
    middle = x + width / 2
    if middle + length / 2 > RIGHT:
        return "end", RIGHT, RIGHT - length
    if middle - length / 2 < LEFT:
        return "start", LEFT, LEFT
    return "middle", round(middle, 1), middle - length / 2


def _lowered(item: Placed, y: float) -> Placed:
    return Placed(
        item.entry, item.x, y, item.width, item.marks, item.label, item.label_x, item.anchor, item.reach_x,
        item.reach_width, item.open_end,
    )  # fmt: skip


def _band(pause: Entry, scale: Scale) -> Band:
    x = scale.x(pause.begins)
    end = scale.last if pause.ends is None else pause.ends
    word_x, anchor = (RIGHT, "end") if x + WORD_ROOM > RIGHT else (x, "start")
    return Band(x, round(max(scale.x(end) - x, NARROWEST), 1), pause.title, word_x, anchor)
