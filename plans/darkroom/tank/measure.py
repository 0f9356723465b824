"""How good a photo is, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageFilter, ImageStat

_DARK, _LIGHT = 8, 247
# Halved so that the steepest edges still fit into a byte; the variance is multiplied back by four.
_LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=2, offset=128)


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of one photo, all but the size taken from grey at 800 px along the long edge (or less, if it has less).

    sharpness: variance of the Laplacian, in squared grey steps; higher is sharper, comparable within one view only.
    brightness: mean grey, 0–255. clipped_dark, clipped_light: share of pixels near black and white, 0–1.
    width, height: upright, in pixels of the original.
    """

    sharpness: float
    brightness: float
    clipped_dark: float
    clipped_light: float
    width: int
    height: int


def measure(picture: Image.Image, *, width: int, height: int) -> Quality:
    """Return the figures of the medium rendition of a photo whose original has the given upright size."""
    grey = picture.getchannel("Y") if picture.mode == "YCbCr" else picture.convert("L")
    counts = grey.histogram()
    total = grey.width * grey.height
    edges = grey.filter(_LAPLACIAN).crop((1, 1, grey.width - 1, grey.height - 1))
    return Quality(
        sharpness=round(ImageStat.Stat(edges).var[0] * 4, 1),
        brightness=round(sum(level * count for level, count in enumerate(counts)) / total, 1),
        clipped_dark=round(sum(counts[: _DARK + 1]) / total, 4),
        clipped_light=round(sum(counts[_LIGHT:]) / total, 4),
        width=width,
        height=height,
    )
