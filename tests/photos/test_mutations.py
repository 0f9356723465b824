"""Whatever happens to a file on its way, the answer is a photo or a sentence, and it comes soon."""

import random
import time
from dataclasses import dataclass

import pytest

from clinic.rules.refusal import Refusal
from plans.darkroom import Darkroom

from . import corpus
from .test_hostile import peak_kib

SEEDS = [
    corpus.chatty_jpeg(6),
    corpus.saved(corpus.picture(), progressive=True, exif=corpus.camera_exif(3)),
    corpus.saved(corpus.picture().convert("CMYK")),
    corpus.oriented("PNG", 5),
    corpus.saved(corpus.picture().quantize(16), "PNG"),
    corpus.oriented("WEBP", 8),
    corpus.saved(corpus.picture(), "WEBP", quality=60),
    corpus.saved(corpus.picture(), "AVIF", speed=10),
    corpus.mpo(),
    corpus.heic(),
    corpus.heic(1, orientation=6),
]


def mutated(seed: int) -> bytes:
    dice = random.Random(seed)
    data = bytearray(SEEDS[seed % len(SEEDS)])
    for _ in range(dice.choice((1, 1, 3, 12))):
        at = dice.randrange(min(len(data), dice.choice((64, 700, len(data)))))
        length = dice.choice((1, 2, 4, 32))
        match dice.randrange(5):
            case 0:
                data[at] ^= 1 << dice.randrange(8)
            case 1:
                data[at : at + length] = dice.randbytes(length)
            case 2:
                data[at : at + length] = dice.choice((b"\x00", b"\xff")) * length
            case 3:
                del data[at : at + length * 8]
            case _:
                data[at:at] = data[at : at + length * 16]
    return bytes(data)


@dataclass
class Tally:
    kept: int = 0
    refused: int = 0
    slowest: float = 0.0
    growth_kib: int = 0


def check(room: Darkroom, seeds: range) -> Tally:
    tally, idle = Tally(), dict[int, int]()
    for seed in seeds:
        if room.pid not in idle:
            room.develop(SEEDS[0])
            idle[room.pid] = peak_kib(room)
        started = time.monotonic()
        try:
            photo = room.develop(mutated(seed))
        except Refusal as no:
            tally.refused += 1
            assert no.sentence, seed
        else:
            tally.kept += 1
            for stored in (photo.original, *photo.renditions.values()):
                assert corpus.CANARY not in stored, seed
                corpus.opened(stored)
        tally.slowest = max(tally.slowest, time.monotonic() - started)
        if room.pid in idle:
            tally.growth_kib = max(tally.growth_kib, peak_kib(room) - idle[room.pid])
    assert tally.slowest < 10, tally
    assert tally.growth_kib < 150 * 1024, tally
    return tally


def test_two_hundred_mutated_files_are_photos_or_sentences(room: Darkroom) -> None:
    tally = check(room, range(200))
    assert tally.kept > 20
    assert tally.refused > 20


@pytest.mark.long
def test_three_thousand_mutated_files_are_photos_or_sentences() -> None:
    with Darkroom() as room:
        tally = check(room, range(1000, 4000))
    print(tally)
