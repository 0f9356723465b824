"""Messages between the program and the tank: a length, a JSON header, then the blobs it announces. No pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import IO

MAX_HEADER = 16_384
MAX_BLOBS = 8


class Garbled(Exception):
    """The other side is gone or does not speak our language."""


def send(stream: IO[bytes], header: Mapping[str, object], blobs: Sequence[bytes] = ()) -> None:
    words = json.dumps({**header, "blobs": [len(blob) for blob in blobs]}).encode()
    stream.write(len(words).to_bytes(4, "big") + words)
    stream.writelines(blobs)
    stream.flush()


def receive(stream: IO[bytes], *, max_bytes: int) -> tuple[dict[str, object], list[bytes]]:
    """Return header and blobs; Garbled on an early end, or on anything larger than announced or allowed."""
    length = int.from_bytes(_exactly(stream, 4), "big")
    if length > MAX_HEADER:
        raise Garbled
    try:
        header = json.loads(_exactly(stream, length))
        sizes = header.pop("blobs")
        fits = len(sizes) <= MAX_BLOBS and all(type(n) is int and n >= 0 for n in sizes) and sum(sizes) <= max_bytes
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as nonsense:
        raise Garbled from nonsense
    if not fits:
        raise Garbled
    return header, [_exactly(stream, size) for size in sizes]


def _exactly(stream: IO[bytes], size: int) -> bytes:
    got = stream.read(size)
    if len(got) != size:
        raise Garbled
    return got
