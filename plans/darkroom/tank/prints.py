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
    width, height = (max(1, round(side * edge / longest)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=2.0)


def make_prints(large: Image.Image) -> dict[str, bytes]:
    """Return the three renditions as JPEG bytes from an upright sRGB picture of at most 1600 px."""
    prints = {}
    image = large
    for name, edge in EDGES.items():
        image = shrink(image, edge)
        prints[name] = encode(image, quality=_PRINT_QUALITY)
    return prints


def encode_original(image: Image.Image) -> bytes:
    """Return the stored original of a picture that could not stay as it was: full colour resolution."""
    return encode(image, quality=_ORIGINAL_QUALITY, subsampling=0)


def encode(image: Image.Image, *, quality: int, subsampling: int = -1) -> bytes:
    # Pillow copies profile and comment from `info` into what it saves.
    image.info.clear()
    sheet = io.BytesIO()
    image.save(sheet, "JPEG", quality=quality, subsampling=subsampling)
    return sheet.getvalue()
