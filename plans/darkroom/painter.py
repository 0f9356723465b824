"""Illustrations of a scalp for the demo clinic: no person, no photo, and it says so in the corner.

The same seed puts every hair at the same place; density decides how many of them are there and how thick they are.
So two pictures of one seed read as before and after.
"""

from __future__ import annotations

import io
import math
import random
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from .scalp_maps import MAPS, Field, ScalpMap

VIEWS = tuple(MAPS)
Colour = tuple[int, int, int]

_SKINS: tuple[Colour, ...] = ((226, 178, 148), (214, 164, 132), (198, 146, 112), (168, 118, 88), (232, 190, 164))
_HAIRS: tuple[Colour, ...] = ((46, 34, 28), (66, 46, 34), (30, 25, 24), (88, 64, 46), (52, 42, 38))
_SUPERSAMPLING = 2
_COLUMNS, _ROWS = 66, 50
_TUFT = 2


def paint_scalp(
    view: str, *, density: float, seed: int, size: tuple[int, int] = (1200, 900), caption: str | None = None
) -> bytes:
    """Return a JPEG illustration of one view. `density` 0–1 is the share of hair left where it thins."""
    scalp = MAPS[view]
    chance = random.Random(f"{view} {seed}")
    # The person is the same in every view; only the hairs differ.
    person = random.Random(seed)
    skin, hair = person.choice(_SKINS), person.choice(_HAIRS)
    density = min(max(density, 0.0), 1.0)
    # Skin and shadow are soft: painted at half size, they cost a quarter.
    canvas = _skin(scalp, skin, chance, (size[0] // 2, size[1] // 2))
    _shade(canvas, scalp, hair, density)
    canvas = canvas.resize((size[0] * _SUPERSAMPLING, size[1] * _SUPERSAMPLING), Image.Resampling.BILINEAR)
    _draw_hairs(canvas, scalp, hair, density, chance)
    canvas = canvas.reduce(_SUPERSAMPLING)
    canvas = _light(canvas)
    _sign(canvas, caption)
    sheet = io.BytesIO()
    canvas.save(sheet, "JPEG", quality=90)
    return sheet.getvalue()


def _skin(scalp: ScalpMap, skin: Colour, chance: random.Random, size: tuple[int, int]) -> Image.Image:
    """Skin where the head is, a plain clinic wall elsewhere, with a few freckles."""
    canvas = Image.new("RGB", size, (206, 214, 216))
    canvas.paste(skin, mask=_mask(scalp.head, size))
    mottle = Image.frombytes("L", (60, 45), chance.randbytes(2700)).filter(ImageFilter.GaussianBlur(2))
    tint = Image.blend(canvas, Image.new("RGB", size, (190, 112, 96)), 0.5)
    patches = mottle.point(lambda grey: max(0, min(90, (grey - 112) * 4))).resize(size, Image.Resampling.BICUBIC)
    canvas.paste(tint, mask=ImageChops.multiply(patches, _mask(scalp.head, size)))
    pen = ImageDraw.Draw(canvas)
    for _ in range(26):
        x, y, r = chance.random() * size[0], chance.random() * size[1], 0.6 + chance.random() * 1.2
        if scalp.head(x / size[0], y / size[1]) > 0.9:
            pen.ellipse((x - r, y - r, x + r, y + r), fill=_mix(skin, (120, 70, 48), 0.45))
    return canvas


def _shade(canvas: Image.Image, scalp: ScalpMap, hair: Colour, density: float) -> None:
    """The darkness of the hair mass underneath, so that full areas let no skin through."""

    def mass(u: float, v: float) -> float:
        left = _left(scalp, u, v, density)
        return 0.9 * math.pow(left, 1.6) * scalp.hair(u, v)

    canvas.paste(_mix(hair, (0, 0, 0), 0.25), mask=_mask(mass, canvas.size))


def _draw_hairs(canvas: Image.Image, scalp: ScalpMap, hair: Colour, density: float, chance: random.Random) -> None:
    pen = ImageDraw.Draw(canvas)
    width, height = canvas.size
    shades = [_mix(hair, (214, 178, 140), 0.04 + 0.05 * shade) for shade in range(9)]
    for row in range(_ROWS):
        for column in range(_COLUMNS):
            # Everything is drawn from the dice before anything is decided: the next hair must not move.
            u = (column + chance.random()) / _COLUMNS
            v = (row + chance.random()) / _ROWS
            dice = [chance.random() for _ in range(_TUFT * 5)]
            covered = scalp.hair(u, v)
            if covered <= 0.02:
                continue
            left = _left(scalp, u, v, density)
            for strand in range(_TUFT):
                rank, length, bend, tone, turn = dice[strand * 5 : strand * 5 + 5]
                if rank > covered * (0.06 + 0.94 * left):
                    continue
                points = _strand(scalp, u, v, length=length, bend=bend, turn=turn, vigour=left)
                thick = max(1, round((1.6 + 2.6 * left + tone) * width / 2400))
                colour = shades[int(tone * tone * len(shades))]
                pen.line([(x * width, y * height) for x, y in points], fill=colour, width=thick)


def _strand(
    scalp: ScalpMap, u: float, v: float, *, length: float, bend: float, turn: float, vigour: float
) -> list[tuple[float, float]]:
    """Follow the direction of growth for four short steps, with a curl of the hair's own."""
    step = (0.0125 + 0.0175 * length) * (0.45 + 0.55 * vigour)
    angle = scalp.flow(u, v) + (turn - 0.5) * 0.7
    ahead = scalp.flow(u + 2 * step * math.cos(angle), v + 2 * step * math.sin(angle)) + (turn - 0.5) * 0.7
    # The growth direction is asked twice and bent evenly between: asking at each step doubles the time.
    curl = math.remainder(ahead - angle, math.tau) / 2 + (bend - 0.5) * 0.25
    points = [(u, v)]
    for _ in range(4):
        u += math.cos(angle) * step
        v += math.sin(angle) * step * 4 / 3
        points.append((u, v))
        angle += curl
    return points


def _left(scalp: ScalpMap, u: float, v: float, density: float) -> float:
    """The share of hair left at a place, 0–1."""
    return 1 - scalp.thinning(u, v) * (1 - density)


def _mask(field: Field, size: tuple[int, int]) -> Image.Image:
    columns, rows = 72, 54
    values = bytes(
        round(255 * min(1.0, max(0.0, field((x + 0.5) / columns, (y + 0.5) / rows))))
        for y in range(rows)
        for x in range(columns)
    )
    return Image.frombytes("L", (columns, rows), values).resize(size, Image.Resampling.BICUBIC)


def _light(canvas: Image.Image) -> Image.Image:
    """A lamp from above: the middle bright, the corners falling off."""
    return Image.composite(canvas, Image.new("RGB", canvas.size, (22, 18, 18)), _lamp(canvas.size))


@cache
def _lamp(size: tuple[int, int]) -> Image.Image:
    return _mask(lambda u, v: 1.04 - 0.85 * ((u - 0.5) ** 2 + (v - 0.42) ** 2), size)


def _sign(canvas: Image.Image, caption: str | None) -> None:
    words = f"Illustration · {caption}" if caption else "Illustration"
    pen = ImageDraw.Draw(canvas, "RGBA")
    font = ImageFont.load_default(max(11, canvas.width // 60))
    left, top, right, bottom = pen.textbbox((0, 0), words, font=font)
    x, y = 14, canvas.height - (bottom - top) - 24
    pen.rectangle((x - 6, y - 4, x + right - left + 6, y + bottom - top + 8), fill=(255, 255, 255, 170))
    pen.text((x - left, y - top + 2), words, font=font, fill=(40, 40, 40, 255))


def _mix(first: Colour, second: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
    return red, green, blue
