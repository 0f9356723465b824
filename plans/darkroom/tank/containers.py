"""PNG and WebP at the level of their chunks: size before decoding, and only the chunks a picture needs."""

from __future__ import annotations

from .unfit import Unfit

# Text is left out before anything can unpack it, animation so that the first picture is the only one.
_PNG_KEPT = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"sBIT", b"eXIf"}


def png_without_extras(data: bytes) -> bytes:
    """Return the PNG up to IEND with picture, colour and EXIF chunks only; Unfit photo_broken when cut off."""
    kept = [data[:8]]
    at = 8
    while True:
        length = int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8]
        after = at + 12 + length
        if len(name) < 4 or after > len(data):
            raise Unfit("photo_broken")
        if name in _PNG_KEPT:
            kept.append(data[at:after])
        elif name[:1].isupper():
            raise Unfit("photo_broken")
        if name == b"IEND":
            return b"".join(kept)
        at = after


def png_size(data: bytes) -> tuple[int, int]:
    if data[12:16] != b"IHDR" or len(data) < 33:
        raise Unfit("photo_broken")
    return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")


def webp_size(data: bytes) -> tuple[int, int]:
    """Return the canvas size. Asked first because the decoder takes its memory on opening. Source: RFC 9649."""
    if len(data) < 30:
        raise Unfit("photo_broken")
    kind = data[12:16]
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    raise Unfit("photo_broken")
