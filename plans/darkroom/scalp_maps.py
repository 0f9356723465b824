"""What a painted scalp looks like from each side: where the head is, where hair grows, which way, and where it thins.

Places are given as shares of width and height (u to the right, v down); answers are 0–1, directions radians.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

Field = Callable[[float, float], float]


@dataclass(frozen=True, slots=True)
class ScalpMap:
    head: Field
    hair: Field
    flow: Field
    thinning: Field


def _step(edge: float, width: float, value: float) -> float:
    """0 below the edge, 1 above it, soft over `width`."""
    t = min(1.0, max(0.0, (value - edge) / width + 0.5))
    return t * t * (3 - 2 * t)


def _oval(u: float, v: float, middle: tuple[float, float], radii: tuple[float, float]) -> float:
    """Distance from the middle in radii: 1 on the rim."""
    return math.hypot((u - middle[0]) / radii[0], (v - middle[1]) / radii[1])


def _inside(middle: tuple[float, float], radii: tuple[float, float], softness: float = 0.06) -> Field:
    return lambda u, v: 1 - _step(1.0, softness, _oval(u, v, middle, radii))


def _whole(_u: float, _v: float) -> float:
    return 1.0


def _vertex() -> ScalpMap:
    """From above and behind: hair turns round the whorl, and thins round it."""
    whorl = (0.50, 0.46)

    def flow(u: float, v: float) -> float:
        outward = math.atan2((v - whorl[1]) * 0.75, u - whorl[0])
        away = _oval(u, v, whorl, (0.5, 0.6))
        return outward + 1.05 * (1 - min(1.0, away)) + 0.15

    def thinning(u: float, v: float) -> float:
        return 1 - _step(0.75, 0.95, _oval(u, v, whorl, (0.34, 0.42)))

    return ScalpMap(_whole, _whole, flow, thinning)


def _midline() -> ScalpMap:
    """From above: a part from forehead to crown, wider in front as hair is lost."""

    def part(v: float) -> float:
        return 0.5 + 0.012 * math.sin(v * 7)

    def hair(u: float, v: float) -> float:
        return _step(0.010, 0.016, abs(u - part(v)))

    def flow(u: float, v: float) -> float:
        side = 1 if u > part(v) else -1
        return math.atan2(0.35 + 0.5 * abs(u - part(v)), side)

    def thinning(u: float, v: float) -> float:
        reach = 0.10 + 0.14 * (1 - v)
        return 1 - _step(reach * 0.6, reach * 1.4, abs(u - part(v)))

    return ScalpMap(_whole, hair, flow, thinning)


def _frontal() -> ScalpMap:
    """From the front: forehead below, the hairline as an M whose corners deepen."""

    def line(u: float) -> float:
        across = abs(u - 0.5) / 0.5
        return 0.66 - 0.13 * math.exp(-(((across - 0.52) / 0.17) ** 2)) + 0.10 * max(0.0, across - 0.62)

    def hair(u: float, v: float) -> float:
        return _step(-0.004, 0.045, line(u) - v) * head(u, v)

    def flow(u: float, _v: float) -> float:
        return -math.pi / 2 + (u - 0.5) * 1.5

    def thinning(u: float, v: float) -> float:
        across = abs(u - 0.5) / 0.5
        corner = math.exp(-(((across - 0.50) / 0.24) ** 2))
        behind_the_line = line(u) - v
        return (0.45 + 0.55 * corner) * (1 - _step(0.16 + 0.14 * corner, 0.30, behind_the_line))

    head = _inside((0.5, 0.80), (0.46, 0.76), 0.03)
    return ScalpMap(head, hair, flow, thinning)


def _temporal(*, mirrored: bool) -> ScalpMap:
    """From the side: face to one edge, the temple's hollow, the ear's place left bare."""

    def across(u: float) -> float:
        return 1 - u if mirrored else u

    def line(v: float) -> float:
        return 0.30 + 0.11 * math.exp(-(((v - 0.40) / 0.11) ** 2)) - 0.10 * _step(0.58, 0.2, v)

    def hair(u: float, v: float) -> float:
        x = across(u)
        ear = _step(1.0, 0.12, _oval(x, v, (0.56, 0.93), (0.13, 0.25)))
        return _step(0.0, 0.05, x - line(v)) * ear * head(u, v)

    def flow(u: float, v: float) -> float:
        angle = 0.35 + 0.9 * v
        return math.pi - angle if mirrored else angle

    def thinning(u: float, v: float) -> float:
        hollow = _oval(across(u), v, (0.42, 0.38), (0.22, 0.30))
        return 1 - _step(0.75, 0.8, hollow)

    def head(u: float, v: float) -> float:
        return 1 - _step(1.0, 0.03, _oval(across(u), v, (0.60, 0.72), (0.52, 0.66)))

    return ScalpMap(head, hair, flow, thinning)


def _occipital() -> ScalpMap:
    """From behind: hair falls to the nape; little is ever lost here."""

    def hair(u: float, v: float) -> float:
        nape = 0.86 - 0.10 * math.cos((u - 0.5) * 5)
        return _step(0.0, 0.05, nape - v) * head(u, v)

    def flow(u: float, v: float) -> float:
        return math.pi / 2 - (u - 0.5) * 0.9 * (1 - v)

    def thinning(u: float, v: float) -> float:
        return 0.7 * (1 - _step(0.12, 0.5, v))

    def head(u: float, v: float) -> float:
        skull = 1 - _step(1.0, 0.03, _oval(u, v, (0.5, 0.48), (0.42, 0.56)))
        neck = _step(0.0, 0.02, 0.25 - abs(u - 0.5)) * _step(0.6, 0.1, v)
        return max(skull, neck)

    return ScalpMap(head, hair, flow, thinning)


# Views that look much like another are painted like it.
ALIKE = {
    "top": "vertex",
    "back": "occipital",
    "left": "left_temporal",
    "right": "right_temporal",
    "left_oblique": "left_temporal",
    "right_oblique": "right_temporal",
    "left_sideburn": "left_temporal",
    "right_sideburn": "right_temporal",
    "brows": "frontal",
    "hairline_edge": "frontal",
    "lesion_1": "vertex",
    "lesion_2": "vertex",
    "lesion_3": "vertex",
}


class _Maps(dict[str, ScalpMap]):
    def __missing__(self, view: str) -> ScalpMap:
        return self[ALIKE[view]]


MAPS: dict[str, ScalpMap] = _Maps(
    {
        "vertex": _vertex(),
        "midline": _midline(),
        "frontal": _frontal(),
        "left_temporal": _temporal(mirrored=False),
        "right_temporal": _temporal(mirrored=True),
        "occipital": _occipital(),
    }
)
