"""A chart of one subject and the table under it: the same figures twice, once to be seen and once to be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from plans.queries.result_figures import Subject
from plans.queries.timeline import MONTHS
from plans.rules.outcome import Change, Verdict
from plans.rules.outcome_words import LOOKS, VERDICTS, amount_words
from plans.rules.plot import LOOKS as LINE_LOOKS
from plans.rules.plot import figure_words, plot
from plans.rules.plot_shapes import MIDDLE, NARROW, WIDE, Band, Lane, Line, Plot, Point, Wish
from plans.rules.trends import Begins, Entry, Seen, Trend, trends
from plans.rules.wording import day_words

# Drawn for each, and the style sheet shows one: a drawing that only shrank could not be read on a phone.
_SIZES = (("wide", WIDE), ("middle", MIDDLE), ("narrow", NARROW))
_BEGINS = {
    Begins.METHOD: "Another method: a line of its own, not compared with the one before.",
    Begins.DEVICE: "Another device: a line of its own, not compared with the one before.",
}


@dataclass(frozen=True, slots=True)
class Axis:
    """What all charts of a page have in common: days, what happened on them, what sources say of them."""

    first: float
    last: float
    today: float
    lanes: tuple[Lane, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    """`look` is the line's. `verdict` is the chip's word and `state` its colour; empty at a line's first figure."""

    seen: Seen
    look: int
    value: str
    error: str
    change: str
    verdict: str
    state: str


@dataclass(frozen=True, slots=True)
class Key:
    """A line's name and what has to be known about it."""

    look: int
    name: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResultChart:
    subject: Subject
    summary: str
    keys: tuple[Key, ...]
    rows: tuple[TableRow, ...]
    plots: tuple[tuple[str, Plot], ...]
    names_ways: bool

    @property
    def from_zero(self) -> bool:
        return self.plots[0][1].from_zero

    @property
    def has_errors(self) -> bool:
        return any(row.error for row in self.rows)


def result_chart(subject: Subject, found: Sequence[Seen], axis: Axis) -> ResultChart:
    """Return the chart. ValueError without a figure."""
    lines = trends(found, more_is_better=subject.more_is_better)
    wish = Wish(
        lines=tuple(_line(one, subject) for one in lines),
        lanes=axis.lanes,
        bands=axis.bands,
        first=axis.first,
        last=axis.last,
        today=axis.today,
        floor=None if subject.fixed else 0,
        fixed=subject.fixed,
    )
    rows = [(_row(entry, one, look, subject)) for look, one in enumerate(lines) for entry in one.entries]
    return ResultChart(
        subject=subject,
        summary=_summary(lines, subject),
        keys=tuple(_key(one, look) for look, one in enumerate(lines)),
        rows=tuple(sorted(rows, key=lambda row: row.seen.day)),
        plots=tuple((name, plot(wish, size, MONTHS)) for name, size in _SIZES),
        names_ways=len(lines) > 1 or bool(lines[0].way.device) or not subject.compares,
    )


def axis_over(
    subjects: Iterable[Sequence[Seen]], lanes: tuple[Lane, ...], bands: tuple[Band, ...], *, today: date
) -> Axis:
    """Return one axis for all charts, so that the same day stands at the same place on each."""
    days = [float(seen.day.toordinal()) for found in subjects for seen in found]
    days += [event.day for lane in lanes for event in lane.events]
    return Axis(min(days, default=0.0), max(days, default=1.0), float(today.toordinal()), lanes, bands)


def _line(trend: Trend, subject: Subject) -> Line:
    points = tuple(
        Point(float(seen.day.toordinal()), seen.value, _point_words(seen, trend, subject), trend.error)
        for seen in (entry.seen for entry in trend.entries)
    )
    return Line(trend.way.name, points)


def _point_words(seen: Seen, trend: Trend, subject: Subject) -> str:
    error = f" (± {_rounded(trend.error)})" if trend.error is not None else ""
    return f"{day_words(seen.day)}, {seen.where}: {figure_words(seen.value)} {subject.unit}{error}. {trend.way.name}."


def _row(entry: Entry, trend: Trend, look: int, subject: Subject) -> TableRow:
    found = entry.change if subject.compares else None
    return TableRow(
        seen=entry.seen,
        look=look % LINE_LOOKS,
        value=figure_words(entry.seen.value),
        error=f"± {_rounded(trend.error)}" if trend.error is not None else "",
        change=_amount(found, subject) if found else "",
        verdict=VERDICTS[found.verdict] if found else "",
        state=LOOKS[found.verdict] if found else "",
    )


def _amount(found: Change, subject: Subject) -> str:
    if subject.in_percent:
        return amount_words(found)
    by = found.after - found.before
    return f"{'+' if by > 0 else ''}{figure_words(by)}"


def _key(trend: Trend, look: int) -> Key:
    percent = trend.way.error_percent
    notes = [_BEGINS[trend.begins]] if trend.begins else []
    if percent is not None:
        notes.append(f"The method’s own error of a change is ±{percent:g} % of the line’s first figure.")
    elif trend.way.device:
        notes.append("No source gives this method’s error.")
    return Key(look % LINE_LOOKS, trend.way.name, tuple(notes))


def _summary(lines: Sequence[Trend], subject: Subject) -> str:
    """One sentence for who cannot see the chart."""
    said = []
    for one in lines:
        first, last = one.first, one.last
        words = f"{one.way.name}: {figure_words(first.value)} {subject.unit}".rstrip() + f" on {day_words(first.day)}"
        if last.change is not None:
            words += f", {figure_words(last.seen.value)} on {day_words(last.seen.day)}"
            if subject.compares:
                words += f" ({_amount(last.change, subject)}, {_verdict(last.change.verdict)})"
        said.append(f"{words}.")
    return " ".join(said)


def _verdict(verdict: Verdict) -> str:
    return VERDICTS[verdict].lower()


def _rounded(error: Decimal | None) -> str:
    return figure_words(error.quantize(Decimal("0.1"))) if error is not None else ""
