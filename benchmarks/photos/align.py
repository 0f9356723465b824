"""What laying a follow-up on its baseline costs, beside finding and matching the points alone.

    python benchmarks/photos/align.py [--pairs 24]

Each pair is two renditions of 1600 px as the program stores them: the same painted scalp with more hair, turned, nearer
and darker. In turn, pair by pair, in one process and on one core:

  ours     the program's own answer from the two files: open, even out, find, match, fit, judge
  points   ORB and mutual matching alone, on pictures opened and sized before the clock runs: what it cannot go below
  opened   the same with opening and sizing the files, which any program has to do

Prints medians of one core's milliseconds, the median of the per-pair ratios, and how far `ours` was off.
"""

from __future__ import annotations

import argparse
import io
import math
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from plans.darkroom.aligner import align
from plans.darkroom.painter import VIEWS, paint_scalp

SIZE = (1600, 1200)
EDGE, POINTS = 1024, 2000


def pair(seed: int) -> tuple[bytes, bytes, float, float]:
    """Two renditions, and by what turn and scale the later one lies on the earlier."""
    view = VIEWS[seed % len(VIEWS)]
    large = (SIZE[0] * 13 // 10, SIZE[1] * 13 // 10)
    before, after = (
        Image.open(io.BytesIO(paint_scalp(view, density=density, seed=seed, size=large))) for density in (0.5, 0.62)
    )
    turn, scale = 1 + seed % 7, 0.92 + 0.02 * (seed % 6)
    cos, sin = (scale * part(math.radians(turn)) for part in (math.cos, math.sin))
    x, y, left, top = SIZE[0] / 2, SIZE[1] / 2, (large[0] - SIZE[0]) / 2, (large[1] - SIZE[1]) / 2
    # Where each pixel of the later picture is taken from: turned and scaled about the middle.
    seen_from = (cos, -sin, x + left - cos * x + sin * y, sin, cos, y + top - sin * x - cos * y)
    later = after.transform(SIZE, Image.Transform.AFFINE, seen_from, Image.Resampling.BICUBIC)
    earlier = before.crop((round(left), round(top), round(left) + SIZE[0], round(top) + SIZE[1]))
    return _jpeg(earlier), _jpeg(later.point(lambda grey: round(grey * 0.88))), turn, scale


def _jpeg(image: Image.Image) -> bytes:
    sheet = io.BytesIO()
    image.save(sheet, "JPEG", quality=85)
    return sheet.getvalue()


def opened(jpeg: bytes) -> np.ndarray:
    grey = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    share = EDGE / max(grey.shape)
    return cv2.resize(grey, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)


def points(before: np.ndarray, after: np.ndarray) -> int:
    finder = cv2.ORB_create(nfeatures=POINTS)
    (_, first), (_, second) = (finder.detectAndCompute(picture, None) for picture in (before, after))
    return len(cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(second, first))


def timed(work: Callable[..., object], *pictures: object) -> float:
    """Milliseconds of one core: what else the machine does must not count."""
    begun = time.process_time()
    work(*pictures)
    return (time.process_time() - begun) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=24)
    count = parser.parse_args().pairs
    align(*pair(0)[:2])  # loads the libraries, and holds them to one core for all three
    took: dict[str, list[float]] = {"ours": [], "points": [], "opened": []}
    off: list[float] = []
    for seed in range(count):
        before, after, turn, scale = pair(seed)
        pictures = opened(before), opened(after)
        took["points"].append(timed(points, *pictures))
        took["ours"].append(timed(align, before, after))
        took["opened"].append(timed(lambda one, other: points(opened(one), opened(other)), before, after))
        found = align(before, after)
        if found.scale is not None and found.turn_degrees is not None:
            off.append(max(abs(found.scale / scale - 1), math.radians(abs(found.turn_degrees - turn))) * EDGE / 2)
    for name, each in took.items():
        print(f"{name:8}{statistics.median(each):8.1f} ms   ({min(each):.1f} to {max(each):.1f})")
    for name in ("points", "opened"):
        ratio = statistics.median(a / b for a, b in zip(took["ours"], took[name], strict=True))
        print(f"ours / {name:8}{ratio:6.2f}{'   target at most 1.50' if name == 'points' else ''}")
    print(f"laid {len(off)} of {count}; off by {statistics.median(off):.2f} px half a picture from the middle (median)")


if __name__ == "__main__":
    main()
