"""A drawn signature: numbers from a pad, checked one by one, and the picture we draw from them ourselves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from math import hypot, isfinite

WIDTH, HEIGHT = 1000, 320  # the pad's own units, whatever the screen
MOST_CHARACTERS, MOST_STROKES, MOST_POINTS = 200_000, 200, 6_000
LEAST_INK = 150.0  # a dot or a slip of the finger is no signature

Point = tuple[int, int]
Strokes = tuple[tuple[Point, ...], ...]

EMPTY = "Sign in the box, or choose another way to sign."
BROKEN = "The signature did not arrive whole: clear the box and sign again."
TOO_MUCH = "That is more than a signature: clear the box and sign again."


def read_strokes(text: str) -> Strokes:
    """Return the strokes in `text`, a JSON list of strokes, each a list of [x, y] on the pad.

    ValueError with a sentence for anything else: wrong types, numbers that are none or lie off the pad, too much of it.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValueError(TOO_MUCH)
    try:
        found = json.loads(text or "[]", parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise ValueError(BROKEN) from None
    if not isinstance(found, list):
        raise ValueError(BROKEN)
    if len(found) > MOST_STROKES or sum(len(s) for s in found if isinstance(s, list)) > MOST_POINTS:
        raise ValueError(TOO_MUCH)
    strokes = tuple(tuple(_point(point) for point in _list(stroke)) for stroke in found)
    strokes = tuple(stroke for stroke in strokes if stroke)
    if ink_of(strokes) < LEAST_INK:
        raise ValueError(EMPTY)
    return strokes


def ink_of(strokes: Strokes) -> float:
    """Return the length of the line drawn, in the pad's units."""
    return sum(hypot(b[0] - a[0], b[1] - a[1]) for stroke in strokes for a, b in pairwise(stroke))


def draw(strokes: Strokes) -> str:
    """Return the signature as an SVG: nothing in it but whole numbers and our own words."""
    paths = "".join(f'<path d="{_path(stroke)}"/>' for stroke in strokes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<g fill="none" stroke="#16242b" stroke-width="5" stroke-linecap="round" stroke-linejoin="round">{paths}</g>'
        "</svg>"
    )


def _path(stroke: Sequence[Point]) -> str:
    (x, y), *rest = stroke
    if not rest:
        return f"M{x} {y}h0"  # a dot on an i
    return f"M{x} {y}" + "".join(f"L{x} {y}" for x, y in rest)


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(BROKEN)
    return value


def _point(value: object) -> Point:
    pair = _list(value)
    if len(pair) != 2:
        raise ValueError(BROKEN)
    return _within(pair[0], WIDTH), _within(pair[1], HEIGHT)


def _within(value: object, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value) or not 0 <= value <= most:
        raise ValueError(BROKEN)
    return round(value)


def _no_number(name: str) -> None:
    raise ValueError(name)
