"""Scalps to lay on each other: painted, with freckles, pores and stray hairs, and photographed twice by a warped camera.

`shot` is what a camera sees of a scene: a crop of it through a similarity (or a perspective) that is known exactly, with
light and noise of its own.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from PIL import Image

from plans.darkroom.painter import paint_scalp

WIDTH, HEIGHT = 1024, 768
SCENE = (1472, 1184)
Array = Any


@dataclass(frozen=True, slots=True)
class Warp:
    """How the later camera stood: the matrix maps a pixel of the later picture onto the earlier one."""

    turn: float = 0.0
    scale: float = 1.0
    right: float = 0.0
    down: float = 0.0
    keystone: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def drawn(cls, dice: np.random.Generator, *, keystone: float = 0.0) -> Warp:
        """Within what the targets promise: ±8°, ±10 %, ±8 % of the picture each way."""
        return cls(
            turn=dice.uniform(-8, 8),
            scale=dice.uniform(0.9, 1.1),
            right=dice.uniform(-0.08, 0.08) * WIDTH,
            down=dice.uniform(-0.08, 0.08) * HEIGHT,
            keystone=(dice.uniform(-keystone, keystone), dice.uniform(-keystone, keystone)),
        )

    @property
    def matrix(self) -> Array:
        cos, sin = (self.scale * part(math.radians(self.turn)) for part in (math.cos, math.sin))
        x, y = (WIDTH - 1) / 2, (HEIGHT - 1) / 2
        to_middle = np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1]])
        lean = np.array([[1, 0, 0], [0, 1, 0], [self.keystone[0] / WIDTH, self.keystone[1] / HEIGHT, 1]])
        turned = np.array([[cos, -sin, x + self.right], [sin, cos, y + self.down], [0, 0, 1]])
        return turned @ lean @ to_middle


@lru_cache(maxsize=64)
def _painted(view: str, seed: int, density: float) -> Array:
    picture = Image.open(io.BytesIO(paint_scalp(view, density=density, seed=seed, size=SCENE)))
    return np.asarray(picture.convert("L"), dtype=np.float32)


def scene(view: str, seed: int, *, density: float = 0.55, faded: float = 0.0, restyled: float = 0.0) -> Array:
    """A scalp larger than any crop of it. The same seed is the same skin; `faded` marks are paler, the share
    `restyled` of loose strands lies elsewhere. Another density is other hair on the same skin."""
    dice = np.random.default_rng([seed, *view.encode()])
    grey = _painted(view, seed, density) + _pores(dice) + _marks(dice, faded)
    return _strands(grey, seed=seed, restyled=restyled, count=round(260 * (0.4 + density)))


def _pores(dice: np.random.Generator) -> Array:
    """Skin under the hair: fine grain and coarse mottling that stay where they are."""
    fine = cv2.GaussianBlur(dice.standard_normal(SCENE[::-1]).astype(np.float32), (0, 0), 1.6)
    coarse = cv2.GaussianBlur(dice.standard_normal(SCENE[::-1]).astype(np.float32), (0, 0), 12)
    return fine / fine.std() * 3.5 + coarse / coarse.std() * 4


def _marks(dice: np.random.Generator, faded: float) -> Array:
    """Freckles and small scars, darker or lighter than the skin; the share `faded` has gone pale by a half."""
    sheet = np.zeros(SCENE[::-1], np.float32)
    for _ in range(420):
        x, y = int(dice.integers(0, SCENE[0])), int(dice.integers(0, SCENE[1]))
        depth = float(dice.uniform(-45, 22)) * (0.5 if dice.random() < faded else 1)
        axes = (int(dice.integers(2, 7)), int(dice.integers(2, 5)))
        cv2.ellipse(sheet, (x, y), axes, float(dice.uniform(0, 180)), 0, 360, depth, -1)
    return cv2.GaussianBlur(sheet, (0, 0), 1.0)


def _strands(grey: Array, *, seed: int, restyled: float, count: int) -> Array:
    """Loose long hairs over everything."""
    dice, moved = np.random.default_rng(seed + 77), np.random.default_rng(seed + 978)
    sheet = grey.copy()
    low, high = (0, 0, 0, 40, -0.006, 25), (*SCENE, math.tau, 150, 0.006, 70)
    for _ in range(count):
        # Both are drawn before one is chosen: the next strand must not move.
        strands = dice.uniform(low, high), moved.uniform(low, high)
        x, y, angle, length, curl, tone = strands[dice.random() < restyled]
        steps = np.arange(0, length, 6)
        along = angle + curl * steps
        points = np.stack([x + np.cumsum(6 * np.cos(along)), y + np.cumsum(6 * np.sin(along))], axis=1)
        cv2.polylines(sheet, [np.round(points * 8).astype(np.int32)], False, float(tone), 1, cv2.LINE_AA, 3)
    return sheet


def shot(view: Array, warp: Warp, *, seed: int, light: float = 1.0, noise: float = 4.0, soft: float = 0.0) -> bytes:
    """Photograph a scene. The earlier camera's warp is `Warp()`; noise and a slope of light are this shot's own."""
    dice = np.random.default_rng(seed)
    edge = np.array([[1, 0, (SCENE[0] - WIDTH) / 2], [0, 1, (SCENE[1] - HEIGHT) / 2], [0, 0, 1]])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpPerspective(view, edge @ warp.matrix, (WIDTH, HEIGHT), flags=how, borderMode=cv2.BORDER_REFLECT)
    slope = 1 + dice.uniform(-0.06, 0.06) * np.linspace(-1, 1, WIDTH)[None, :]
    seen = seen * light * slope
    if soft:
        seen = cv2.GaussianBlur(seen, (0, 0), soft)
    return jpeg(seen + dice.standard_normal(seen.shape) * noise)


def jpeg(grey: Array, *, quality: int = 85) -> bytes:
    _, packed = cv2.imencode(".jpg", np.clip(grey, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return bytes(packed)


def corner_error(unit_matrix: tuple[float, ...], warp: Warp) -> float:
    """Mean distance of the later picture's corners from where they belong, in pixels at 1024 wide."""
    corners = np.array([[0, 0, 1], [1, 0, 1], [0, HEIGHT / WIDTH, 1], [1, HEIGHT / WIDTH, 1]]).T
    found = np.array(unit_matrix).reshape(3, 3) @ corners
    pixels = np.diag([WIDTH, WIDTH, 1.0]) @ corners - np.array([[0.5], [0.5], [0]])
    true = warp.matrix @ pixels
    off = found[:2] / found[2] * WIDTH - 0.5 - true[:2] / true[2]
    return float(np.hypot(*off).mean())
