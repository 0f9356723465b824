"""What a chart is asked to show, and where each of it stands once it is placed (see `plot`)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from plans.rules.plot_axis import Box, Tick


@dataclass(frozen=True, slots=True)
class Size:
    """`plot` is the height of the figures alone: bands and lanes come on top of it."""

    width: float
    left: float
    right: float
    plot: float


WIDE = Size(width=840, left=72, right=28, plot=230)
MIDDLE = Size(width=540, left=68, right=26, plot=210)
NARROW = Size(width=300, left=62, right=24, plot=190)


@dataclass(frozen=True, slots=True)
class Point:
    """`error` is how far the figure may be off either way, in its own unit; None where nobody knows."""

    day: float
    value: Decimal
    title: str
    error: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """Figures that may be compared. In the order of their days."""

    name: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A time of which somebody says something, without an end where they name none."""

    begins: float
    ends: float | None
    word: str
    title: str


@dataclass(frozen=True, slots=True)
class Event:
    """`word` is written where there is room, `short` where there is less."""

    day: float
    look: str
    word: str
    short: str
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    heading: str
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a chart shows. `floor`: no figure can be less. `fixed`: a scale with ends of its own, in whole steps."""

    lines: tuple[Line, ...]
    lanes: tuple[Lane, ...]
    bands: tuple[Band, ...]
    first: float
    last: float
    today: float
    floor: int | None = None
    fixed: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Dot:
    """`high` and `low` are the ends of the error's bar; `label` is empty where there was no room."""

    x: float
    y: float
    high: float | None
    low: float | None
    title: str
    label: str = ""
    label_x: float = 0.0
    label_y: float = 0.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """One line: `look` tells it from the others, `first` is the height of its first figure."""

    name: str
    look: int
    path: str
    first: float
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """A band (`width`) or a mark (none) with its word, which may be empty; `before` the mark or after it."""

    x: float
    y: float
    width: float
    look: str
    word: str
    title: str
    before: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    heading: str
    y: float
    items: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    width: float
    height: float
    frame: Box
    lines: tuple[Drawn, ...]
    steps: tuple[Tick, ...]
    days: tuple[Tick, ...]
    bands: tuple[Row, ...]
    lanes: tuple[Row, ...]
    today: float | None
    from_zero: bool
