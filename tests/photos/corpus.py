"""Photos made on the spot: good, odd and hostile. Nothing here was taken of anybody."""

import base64
import io
import random
import struct
import zlib
from functools import cache

from PIL import Image, ImageDraw

from .hostile_names import hostile_names as hostile_names  # one place for all that is hostile

CANARY = b"CANARY-48.8584N"
RED, GREEN, BLUE, GREY = (204, 40, 44), (40, 160, 60), (48, 70, 200), (150, 150, 150)
# How to turn an upright picture so that the EXIF orientation brings it back.
AWAY = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
# 320 × 256, blue with a red upper left quarter, taken at 2026-03-04 10:11:12 by a camera called CANARY-GPS.
# Drawn with Pillow and written once by pillow-heif, because no pure decoder can write HEIC.
_HEIC = (
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAZhtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9j"
    "AAAAAERAAAIAAQAAAAABvAABAAAAAAAAAJgAAgAAAAACVAABAAAAAAAAAG4AAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAA"
    "ABVpbmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAAA12lwcnAAAAC4aXBjbwAAAHlodmNDAQNwAAAAkAAAAAAAPPAA/P34+AAADwNg"
    "AAEAGEABDAH//wNwAAADAJAAAAMAAAMAPLoCQGEAAQAsQgEBA3AAAAMAkAAAAwAAAwA8oAoIBAWW6kkprm4CGgwIAAADAMgAAAMACEBiAAEA"
    "B0QBwXKwYkAAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAABQAAAAQAAAAAQcGl4aQAAAAADCAgIAAAAF2lwbWEAAAAAAAAAAQAB"
    "BIECAwQAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAAQ5tZGF0AAAAlCgBrxMhsbHI5qhw0//9oFH/8AmeH5Pcy0nm9kO5rs7ZidP//lQ4"
    "L+tUFf+4y3+C//3oLjh37LAAERCjAiltKAAAamOkyr2qPLBb3OCYOPRCbROjO/P4fkQgh3S9lMv/+2puABhACQiWlsLX//AW9H814T/8uvX+"
    "wID7gbJgAAADAAAEJIcAAAMAAAMAAAMAAAMAAiYAAAAGRXhpZgAATU0AKgAAAAgAAwEPAAIAAAALAAAAMgESAAMAAAABAAEAAIdpAAQAAAAB"
    "AAAAPgAAAABDQU5BUlktR1BTAAAAAZADAAIAAAAUAAAAUAAAAAAyMDI2OjAzOjA0IDEwOjExOjEyAA=="
)


def heic(quarter_turns: int = 0, *, orientation: int = 1) -> bytes:
    """An iPhone's photo. It is turned (anticlockwise) by a property of the container; its EXIF orientation is for show.

    Source: ISO/IEC 23008-12, 6.5.10 (irot), and annex A: readers ignore the orientation in EXIF.
    """
    data = bytearray(base64.b64decode(_HEIC))
    entry = data.rindex(b"\x01\x12\x00\x03\x00\x00\x00\x01")
    data[entry + 8 : entry + 10] = orientation.to_bytes(2, "big")
    if not quarter_turns:
        return bytes(data)
    irot = struct.pack(">I", 9) + b"irot" + bytes([quarter_turns])
    for name, grown in ((b"ipma", 1), (b"ipco", len(irot)), (b"iprp", len(irot) + 1), (b"meta", len(irot) + 1)):
        at = data.index(name)
        length = int.from_bytes(data[at - 4 : at], "big")
        data[at - 4 : at] = (length + grown).to_bytes(4, "big")
    for item in (0, 1):  # both items lie behind the grown box
        at = data.index(b"iloc") + 16 + item * 18
        moved = int.from_bytes(data[at : at + 4], "big") + len(irot) + 1
        data[at : at + 4] = moved.to_bytes(4, "big")
    ipma = data.index(b"ipma")
    data[ipma + 14] += 1
    data[ipma + 19 : ipma + 19] = b"\x85"  # its fifth property, and one that must be obeyed
    data[ipma - 4 : ipma - 4] = irot
    return bytes(data)


@cache
def _drawn(size: tuple[int, int]) -> Image.Image:
    width, height = size
    image = Image.new("RGB", size, GREY)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, width // 2 - 1, height // 2 - 1), fill=RED)
    pen.rectangle((width // 2, 0, width, height // 2 - 1), fill=GREEN)
    pen.rectangle((0, height // 2, width // 2 - 1, height), fill=BLUE)
    hair = random.Random(5)
    for _ in range(300):
        x, y = hair.randrange(width), hair.randrange(height)
        pen.line((x, y, x + 9, y + 14), fill=(60, 50, 45), width=1)
    return image


def picture(size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Red, green / blue, grey quarters with a few dark hairs."""
    return _drawn(size).copy()


def saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    sheet = io.BytesIO()
    image.save(sheet, kind, **({"quality": 92} if kind == "JPEG" else {}) | options)
    return sheet.getvalue()


def camera_exif(orientation: int = 1) -> bytes:
    """What a phone writes: maker, capture time, place, and a comment."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = CANARY.decode()
    details = tags.get_ifd(0x8769)
    details[0x9003] = "2026:03:04 10:11:12"
    details[0x9286] = b"ASCII\x00\x00\x00" + CANARY
    place = tags.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (48.0, 51.0, 30.24), "E", (2.0, 17.0, 40.2)
    place[29] = CANARY.decode()
    return tags.tobytes()


def oriented(kind: str, orientation: int) -> bytes:
    """The same upright picture, stored turned away, with the EXIF orientation that brings it back."""
    image = picture()
    if orientation in AWAY:
        image = image.transpose(AWAY[orientation])
    exif = camera_exif(orientation)
    options = {"lossless": True} if kind == "WEBP" else {}
    return saved(image, kind, exif=exif, **options)


def segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(payload) + 2) + payload


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def chatty_jpeg(orientation: int = 1) -> bytes:
    """A JPEG with everything phones and programs hang on it, the canary in each."""
    return with_segments(
        oriented("JPEG", orientation),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>" + CANARY + b"</x:xmpmeta>"),
        segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04" + CANARY),
        segment(0xE2, b"FPXR\x00" + CANARY),
        segment(0xEB, b"JP" + CANARY),
        segment(0xFE, CANARY),
    )


def cut_and_glued(jpeg: bytes, keep: float) -> bytes:
    """A JPEG that lost its last part on the way and was given a proper end again by a helpful program."""
    return jpeg[: int(len(jpeg) * keep)].rstrip(b"\xff") + b"\xff\xd9"


def png_chunk(name: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + name + payload + struct.pack(">I", zlib.crc32(name + payload))


def bomb_png(side: int = 50_000) -> bytes:
    """A PNG whose header promises side × side pixels in a few hundred bytes."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes(100_000), 9)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")


def text_bomb_png() -> bytes:
    """A good PNG that also carries 200 MB of nothing in its text, packed small."""
    good = saved(picture(), "PNG")
    text = b"Comment\x00\x00" + zlib.compress(bytes(50_000_000), 9)
    return good[:33] + png_chunk(b"zTXt", text) * 4 + good[33:]


def cut_and_glued_png() -> bytes:
    """Half of a PNG's data, in a chunk whose sum is right, and its end."""
    good = saved(picture(), "PNG")
    data = good.index(b"IDAT")
    half = good[data + 4 : data + 4 + int.from_bytes(good[data - 4 : data], "big") // 2]
    return good[: data - 4] + png_chunk(b"IDAT", half) + png_chunk(b"IEND", b"")


def profile_bomb_png() -> bytes:
    """A good PNG whose colour profile unpacks to 100 MB."""
    good = saved(picture(), "PNG")
    return good[:33] + png_chunk(b"iCCP", b"x\x00\x00" + zlib.compress(bytes(100_000_000), 9)) + good[33:]


def deep_png() -> bytes:
    """Sixteen bits in each of three colours: red grows to the right, green downwards, blue stays."""
    rows = b"".join(
        b"\x00" + b"".join(struct.pack(">HHH", x * 109, y * 160, 0x8000) for x in range(600)) for y in range(400)
    )
    header = struct.pack(">IIBBBBB", 600, 400, 16, 2, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(rows, 1)) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def animated(kind: str) -> bytes:
    """Two frames; the first is the picture, the second all black with the canary's colour nowhere in it."""
    return saved(picture(), kind, save_all=True, append_images=[Image.new("RGB", (640, 480))], duration=100)


def mpo() -> bytes:
    return saved(picture(), "MPO", save_all=True, append_images=[Image.new("RGB", (640, 480), (1, 2, 3))])


def markers(jpeg: bytes) -> list[tuple[int, bytes]]:
    """Every segment before the first scan, told by a reader that shares no code with the program."""
    found, at = [], 2
    while jpeg[at + 1] != 0xDA:
        length = struct.unpack(">H", jpeg[at + 2 : at + 4])[0]
        found.append((jpeg[at + 1], jpeg[at + 4 : at + 2 + length]))
        at += 2 + length
    return found


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
