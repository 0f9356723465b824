"""Points two pictures have in common: found in each, then paired by what surrounds them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from PIL import Image

LONG_EDGE = 1024
MOST_PIXELS = 4_000_000
POINTS = 2000
# Steps of grey from which a corner is one. Contrast is doubled before, so this is less than it looks.
STEPS = 30
# Below this even a picture laid on itself would be a guess.
LEAST_POINTS = 120
# Evens out a darker lamp before corners are looked for: tiles of an eighth, contrast at most doubled.
CONTRAST, TILES = 2.0, (8, 8)

Array = Any


class Unreadable(Exception):
    """Not a picture of ours."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture's points, in pixels of the size looked at, with what surrounds each of them."""

    size: tuple[int, int]
    places: Array
    marks: Array

    @property
    def long_edge(self) -> int:
        return max(self.size)


def common_edge(*jpegs: bytes) -> int:
    """The long edge at which pictures are looked at together: what is small in one must not be large in the other."""
    return min(LONG_EDGE, *(max(_size(jpeg)) for jpeg in jpegs))


def look_at(jpeg: bytes, long_edge: int = LONG_EDGE) -> Seen:
    grey = _grey(jpeg, long_edge)
    even = cv2.createCLAHE(CONTRAST, TILES).apply(grey)
    keys, marks = cv2.ORB_create(nfeatures=POINTS, fastThreshold=STEPS).detectAndCompute(even, None)  # type: ignore[attr-defined]
    places = np.array([key.pt for key in keys], dtype=np.float64).reshape(-1, 2)
    return Seen((grey.shape[1], grey.shape[0]), places, marks)


def in_common(before: Seen, after: Seen) -> tuple[Array, Array]:
    """Return the places of each pair, `before` and `after`. A point chosen by several keeps the one most like it: as
    good as letting both sides choose, in half the time."""
    chosen: dict[int, Any] = {}
    for pair in cv2.BFMatcher(cv2.NORM_HAMMING).match(after.marks, before.marks):
        rival = chosen.get(pair.trainIdx)
        if rival is None or pair.distance < rival.distance:
            chosen[pair.trainIdx] = pair
    earlier, later = list(chosen), [pair.queryIdx for pair in chosen.values()]
    return before.places[earlier], after.places[later]


def _size(jpeg: bytes) -> tuple[int, int]:
    """Read from the header alone."""
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as head:
            return head.size
    except (OSError, SyntaxError, ValueError) as odd:
        raise Unreadable from odd


def _grey(jpeg: bytes, long_edge: int) -> Array:
    width, height = _size(jpeg)
    grey = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE) if width * height <= MOST_PIXELS else None
    if grey is None:
        raise Unreadable
    share = long_edge / max(grey.shape)
    return cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA) if share < 1 else grey
