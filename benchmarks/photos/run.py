"""What taking in a photo costs: the program, the limit and the peers, in one run, in turns.

    python benchmarks/photos/run.py [--photos 16] [--files 8] [--peer PYTHON]

`--peer` is the Python of an environment with benchmarks/photos/requirements.txt in it; without one only Pillow's own
ways are compared. Every way is a process of its own, fed with one photo after the other in turns with all others.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import made

HERE = Path(__file__).resolve().parent
OURS = ("figures", "inside", "batch", "single", "cold")
PLAIN = ("decode", "naive")
PEERS = ("vips", "easy-thumbnails", "imagekit")
# Of which way, against which other, at most how many times.
GOALS = (("batch", "decode", 1.6), ("batch", "naive", 0.25), ("batch", "easy-thumbnails", 0.12))
GOALS += (("batch", "imagekit", 0.12), ("batch", "vips", 1.1))
MOST_MEMORY, MOST_FIGURES = 50.0, 5.0
# Their process is gone when the photo is done, or they keep nothing: memory is told by the others.
NO_MEMORY = ("figures", "single", "cold")


class Side:
    def __init__(self, stack: ExitStack, python: str, module: str, name: str) -> None:
        pipe, words = subprocess.PIPE, [python, str(HERE / "side.py"), module, name]
        self.process = stack.enter_context(subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True))
        self.versions = self._hear()
        self.seen: list[dict[str, Any]] = []

    def ask(self, photo: Path, *, look: bool) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"photo": str(photo), "look": look}) + "\n")
        self.process.stdin.flush()
        self.seen.append(self._hear())

    def middle(self, what: str) -> float:
        return median(seen[what] for seen in self.seen)

    @property
    def memory(self) -> float:
        return max(seen["peak"] for seen in self.seen if "exact" not in seen)

    def _hear(self) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("a side of the benchmark has died")
        told: dict[str, Any] = json.loads(line)
        return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=16, help="more than files")
    parser.add_argument("--files", type=int, default=8)
    parser.add_argument("--peer", default="", help="the peers' Python")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="photos-")))
        files = made.write(folder, asked.files)
        sides = {name: Side(stack, sys.executable, "theirs", name) for name in PLAIN}
        sides |= {name: Side(stack, sys.executable, "ours", name) for name in OURS}
        if asked.peer:
            sides |= {name: Side(stack, asked.peer, "theirs", name) for name in PEERS}
        tell_the_ground(files, sides, asked.photos)
        for number in range(asked.photos):
            for side in sides.values():
                # Looking costs memory of its own, so it comes last and those photos' memory is not counted.
                side.ask(files[number % len(files)], look=number >= asked.photos - len(files))
        tell(sides)


def tell_the_ground(files: list[Path], sides: dict[str, Side], photos: int) -> None:
    size = median(path.stat().st_size for path in files) / 1e6
    print(f"{photos} photos of {len(files)} files, {size:.1f} MB each, load average {os.getloadavg()[0]:.1f}, ", end="")
    print(f"{os.cpu_count()} cores, " + ", ".join(f"{name} {v}" for name, v in sides["decode"].versions.items()))


def tell(sides: dict[str, Side]) -> None:
    print(f"{'':18}{'ms':>8}{'x decode':>10}{'CPU ms':>9}{'MB over idle':>14}  KB each, and the original")
    for name, side in sides.items():
        sizes = "/".join(f"{size / 1000:.0f}" for size in side.seen[0]["sizes"])
        exact = {seen.get("exact") for seen in side.seen} - {None}
        kept = {frozenset(): "", frozenset({True}): "bit-exact"}.get(frozenset(exact), "re-encoded")
        memory = "" if name in NO_MEMORY else f"{side.memory:.0f}"
        print(f"{name:18}{side.middle('wall'):8.1f}{ratio(side, sides['decode']):10.2f}", end="")
        print(f"{side.middle('cpu'):9.1f}{memory:>14}  {sizes} {kept}")
    print()
    for one, other, most in GOALS:
        if other in sides:
            judge(f"{one} / {other}", ratio(sides[one], sides[other]), most, "x")
    judge("batch, memory over idle", sides["batch"].memory, MOST_MEMORY, "MB")
    judge("quality figures", sides["figures"].middle("wall"), MOST_FIGURES, "ms")


def ratio(one: Side, other: Side) -> float:
    """The median of the ratios photo by photo: a busy second counts for both."""
    return median(a["wall"] / b["wall"] for a, b in zip(one.seen, other.seen, strict=True))


def judge(what: str, found: float, most: float, unit: str) -> None:
    print(f"{what:28}{found:8.2f} {unit:3} at most {most:5.2f}  {'kept' if found <= most else 'missed'}")


if __name__ == "__main__":
    main()
