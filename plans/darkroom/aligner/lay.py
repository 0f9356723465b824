"""One picture laid on the other: a similarity, or a homography where the camera leaned; or nothing, with the reason."""

from __future__ import annotations

import cv2

from .judge import figures, is_plausible, reach_of
from .laid import IMPLAUSIBLE, NOT_ONE_SCENE, NOTHING_IN_COMMON, NOTHING_TO_HOLD, UNREADABLE, Laid, refused
from .model import Fit, best_fit
from .points import LEAST_POINTS, LONG_EDGE, Seen, Unreadable, common_edge, in_common, look_at

# How many points must agree, counting no more than two of one place. By chance at most ten ever did, with the same
# caption and the same outline of a head in both.
LEAST_AGREEING = 15
# In pixels as looked at. Points thrown at random into what counts as close would have 2.1.
MOST_RESIDUAL = 1.6
# One web worker, one core: the pictures are small, and whoever waits for the page beside it is not held up.
cv2.setNumThreads(1)


def lay(before: bytes, after: bytes) -> Laid:
    try:
        edge = common_edge(before, after)
        return lay_seen(look_at(before, edge), look_at(after, edge))
    except (Unreadable, cv2.error):
        return refused(UNREADABLE)


def lay_seen(earlier: Seen, later: Seen) -> Laid:
    if min(len(earlier.places), len(later.places)) < LEAST_POINTS:
        return refused(NOTHING_TO_HOLD)
    fit = best_fit(*in_common(earlier, later))
    if fit is None or reach_of(fit.places, earlier.size) < LEAST_AGREEING:
        return refused(NOTHING_IN_COMMON, points=fit.points if fit else 0)
    return _judged(fit, earlier.size, later.size)


def _judged(fit: Fit, before: tuple[int, int], after: tuple[int, int]) -> Laid:
    if not is_plausible(fit.matrix, before, after):
        return refused(IMPLAUSIBLE, points=fit.points)
    if fit.residual > MOST_RESIDUAL:
        return refused(NOT_ONE_SCENE, points=fit.points)
    return figures(fit.matrix, before, after, residual=fit.residual * LONG_EDGE / max(before), points=fit.points)
