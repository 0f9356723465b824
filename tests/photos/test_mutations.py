"""Whatever happens to a file on its way, the answer is a photo or a sentence, and it comes soon."""

import random
import time

import pytest

from clinic.rules.refusal import Refusal
from plans.darkroom import Darkroom

from . import corpus

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


def check(room: Darkroom, seeds: range) -> tuple[int, int]:
    kept = refused = 0
    for seed in seeds:
        started = time.monotonic()
        try:
            photo = room.develop(mutated(seed))
        except Refusal as no:
            refused += 1
            assert no.sentence, seed
        else:
            kept += 1
            for stored in (photo.original, *photo.renditions.values()):
                assert corpus.CANARY not in stored, seed
                corpus.opened(stored)
        assert time.monotonic() - started < 10, seed
    return kept, refused


def test_two_hundred_mutated_files_are_photos_or_sentences(room: Darkroom) -> None:
    kept, refused = check(room, range(200))
    assert kept > 20
    assert refused > 20


@pytest.mark.long
def test_three_thousand_mutated_files_are_photos_or_sentences() -> None:
    with Darkroom() as room:
        check(room, range(1000, 4000))
