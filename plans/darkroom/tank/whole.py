"""A picture cut off on its way, with a proper end glued on again: told from a whole one.

A decoder that meets the end too early fills the rest with grey and says nothing that Pillow passes on. But it has to
ask for more when there is no end to meet, and that shows.
"""

from __future__ import annotations

import io
from zlib import crc32

from PIL import Image

from .jpeg import Negative
from .unfit import Unfit

_EOI = b"\xff\xd9"
_SEQUENTIAL = {0xC0, 0xC1}
# Whoever still waits for coefficients takes these for some; whoever has them all skips them as noise between segments.
_PROBES = (b"\x00" * 64, b"\xaa" * 64)
# The decoder fills a register of eight bytes before it looks at the last bits. So up to eight bytes may be lost unseen.
_READ_AHEAD = b"\x00" * 8


def up_to_its_last_row(data: bytes, negative: Negative) -> bytes:
    """Return the JPEG as it should be given to the decoder; Unfit photo_broken when its last scan is cut off.

    `data` ends with the end marker. A picture of one scan needs none, so it loses it: a decoder that still waits for
    rows then finds the file truncated, and Pillow raises. Of several scans the decoder reads on for more until it
    meets the end, so these are decoded twice with different bytes before it: a whole picture is the same both times.
    """
    body = memoryview(data)[: -len(_EOI)]
    if negative.scans == 1 and negative.frame in _SEQUENTIAL:
        return b"".join((body, _READ_AHEAD))
    if len({_sum_of(b"".join((body, probe, _EOI))) for probe in _PROBES}) > 1:
        raise Unfit("photo_broken")
    return data


def _sum_of(data: bytes) -> int:
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        image.draft("YCbCr", image.size)
        return crc32(image.tobytes())
