"""What an alignment answers: numbers only, or a sentence that says why there are none."""

from __future__ import annotations

from dataclasses import dataclass

from plans.rules.states import AlignmentState

METHOD = "ORB, similarity or homography"
NOT_INSTALLED = "Alignment is not installed on this server."
UNREADABLE = "The picture could not be opened."
NOTHING_TO_HOLD = "Too little to hold on to: the picture is blank, blurred or covered."
NOTHING_IN_COMMON = "Too few points in common: another view, other hair or other light."
NOT_ONE_SCENE = "The points in common do not agree: the head or the hair has moved between them."
IMPLAUSIBLE = "It would have to be turned, scaled or bent more than two photos of one view ever differ."


@dataclass(frozen=True, slots=True)
class Laid:
    """How one picture lies on the other.

    `matrix` maps a point of `after` onto `before`, nine numbers row by row; both pictures are 1 wide and height/width
    high. `residual_px` is the median error of the points found, at 1024 px. `scale` above 1: `after` shows things
    smaller; `turn_degrees` above 0: it must be turned clockwise; `shift_percent` of the width: how far its middle lies
    from the middle.
    """

    state: AlignmentState
    reason: str = ""
    matrix: tuple[float, ...] = ()
    residual_px: float | None = None
    points: int = 0
    scale: float | None = None
    turn_degrees: float | None = None
    shift_percent: float | None = None


def refused(reason: str, *, points: int = 0) -> Laid:
    return Laid(AlignmentState.REFUSED, reason, points=points)
