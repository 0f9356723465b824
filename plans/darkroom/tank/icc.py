"""Colour: which standard a profile equals, our own clean copies of those standards, and the way to sRGB."""

from __future__ import annotations

import io
from enum import StrEnum
from functools import cache
from itertools import product

from PIL import Image, ImageCms

# A profile is "the same" when it moves no colour of the lattice by more than this many of 255 steps.
_SAME_WITHIN = 2
_STEPS = (0, 48, 96, 144, 200, 255)


class Space(StrEnum):
    SRGB = "sRGB"
    DISPLAY_P3 = "Display P3"
    ADOBE_RGB = "Adobe RGB (1998)"


Triple = tuple[float, float, float]

# Primaries adapted to D50 as columns X, Y, Z. Sources: IEC 61966-2-1, SMPTE EG 432-1 (D65), Adobe RGB (1998).
_PRIMARIES: dict[Space, tuple[Triple, Triple, Triple]] = {
    Space.SRGB: ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)),
    Space.DISPLAY_P3: ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407)),
    Space.ADOBE_RGB: ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457)),
}
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_D50: Triple = (0.9642, 1.0, 0.8249)


@cache
def own_profile(space: Space) -> bytes:
    """Return our own profile for a standard space: an ICC v4 matrix profile without date, maker or history."""
    curve = _para(0, (563 / 256,)) if space is Space.ADOBE_RGB else _para(3, _SRGB_CURVE)
    red, green, blue = _PRIMARIES[space]
    tags = {
        b"desc": _text(space.value),
        b"cprt": _text("CC0"),
        b"wtpt": _xyz(_D50),
        b"rXYZ": _xyz(red),
        b"gXYZ": _xyz(green),
        b"bXYZ": _xyz(blue),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    offset = 128 + 4 + 12 * len(tags)
    table, body = len(tags).to_bytes(4, "big"), b""
    for name, value in tags.items():
        table += name + (offset + len(body)).to_bytes(4, "big") + len(value).to_bytes(4, "big")
        body += value
    return _header(offset + len(body)) + table + body


def equals_a_standard(icc: bytes) -> Space | None:
    """Return the standard space an RGB profile equals, or None when it is another one.

    A profile nobody can read counts as sRGB, as browsers do it.
    """
    lattice = Image.new("RGB", (len(_STEPS) ** 3, 1))
    lattice.putdata(list(product(_STEPS, repeat=3)))
    for space in Space:
        moved = _converted(lattice, icc, own_profile(space))
        if moved is None:
            return Space.SRGB
        pairs = zip(lattice.tobytes(), moved.tobytes(), strict=True)
        if max(abs(before - after) for before, after in pairs) <= _SAME_WITHIN:
            return space
    return None


def to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Return the picture in sRGB, mode RGB. Without a readable profile the numbers are taken as sRGB already."""
    if icc:
        converted = _converted(image, icc, own_profile(Space.SRGB))
        if converted is not None:
            return converted
    return image if image.mode == "RGB" else image.convert("RGB")


def _converted(image: Image.Image, source: bytes, target: bytes) -> Image.Image | None:
    try:
        return ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(io.BytesIO(source)),
            ImageCms.ImageCmsProfile(io.BytesIO(target)),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _header(size: int) -> bytes:
    creation = b"".join(n.to_bytes(2, "big") for n in (2000, 1, 1, 0, 0, 0))
    illuminant = b"".join(map(_fixed, _D50))
    start = size.to_bytes(4, "big") + bytes(4) + b"\x04\x20\x00\x00mntrRGB XYZ " + creation + b"acsp"
    return (start + bytes(28) + illuminant).ljust(128, b"\x00")


def _fixed(number: float) -> bytes:
    return round(number * 65536).to_bytes(4, "big", signed=True)


def _xyz(triple: Triple) -> bytes:
    return b"XYZ \x00\x00\x00\x00" + b"".join(map(_fixed, triple))


def _para(kind: int, numbers: tuple[float, ...]) -> bytes:
    return b"para\x00\x00\x00\x00" + kind.to_bytes(2, "big") + b"\x00\x00" + b"".join(map(_fixed, numbers))


def _text(words: str) -> bytes:
    letters = words.encode("utf-16-be")
    record = len(letters).to_bytes(4, "big") + (28).to_bytes(4, "big") + letters
    value = b"mluc\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x0cenUS" + record
    return value.ljust((len(value) + 3) // 4 * 4, b"\x00")
