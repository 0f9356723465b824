"""The process in the tank: one photo in, one plate out, until its input ends."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from typing import IO

from . import wire
from .limits import MAX_BYTES, Limits, confine, start_the_clock, stop_the_clock


def main(memory_mib: str, cpu_seconds: str, wall_seconds: str) -> None:
    limits = Limits(int(memory_mib), int(cpu_seconds), float(wall_seconds))
    # Some decoders print to standard output; ours is a protocol, so they get the void instead.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    confine(limits)
    from .rehearsal import rehearse  # the libraries load under the limits, and before the first photo's clock runs

    rehearse()
    stop_the_clock()
    wire.send(answers, {"ready": True})
    while _one_photo(sys.stdin.buffer, answers, limits):
        pass


def _one_photo(photos: IO[bytes], answers: IO[bytes], limits: Limits) -> bool:
    try:
        _, (upload,) = wire.receive(photos, max_bytes=MAX_BYTES)
    except wire.Garbled:
        return False
    start_the_clock(limits)
    header, blobs = _answer(upload)
    stop_the_clock()
    wire.send(answers, header, blobs)
    return header.get("refused") != "photo_bomb"


def _answer(upload: bytes) -> tuple[dict[str, object], list[bytes]]:
    from .develop import develop
    from .unfit import Unfit

    try:
        plate = develop(upload)
    except Unfit as unfit:
        return {"refused": unfit.code, "kind": unfit.kind}, []
    except MemoryError:
        return {"refused": "photo_bomb", "kind": ""}, []
    except Exception:  # bad pictures raise nearly every exception there is; all of them mean the same
        return {"refused": "photo_broken", "kind": ""}, []
    header: dict[str, object] = {
        "pixel_exact": plate.pixel_exact,
        "taken_at": plate.taken_at.isoformat() if plate.taken_at else None,
        "quality": asdict(plate.quality),
        "prints": list(plate.prints),
    }
    return header, [plate.original, *plate.prints.values()]
