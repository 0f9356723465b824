"""Header values that cannot break out of their line: folded, encoded, and free of control characters."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_SAFE_TOKEN = re.compile(r"[!-;=?-~]+")
_NEEDS_QUOTES = re.compile(r"[^A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]")

LONGEST_PLAIN = 60
"""A plain text longer than this is encoded, because encoded words fold cleanly and plain words may not."""

ENCODED_BYTES = 39
"""Gives encoded words of 64 characters: with any of our header names the line stays under RFC 2047's 76."""

LONGEST_ID = 250
"""So that several still make lines well under RFC 5322's 998."""


def unstructured(text: str) -> str:
    """Return a subject's text, encoded and folded where it must be (RFC 2047)."""
    line = one_line(text)
    if line.isascii() and len(line) <= LONGEST_PLAIN and "=?" not in line:
        return line
    return _encoded(line)


def mailbox(name: str, address: str) -> str:
    """Return `Name <address>`; the address comes ready from `ascii_address`."""
    line = one_line(name)
    if not line:
        return address
    if not line.isascii() or len(line) > LONGEST_PLAIN or "=?" in line:
        return f"{_encoded(line)}\r\n <{address}>"
    if _NEEDS_QUOTES.search(line):
        quoted = line.replace("\\", "\\\\").replace('"', '\\"')
        line = f'"{quoted}"'
    return f"{line}\r\n <{address}>" if len(line) + len(address) > LONGEST_PLAIN else f"{line} <{address}>"


def identifier(text: str) -> str:
    """Return a Message-ID in its angle brackets. ValueError for blanks, brackets, non-ASCII or over 250 characters."""
    inner = text.removeprefix("<").removesuffix(">")
    if len(inner) > LONGEST_ID or not _SAFE_TOKEN.fullmatch(inner):
        raise ValueError(f"{text[:40]!r} cannot stand in a mail as an id.")
    return f"<{inner}>"


def references(ids: tuple[str, ...]) -> str:
    """Return a References value, one id a line."""
    return "\r\n ".join(identifier(text) for text in ids)


def web_address(url: str) -> str:
    """Return the URL when it is one line of plain http(s); ValueError otherwise."""
    if not url.startswith(("https://", "http://")) or len(url) > 900 or not _SAFE_TOKEN.fullmatch(url):
        raise ValueError("An address of the web in a mail header must be plain http(s) without blanks.")
    return url


def one_line(text: str) -> str:
    """Return the text with every run of blanks and control characters as one space."""
    return _CONTROL.sub(" ", text).strip()


def _encoded(line: str) -> str:
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(piece).decode('ascii')}?=" for piece in _pieces(line))


def _pieces(line: str) -> Iterator[bytes]:
    """Cut between characters, never inside one: a mail program decodes each encoded word alone."""
    piece = b""
    for character in line:
        encoded = character.encode("utf-8")
        if len(piece) + len(encoded) > ENCODED_BYTES:
            yield piece
            piece = b""
        piece += encoded
    yield piece
