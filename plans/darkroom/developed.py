"""A photo as the program stores it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .advice import advise
from .tank.measure import Quality

RENDITIONS = ("large", "medium", "thumb")


@dataclass(frozen=True, slots=True)
class Developed:
    """One photo, ready to be stored; nothing of what was uploaded but its pixels, and the capture time.

    original: a JPEG. With `pixel_exact` its pixels are the upload's, bit by bit, and an orientation tag may
    remain; otherwise it was encoded anew, upright and in sRGB. width, height: of the original seen upright.
    renditions: "large", "medium", "thumb": JPEG, 1600, 800, 200 px long edge at most, upright, sRGB, no metadata.
    sha256 is of `original`, source_sha256 of the upload (to notice duplicates). taken_at: the camera's clock, no zone.
    """

    original: bytes
    pixel_exact: bool
    width: int
    height: int
    renditions: dict[str, bytes]
    sha256: str
    source_sha256: str
    taken_at: datetime | None
    quality: Quality
    advice: tuple[str, ...]
    original_media_type: str = "image/jpeg"


def developed_from(source_sha256: str, header: Mapping[str, Any], blobs: list[bytes]) -> Developed:
    """Build the result from the tank's answer, trusting none of it; ValueError, TypeError or KeyError if it is odd."""
    original, *prints = blobs
    if tuple(header["prints"]) != RENDITIONS or not all(map(_is_jpeg, blobs)):
        raise ValueError("not what the tank should answer")
    figures = header["quality"]
    quality = Quality(
        sharpness=float(figures["sharpness"]),
        brightness=float(figures["brightness"]),
        clipped_dark=float(figures["clipped_dark"]),
        clipped_light=float(figures["clipped_light"]),
        width=int(figures["width"]),
        height=int(figures["height"]),
    )
    taken = header["taken_at"]
    return Developed(
        original=original,
        pixel_exact=header["pixel_exact"] is True,
        width=quality.width,
        height=quality.height,
        renditions=dict(zip(RENDITIONS, prints, strict=True)),
        sha256=hashlib.sha256(original).hexdigest(),
        source_sha256=source_sha256,
        taken_at=datetime.fromisoformat(taken) if taken is not None else None,
        quality=quality,
        advice=advise(quality),
    )


def _is_jpeg(blob: bytes) -> bool:
    return blob.startswith(b"\xff\xd8\xff") and blob.endswith(b"\xff\xd9")
