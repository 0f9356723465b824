"""What a file is, told by its own first bytes and never by its name."""

from __future__ import annotations

from enum import StrEnum

from .limits import MAX_BYTES
from .unfit import Unfit


class Format(StrEnum):
    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    HEIF = "HEIF"
    AVIF = "AVIF"


# Pixels a real photo may hold per byte of file. A flat PNG reaches 344 and a bi-level one 8,000; a camera JPEG about 5.
PIXELS_PER_BYTE = {Format.JPEG: 300, Format.PNG: 300, Format.WEBP: 4000, Format.HEIF: 4000, Format.AVIF: 4000}

_AVIF_BRANDS = {b"avif", b"avis"}
_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_MARKUP = (b"<!doctype", b"<html", b"<script", b"<body", b"<head", b"<?php", b"<iframe")
_REFUSED: tuple[tuple[bytes, str], ...] = (
    (b"GIF8", "a GIF picture"),
    (b"II*\x00", "a TIFF or camera raw file"),
    (b"MM\x00*", "a TIFF or camera raw file"),
    (b"II+\x00", "a TIFF or camera raw file"),
    (b"MM\x00+", "a TIFF or camera raw file"),
    (b"8BPS", "a Photoshop file"),
    (b"%!PS", "a PostScript file"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript file"),
    (b"%PDF", "a PDF document"),
    (b"BM", "a BMP picture"),
    (b"\x00\x00\x01\x00", "an icon file"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x1aE\xdf\xa3", "a video"),
)


def recognise(upload: bytes) -> Format:
    """Return the format of an upload we keep; Unfit photo_empty, photo_too_big or photo_format otherwise."""
    if not upload:
        raise Unfit("photo_empty")
    if len(upload) > MAX_BYTES:
        raise Unfit("photo_too_big")
    if upload.startswith(b"\xff\xd8\xff"):
        return Format.JPEG
    if upload.startswith(b"\x89PNG\r\n\x1a\n"):
        return Format.PNG
    if upload.startswith(b"RIFF") and upload[8:12] == b"WEBP":
        return Format.WEBP
    if upload[4:8] == b"ftyp":
        return _from_brands(upload)
    raise Unfit("photo_format", _name_of(upload))


def _from_brands(upload: bytes) -> Format:
    size = min(int.from_bytes(upload[:4], "big"), 256)
    brands = {upload[8:12], *(upload[at : at + 4] for at in range(16, size, 4))}
    if brands & _AVIF_BRANDS:
        return Format.AVIF
    if brands & _HEIF_BRANDS:
        return Format.HEIF
    raise Unfit("photo_format", "a video")


def _name_of(upload: bytes) -> str:
    for magic, name in _REFUSED:
        if upload.startswith(magic):
            return name
    start = upload[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in start:
        return "an SVG drawing"
    if any(tag in start for tag in _MARKUP):
        return "a web page or a script"
    return "a file of another kind"
