"""A JPEG taken apart and put together again without touching a single pixel.

What it cannot see are bytes inside the coded scans that no decoder looks at: they are no tags, and stay.

Source: ITU-T T.81 annex B (markers), JFIF 1.02, Exif 2.3, ICC.1 annex B.4 (profiles in APP2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .limits import MAX_SCANS
from .unfit import Unfit

_SOI, _EOI, _SOS, _DHT, _DQT, _DRI = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDD
_PLAIN_FRAMES = {0xC0, 0xC1, 0xC2}
_PROGRESSIVE = 0xC2
_ALL_FRAMES = {*range(0xC0, 0xD0)} - {_DHT, 0xC8, 0xCC}
_APP0, _APP1, _APP2, _APP14, _COM = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
_ICC_SIGNATURE = b"ICC_PROFILE\x00"

# Inside a scan FF 00 is a stuffed byte and FF D0–D7 a restart; any other pair ends it.
_SCAN_END = re.compile(rb"\xff[^\x00\xd0-\xd7]")
_JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"


# Which kind of table (the marker) and its slot: quantisation 0–3, Huffman class × 16 + 0–3.
Table = tuple[int, int]


@dataclass(slots=True)
class Negative:
    """The picture proper (`parts`, in file order) and what was found around it.

    `unrefined` are the coefficients of which a progressive picture still owes the last bits.
    `plain` is False when dropping the rest could change how the pixels decode, or when
    something is there that we do not know: then the picture must be re-encoded.
    """

    width: int = 0
    height: int = 0
    components: int = 0
    plain: bool = True
    end: int = 0
    exif: bytes | None = None
    parts: list[memoryview] = field(default_factory=list)
    icc_pieces: dict[int, bytes] = field(default_factory=dict)
    scans: int = 0
    frame: int = 0
    unrefined: set[tuple[int, int]] = field(default_factory=set)
    has_jfif: bool = False
    adobe_transform: int | None = None
    ids: bytes = b""
    tables: set[Table] = field(default_factory=set)
    tables_in_use: set[Table] = field(default_factory=set)
    fresh_tables: set[Table] = field(default_factory=set)

    @property
    def icc(self) -> bytes | None:
        return b"".join(piece for _, piece in sorted(self.icc_pieces.items())) or None


def take_apart(data: bytes) -> Negative:
    """Read the first picture up to its own end; all after it is left behind.

    Unfit photo_broken when it is cut off or not a JPEG, photo_bomb for absurdly many scans.
    """
    negative = Negative()
    whole = memoryview(data)
    at = 2
    while True:
        marker, at = _next_marker(data, at)
        if marker == _EOI:
            break
        length = int.from_bytes(data[at : at + 2], "big")
        payload = data[at + 2 : at + length]
        if length < 2 or len(payload) != length - 2:
            raise Unfit("photo_broken")
        after = at + length
        if marker == _SOS:
            _read_scan_header(negative, payload)
            after = _scan_end(data, after)
            negative.parts.append(whole[at - 2 : after])
        elif _belongs_to_the_picture(negative, marker, payload):
            negative.parts.append(whole[at - 2 : after])
        at = after
    if not negative.scans or not negative.components or negative.unrefined:
        raise Unfit("photo_broken")
    negative.end = at
    negative.plain &= _decodes_alike_without_its_headers(negative) and negative.tables <= negative.tables_in_use
    return negative


def put_together(negative: Negative, *, exif: bytes = b"", icc: bytes = b"") -> bytes:
    """Return the same pixels with a bare header of our own and, when given, our own EXIF and profile."""
    blocks = [b"\xff\xd8", _JFIF]
    if exif:
        blocks.append(_segment(_APP1, exif))
    if icc:
        blocks.append(_segment(_APP2, _ICC_SIGNATURE + b"\x01\x01" + icc))
    return b"".join([*blocks, *negative.parts, b"\xff\xd9"])


def _segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(payload) + 2).to_bytes(2, "big") + payload


def _next_marker(data: bytes, at: int) -> tuple[int, int]:
    if data[at : at + 1] != b"\xff":
        raise Unfit("photo_broken")
    while data[at : at + 1] == b"\xff":
        at += 1
    if at >= len(data):
        raise Unfit("photo_broken")
    marker = data[at]
    if marker in (0x00, 0x01, _SOI) or 0xD0 <= marker <= 0xD7:
        raise Unfit("photo_broken")
    return marker, at + 1


def _scan_end(data: bytes, at: int) -> int:
    found = _SCAN_END.search(data, at)
    if found is None:
        raise Unfit("photo_broken")
    return found.start()


def _belongs_to_the_picture(negative: Negative, marker: int, payload: bytes) -> bool:
    if marker in _ALL_FRAMES:
        _read_frame(negative, marker, payload)
        return True
    if marker == _DRI:
        negative.plain &= len(payload) == 2
        return True
    if marker in (_DHT, _DQT):
        _read_tables(negative, marker, payload)
        return True
    if 0xE0 <= marker <= 0xEF or marker == _COM:
        _note(negative, marker, payload)
        return False
    negative.plain = False
    return False


def _read_frame(negative: Negative, marker: int, payload: bytes) -> None:
    if len(payload) < 6 or negative.components:
        raise Unfit("photo_broken")
    negative.frame = marker
    negative.height = int.from_bytes(payload[1:3], "big")
    negative.width = int.from_bytes(payload[3:5], "big")
    negative.components = payload[5]
    negative.ids = payload[6::3]
    if not (negative.width and negative.height and negative.components):
        raise Unfit("photo_broken")
    exact_length = len(payload) == 6 + 3 * negative.components
    negative.tables_in_use |= {(_DQT, slot) for slot in payload[8::3]}
    negative.plain &= marker in _PLAIN_FRAMES and payload[0] == 8 and exact_length


def _read_tables(negative: Negative, marker: int, payload: bytes) -> None:
    """Note which slots are filled. A table nobody uses, one written over before use, or slack hides things."""
    at = 0
    while at < len(payload):
        if marker == _DQT:
            slot, size = payload[at] & 15, 129 if payload[at] >> 4 else 65
        else:
            slot, size = payload[at], 17 + sum(payload[at + 1 : at + 17])
        negative.plain &= (marker, slot) not in negative.fresh_tables
        negative.fresh_tables.add((marker, slot))
        negative.tables.add((marker, slot))
        at += size
    negative.plain &= at == len(payload)


def _read_scan_header(negative: Negative, payload: bytes) -> None:
    negative.scans += 1
    if negative.scans > MAX_SCANS:
        raise Unfit("photo_bomb")
    count = payload[0] if payload else 0
    negative.plain &= len(payload) == 4 + 2 * count
    _note_refinement(negative, payload[1 : 1 + 2 * count : 2], payload[1 + 2 * count :])
    for slots in payload[2 : 1 + 2 * count : 2]:
        negative.tables_in_use |= {(_DHT, slots >> 4), (_DHT, 16 + (slots & 15))}
    negative.fresh_tables.clear()


def _note_refinement(negative: Negative, components: bytes, selection: bytes) -> None:
    """A progressive scan may leave the lowest bits to a later one: a file that ends before it was cut off."""
    if negative.frame != _PROGRESSIVE or len(selection) != 3:
        return
    first, last, bits_left = selection[0], min(selection[1], 63), selection[2] & 15
    touched = {(component, place) for component in components for place in range(first, last + 1)}
    if bits_left:
        negative.unrefined |= touched
    else:
        negative.unrefined -= touched


def _note(negative: Negative, marker: int, payload: bytes) -> None:
    if marker == _APP0 and payload.startswith(b"JFIF\x00"):
        negative.has_jfif = True
    elif marker == _APP1 and payload.startswith(b"Exif\x00\x00") and negative.exif is None:
        negative.exif = payload
    elif marker == _APP2 and payload.startswith(_ICC_SIGNATURE) and len(payload) > 14:
        negative.icc_pieces.setdefault(payload[12], payload[14:])
    elif marker == _APP14 and payload.startswith(b"Adobe") and len(payload) >= 12:
        negative.adobe_transform = payload[11]


def _decodes_alike_without_its_headers(negative: Negative) -> bool:
    """Decoders guess YCbCr from JFIF, then Adobe's flag, then the component ids (libjpeg, jdapimin.c)."""
    if negative.components == 1:
        return True
    if negative.components != 3:
        return False
    if negative.has_jfif:
        return True
    if negative.adobe_transform is not None:
        return negative.adobe_transform == 1
    return negative.ids != b"RGB"
