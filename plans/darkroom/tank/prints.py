"""The renditions: upright, sRGB, without a word of metadata, made large to small."""

from __future__ import annotations

import io

from PIL import Image

EDGES = {"large": 1600, "medium": 800, "thumb": 200}
_PRINT_QUALITY, _ORIGINAL_QUALITY = 85, 95


def shrink(image: Image.Image, edge: int) -> Image.Image:
    """Return the image with its long edge at most `edge`; never enlarged."""
    longest = max(image.size)
    if longest <= edge:
        return image
    if longest % edge == 0:
        return image.reduce(longest // edge)
    size = (max(1, round(image.width * edge / longest)), max(1, round(image.height * edge / longest)))
    if image.mode == "YCbCr" and longest < 2 * edge:
        return _shrink_by_planes(image, size)
    # Two thirds of bicubic's time; on a photo shrunk by less than two nobody sees which of them it was.
    return image.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)


def _shrink_by_planes(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Brightness with care, colour by picking: coding halves its resolution again, so that nothing of it is seen."""
    light, *colour = image.split()
    light = light.resize(size, Image.Resampling.HAMMING)
    return Image.merge("YCbCr", [light, *(plane.resize(size, Image.Resampling.NEAREST) for plane in colour)])


def make_prints(large: Image.Image) -> dict[str, Image.Image]:
    """Return the three renditions of an upright picture of at most 1600 px, each made from the one before."""
    prints = {}
    image = large
    for name, edge in EDGES.items():
        prints[name] = image = shrink(image, edge)
    return prints


def encode_prints(prints: dict[str, Image.Image]) -> dict[str, bytes]:
    return {name: encode(image, quality=_PRINT_QUALITY) for name, image in prints.items()}


def encode_original(image: Image.Image) -> bytes:
    """Return the stored original of a picture that could not stay as it was: full colour resolution."""
    return encode(image, quality=_ORIGINAL_QUALITY, subsampling=0)


def encode(image: Image.Image, *, quality: int, subsampling: int = -1) -> bytes:
    # Pillow copies profile and comment from `info` into what it saves.
    image.info.clear()
    sheet = io.BytesIO()
    image.save(sheet, "JPEG", quality=quality, subsampling=subsampling)
    return sheet.getvalue()
