"""Whether an alignment can be believed, and what it says in figures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from plans.rules.states import AlignmentState

from .laid import Laid

PLACES = (8, 6)
MOST_PER_PLACE = 2
SMALLEST, LARGEST = 0.6, 1.6
MOST_TURN = 35.0
MOST_SHIFT = 0.6
# Longer one way than the other, and nearer at one edge than at the other: more is no head seen twice.
MOST_STRETCH, MOST_LEAN = 1.15, 0.2

Array = Any
Size = tuple[int, int]


def reach_of(places: Array, size: Size) -> int:
    """Count points, at most two of one place: a caption, or one chair in the background, is not a head."""
    share = places / np.array(size)
    cells = np.clip((share * PLACES).astype(int), 0, np.array(PLACES) - 1)
    _, counts = np.unique(cells[:, 0] * PLACES[1] + cells[:, 1], return_counts=True)
    return int(np.minimum(counts, MOST_PER_PLACE).sum())


def is_plausible(matrix: Array, before: Size, after: Size) -> bool:
    slope = _slope(matrix, after)
    scale, turn = _scale(slope), _turn(slope)
    if scale is None or not SMALLEST <= scale <= LARGEST or abs(turn) > MOST_TURN:
        return False
    longest, shortest = np.linalg.svd(slope, compute_uv=False)
    bent = np.abs(matrix[2, :2]) * after
    return bool(
        longest <= MOST_STRETCH * shortest
        and bent.max() <= MOST_LEAN * abs(matrix[2, 2])
        and _shift(matrix, before, after) <= MOST_SHIFT
    )


def figures(matrix: Array, before: Size, after: Size, *, residual: float, points: int) -> Laid:
    """Return the answer in the pictures' own measure: both 1 wide, so that any rendition can be laid by it."""
    slope = _slope(matrix, after)
    scale = _scale(slope)
    return Laid(
        AlignmentState.ALIGNED,
        matrix=_in_widths(matrix, before, after),
        residual_px=round(residual, 2),
        points=points,
        scale=round(scale, 4) if scale else None,
        turn_degrees=round(_turn(slope), 2),
        shift_percent=round(100 * _shift(matrix, before, after), 2),
    )


def _in_widths(matrix: Array, before: Size, after: Size) -> tuple[float, ...]:
    """A pixel's number is its middle, half a pixel in from where the picture begins."""
    to_pixels = np.array([[after[0], 0, -0.5], [0, after[0], -0.5], [0, 0, 1]])
    to_widths = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, before[0]]]) / before[0]
    found = to_widths @ matrix @ to_pixels
    return tuple(round(float(number), 9) for number in (found / found[2, 2]).flat)


def _slope(matrix: Array, after: Size) -> Array:
    """How the middle of the picture is turned and stretched, whatever the lean does further out."""
    x, y, w = matrix @ _middle(after)
    return (matrix[:2, :2] - np.outer((x / w, y / w), matrix[2, :2])) / w


def _scale(slope: Array) -> float | None:
    """Both pictures are looked at with the same long edge. None for a mirrored one."""
    area = float(np.linalg.det(slope))
    return math.sqrt(area) if area > 0 else None


def _turn(slope: Array) -> float:
    return math.degrees(math.atan2(slope[1, 0] - slope[0, 1], slope[0, 0] + slope[1, 1]))


def _shift(matrix: Array, before: Size, after: Size) -> float:
    x, y, w = matrix @ _middle(after)
    home = _middle(before)
    return float(math.hypot(x / w - home[0], y / w - home[1]) / before[0])


def _middle(size: Size) -> Array:
    return np.array([(size[0] - 1) / 2, (size[1] - 1) / 2, 1.0])
