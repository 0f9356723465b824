"""Which movement of the camera explains most of the pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

CLOSE_PX = 3.0
# A leaning camera bends the picture by less than this between two photos of one view.
NEAR_PX = 40.0
TRIALS = 8000
LEAST_PAIRS = 8
# A homography has twice the freedom, and uses it on noise: it must explain clearly more, from plenty of points.
BETTER, LEAST_FOR_LEANING = 1.04, 60

Array = Any


@dataclass(frozen=True, slots=True)
class Fit:
    """`matrix` maps pixels of the later picture onto the earlier; `places` are the earlier's that agree with it.

    `worth` counts them, the closer the more.
    """

    matrix: Array
    places: Array
    residual: float
    worth: float

    @property
    def points(self) -> int:
        return len(self.places)


def best_fit(before: Array, after: Array) -> Fit | None:
    """Return the similarity most pairs agree with, or a homography where that explains clearly more of them."""
    if len(before) < LEAST_PAIRS:
        return None
    found, _ = cv2.estimateAffinePartial2D(
        after, before, method=cv2.RANSAC, ransacReprojThreshold=CLOSE_PX, maxIters=TRIALS, confidence=0.999
    )
    if found is None:
        return None
    matrix = np.vstack([found, [0.0, 0.0, 1.0]])
    errors = _errors(matrix, before, after)
    straight = _fit(matrix, before, errors)
    leaning = _leaning(before, after, errors < NEAR_PX)
    return leaning if leaning and leaning.worth > BETTER * straight.worth else straight


def _leaning(before: Array, after: Array, near: Array) -> Fit | None:
    if near.sum() < LEAST_FOR_LEANING:
        return None
    matrix, _ = cv2.findHomography(after[near], before[near], cv2.USAC_MAGSAC, CLOSE_PX, maxIters=1000, confidence=0.99)
    return None if matrix is None else _fit(matrix, before, _errors(matrix, before, after))


def _fit(matrix: Array, before: Array, errors: Array) -> Fit:
    close = errors < CLOSE_PX
    mine = errors[close]
    worth = float((1 - (mine / CLOSE_PX) ** 2).sum())
    return Fit(matrix, before[close], float(np.median(mine)) if len(mine) else CLOSE_PX, worth)


def _errors(matrix: Array, before: Array, after: Array) -> Array:
    mapped = np.column_stack([after, np.ones(len(after))]) @ matrix.T
    # A point on the horizon of a nonsense homography divides by nothing: it is as far off as can be.
    with np.errstate(divide="ignore", invalid="ignore"):
        off = mapped[:, :2] / mapped[:, 2:] - before
    return np.nan_to_num(np.hypot(off[:, 0], off[:, 1]), nan=np.inf)
