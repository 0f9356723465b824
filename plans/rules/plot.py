"""A chart of figures over time: where each point, bar, mark and word stands. The drawing itself is a template's.

From top to bottom: the bands of what sources expect, the figures, the days, and lanes of what happened when.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from plans.rules.plot_axis import LINE, Box, Room, Scale, Tick, day_ticks, round_steps, width_of
from plans.rules.plot_shapes import Band, Dot, Drawn, Event, Lane, Line, Placed, Plot, Point, Row, Size, Wish

DAYS_LEAST = 56.0  # a chart of one day would show nothing
ROOM = 0.03
DOT, MARK = 5.0, 7.0
BAND, LANE = 18.0, 22.0
DAY_ROWS = 2 * LINE + 6
TOP, BETWEEN = 10.0, 8.0
LOOKS = 6  # as many lines can be told apart without their colour
LABELS_UP_TO = 40  # more figures than this are read in the table
SPAN_LEAST = Decimal("0.1")  # of the largest figure: a tenth up or down shall not look like a leap


def plot(wish: Wish, size: Size, months: Sequence[str]) -> Plot:
    """Place everything. ValueError without a point: nothing measured is no chart."""
    days = _days(wish, size)
    rows = _in_rows([band for band in wish.bands if _is_seen(band, days)])
    top = TOP + (len(rows) * BAND + BETWEEN if rows else 0)
    frame = Box(size.left, round(top, 1), size.width - size.right, round(top + size.plot, 1))
    steps = _steps(wish)
    values = Scale(float(steps[0]), float(steps[-1]), frame.bottom, frame.top)
    under = frame.bottom + DAY_ROWS
    return Plot(
        width=size.width,
        height=round(under + len(wish.lanes) * LANE + BETWEEN, 1),
        frame=frame,
        lines=_drawn(wish.lines, days, values, Box(frame.left, frame.top, size.width, frame.bottom)),
        steps=tuple(Tick(values.at(float(step)), figure_words(step)) for step in steps),
        days=day_ticks(days, months),
        bands=tuple(_band_row(row, TOP + place * BAND, days) for place, row in enumerate(rows)),
        lanes=tuple(_lane(lane, under + place * LANE, days, size.width) for place, lane in enumerate(wish.lanes)),
        today=days.at(wish.today) if days.holds(wish.today) else None,
        from_zero=steps[0] == 0 or wish.fixed is not None,
    )


def figure_words(value: Decimal) -> str:
    """Return a figure as people write it: no needless zeros, a true minus."""
    plain = f"{value:f}"
    trimmed = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return trimmed.replace("-", "−")


def _days(wish: Wish, size: Size) -> Scale:
    first, last = wish.first, max(wish.last, wish.first + DAYS_LEAST)
    room = (last - first) * ROOM
    return Scale(first - room, last + room, size.left, size.width - size.right)


# -- the figures -----------------------------------------------------------------------------------------------------
def _steps(wish: Wish) -> tuple[Decimal, ...]:
    if wish.fixed:
        return tuple(Decimal(number) for number in range(wish.fixed[0], wish.fixed[1] + 1))
    points = [point for line in wish.lines for point in line.points]
    if not points:
        raise ValueError("There is no figure to draw.")
    low = min(point.value - (point.error or 0) for point in points)
    high = max(point.value + (point.error or 0) for point in points)
    least = max(abs(high) * SPAN_LEAST, Decimal(1))
    if high - low < least:
        middle = (high + low) / 2
        low, high = middle - least / 2, middle + least / 2
    if wish.floor is not None:
        low = max(low, Decimal(wish.floor))
        high = max(high, low + 1)
    return round_steps(low, high)


def _drawn(lines: Sequence[Line], days: Scale, values: Scale, words: Box) -> tuple[Drawn, ...]:
    dots = [[_dot(point, days, values) for point in line.points] for line in lines]
    if sum(map(len, dots)) <= LABELS_UP_TO:
        _label(lines, dots, words)
    return tuple(
        Drawn(line.name, look % LOOKS, "M" + "L".join(f"{dot.x} {dot.y}" for dot in mine), mine[0].y, tuple(mine))
        for look, (line, mine) in enumerate(zip(lines, dots, strict=True))
        if mine
    )


def _dot(point: Point, days: Scale, values: Scale) -> Dot:
    x, y = days.at(point.day), values.at(float(point.value))
    if point.error is None:
        return Dot(x, y, None, None, point.title)
    high, low = values.at(float(point.value + point.error)), values.at(float(point.value - point.error))
    return Dot(x, y, high, low, point.title)


def _label(lines: Sequence[Line], dots: list[list[Dot]], frame: Box) -> None:
    """Write the figures beside their points: the last of each line first, since it is the one looked for."""
    room = Room(frame, [Box(dot.x - DOT, dot.y - DOT, dot.x + DOT, dot.y + DOT) for mine in dots for dot in mine])
    for line, mine in zip(lines, dots, strict=True):
        for place in (len(mine) - 1, *range(len(mine) - 1)) if mine else ():
            dot, word = mine[place], figure_words(line.points[place].value)
            if box := room.take(_around(dot, width_of(word) / 2, frame)):
                x, y = round((box.left + box.right) / 2, 1), round(box.bottom - 3, 1)
                mine[place] = replace(dot, label=word, label_x=x, label_y=y)


def _around(dot: Dot, half: float, frame: Box) -> Iterable[Box]:
    """Above and below the point, beyond its bar where it has one; a little aside at the frame's edge."""
    tops = (dot.y - DOT - LINE, dot.y + DOT)
    beyond = (dot.high - LINE - 1, dot.low + 1) if dot.high is not None and dot.low is not None else ()
    for top in (*beyond, *tops):
        # A little inside: the sums of fractions are not exact.
        middle = min(max(dot.x, frame.left + half + 0.1), frame.right - half - 0.1)
        yield Box(middle - half, top, middle + half, top + LINE)


# -- what sources expect ---------------------------------------------------------------------------------------------
def _is_seen(band: Band, days: Scale) -> bool:
    return band.begins < days.high and (band.ends is None or band.ends > days.low)


def _in_rows(bands: Iterable[Band]) -> list[list[Band]]:
    """As few rows as hold them side by side."""
    rows: list[list[Band]] = []
    for band in sorted(bands, key=lambda one: one.begins):
        for row in rows:
            before = row[-1].ends
            if before is not None and before <= band.begins:
                row.append(band)
                break
        else:
            rows.append([band])
    return rows


def _band_row(bands: Iterable[Band], y: float, days: Scale) -> Row:
    return Row("", round(y, 1), tuple(_band(band, y, days) for band in bands))


def _band(band: Band, y: float, days: Scale) -> Placed:
    x, end = days.at(band.begins), days.at(band.ends) if band.ends is not None else days.end
    width = round(max(end - x, 1.0), 1)
    look = "open" if band.ends is None else "ends"
    return Placed(x, y, width, look, band.word if width_of(band.word) + 6 <= width else "", band.title)


# -- what happened when ----------------------------------------------------------------------------------------------
def _lane(lane: Lane, y: float, days: Scale, width: float) -> Row:
    """Marks in a row, each with as much of its word as fits before the next one, or behind the one before."""
    seen = sorted((event for event in lane.events if days.holds(event.day)), key=lambda event: event.day)
    places = [days.at(event.day) for event in seen]
    ends = [*(x - MARK for x in places[1:]), width]
    items, free = [], days.start
    for event, x, end in zip(seen, places, ends, strict=False):
        item = _mark(event, x, round(y, 1), free, end)
        items.append(item)
        free = x + MARK + (0 if item.before else 3 + width_of(item.word))
    return Row(lane.heading, round(y, 1), tuple(items))


def _mark(event: Event, x: float, y: float, free: float, end: float) -> Placed:
    after, before = end - x - MARK - 3, x - MARK - 3 - free
    for word, room, is_before in (
        (event.word, after, False),
        (event.word, before, True),
        (event.short, after, False),
        (event.short, before, True),
    ):
        if width_of(word) <= room:
            return Placed(x, y, 0.0, event.look, word, event.title, is_before)
    return Placed(x, y, 0.0, event.look, "", event.title)
