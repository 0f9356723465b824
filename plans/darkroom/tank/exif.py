"""The two things EXIF may tell us, and the one we write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from PIL import Image

_ORIENTATION, _EXIF_IFD, _TAKEN_AT = 0x0112, 0x8769, 0x9003
_LATEST_YEAR = 2199


@dataclass(frozen=True, slots=True)
class Slip:
    """How the camera was held (1–8) and its own clock when it clicked: no zone, often wrong, better than nothing."""

    orientation: int = 1
    taken_at: datetime | None = None


TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_slip(exif: bytes | None) -> Slip:
    """Return orientation and capture time. Damaged EXIF is common and never a reason to refuse the picture."""
    if not exif:
        return Slip()
    tags = Image.Exif()
    try:
        tags.load(exif)
        orientation = tags.get(_ORIENTATION, 1)
        taken = tags.get_ifd(_EXIF_IFD).get(_TAKEN_AT)
    except Exception:  # the parser raises whatever the bytes provoke
        return Slip()
    return Slip(orientation if orientation in TURNS else 1, _moment(taken))


def orientation_only(orientation: int) -> bytes:
    """Return an EXIF block with the orientation tag and nothing else; empty for upright pictures."""
    if orientation not in TURNS:
        return b""
    entry = b"\x01\x12\x00\x03\x00\x00\x00\x01" + orientation.to_bytes(2, "big") + b"\x00\x00"
    return b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01" + entry + b"\x00\x00\x00\x00"


def upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


def _moment(text: object) -> datetime | None:
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.strptime(text.strip("\x00 ")[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007  cameras know no zone
    except ValueError:
        return None
    return moment if 1990 <= moment.year <= _LATEST_YEAR else None
