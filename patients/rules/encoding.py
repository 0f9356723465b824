"""Finds out how a text file was written, by reading all of it once in pieces."""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO

from clinic.rules.refusal import Refusal

PIECE = 256 * 1024  # bytes

_WORKBOOK = "This is a spreadsheet file, not text: open it and save it as CSV (UTF-8)."
_NOT_TEXT = "This file is not a table saved as text: open it where it was made and save it as CSV (UTF-8)."
_MAGIC = {
    b"PK\x03\x04": _WORKBOOK,
    b"\xd0\xcf\x11\xe0": _WORKBOOK,
    b"%PDF": _NOT_TEXT,
    b"\x1f\x8b": _NOT_TEXT,
    b"\xff\xfe\x00\x00": _NOT_TEXT,  # UTF-32, which no spreadsheet writes
}
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_HIGH = re.compile(rb"[\x80-\xff]")
_UTF8_CHARACTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def text_encoding(file: BinaryIO) -> str:
    """Return the codec the whole file can be read with. Refusal when it is empty, is not text, or mixes encodings."""
    file.seek(0)
    start = file.read(PIECE)
    if not start.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0"):
        raise Refusal("table.empty", "The file is empty.")
    for magic, sentence in _MAGIC.items():
        if start.startswith(magic):
            raise Refusal("table.not-text", sentence)
    for bom, encoding in _BOMS.items():
        if start.startswith(bom):
            return _readable(file, encoding)
    if b"\0" in start:
        return _readable(file, _utf16_without_bom(start))
    # A form feed is text, a dozen control characters are not.
    if len(_NO_TEXT.findall(start)) > len(start) // 100:
        raise Refusal("table.not-text", _NOT_TEXT)
    if _first_fault(file, "utf-8") is None:
        return "utf-8"
    if _mostly_utf8(file):
        raise _mixed(file, "utf-8")
    return _readable(file, "cp1252")


def spoken_name(encoding: str) -> str:
    """Return the encoding's name as spreadsheets call it."""
    return {"cp1252": "Windows-1252", "utf-8-sig": "UTF-8"}.get(encoding, encoding.upper())


def _utf16_without_bom(start: bytes) -> str:
    """Tell the byte order by which reading gives more plain letters, digits and delimiters."""
    even = start[: len(start) // 2 * 2]
    plain = {codec: _plain_share(even, codec) for codec in ("utf-16-le", "utf-16-be")}
    best = max(plain, key=lambda codec: plain[codec])
    without = start.replace(b"\0", b"")
    # UTF-16 of Latin letters is half NULs, of other scripts full of bytes no text has: this is plain text with a hole.
    holed = len(without) > len(start) * 0.8 and without.isascii() and not _NO_TEXT.search(without)
    if holed or plain[best] < 0.05:
        raise Refusal("table.nul", "The file holds NUL bytes: it is damaged or not text. Save it again as CSV (UTF-8).")
    return best


def _plain_share(sample: bytes, codec: str) -> float:
    text = sample.decode(codec, errors="replace")
    # One text in four being NUL or broken is no UTF-16 at all, it is a text with NULs in it.
    if (text.count("\0") + text.count("\ufffd")) * 4 > len(text):
        return 0
    return sum(" " <= character <= "~" or character in "\t\r\n" for character in text) / max(len(text), 1)


def _first_fault(file: BinaryIO, encoding: str) -> int | None:
    """Return the line on which the file cannot be read so, None when all of it can."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    while True:
        piece = file.read(PIECE)
        try:
            line += decoder.decode(piece, final=not piece).count("\n")
        except UnicodeDecodeError as error:
            # `error.object` is what was being read, the start of it may be left from the piece before.
            return line + error.object[: error.start].decode(encoding, errors="ignore").count("\n")
        if not piece:
            return None


def _mostly_utf8(file: BinaryIO) -> bool:
    """Whether most bytes beyond ASCII form UTF-8: then one stray byte must not turn every name into nonsense."""
    file.seek(0)
    high = good = 0
    while piece := file.read(PIECE):
        high += len(_HIGH.findall(piece))
        good += sum(len(character) for character in _UTF8_CHARACTER.findall(piece))
    return good * 2 > high


def _readable(file: BinaryIO, encoding: str) -> str:
    if _first_fault(file, encoding) is not None:
        raise _mixed(file, encoding)
    return encoding


def _mixed(file: BinaryIO, encoding: str) -> Refusal:
    line = _first_fault(file, encoding)
    sentence = (
        f"Line {line} cannot be read as {spoken_name(encoding)}, as the rest is: save the file again as CSV (UTF-8)."
    )
    return Refusal("table.encoding", sentence)
