"""One way to do it, in a process of its own: told a photo in a line of JSON, answers time, memory and what came out.

python benchmarks/photos/side.py ours|theirs VARIANT
"""

from __future__ import annotations

import importlib
import io
import json
import os
import sys
import time
from typing import Any

from PIL import Image, ImageOps
from PIL import __version__ as pillow

EDGES = (1600, 800, 200)
TICK = os.sysconf("SC_CLK_TCK")


def main(module: str, name: str) -> None:
    variant = importlib.import_module(module).VARIANTS[name]()
    print(json.dumps({"pillow": pillow, "python": sys.version.split()[0]}), flush=True)
    idle: dict[int, int] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        with open(asked["photo"], "rb") as file:
            upload = file.read()
        variant.prepare(upload)
        mine, helper = os.getpid(), variant.helper
        for pid in (mine, helper):
            if pid:
                idle.setdefault(pid, kilobytes(pid, "VmRSS"))
                forget_peak(pid)
        before, started = cpu(helper), time.perf_counter()
        done = variant.work(upload)
        wall, after = time.perf_counter() - started, cpu(helper)
        peak = sum(kilobytes(pid, "VmHWM") - idle[pid] for pid in (mine, helper) if pid and alive(pid))
        answer = {"wall": wall * 1000, "cpu": (after - before) * 1000, "peak": peak / 1024, "sizes": [*map(len, done)]}
        if done and asked["look"]:
            answer["exact"] = look(upload, done)
        del done
        print(json.dumps(answer), flush=True)


def look(upload: bytes, done: list[bytes]) -> bool:
    """Whether the original's pixels are the upload's; stops the run when anything is not as it should be."""
    original, *renditions = done
    sizes = [Image.open(io.BytesIO(one)).size for one in renditions]
    if [max(size) for size in sizes] != list(EDGES) or any(width > height for width, height in sizes):
        raise RuntimeError(f"not the renditions asked for: {sizes}")
    if any(b"CANARY" in one for one in done):
        raise RuntimeError("metadata has come through")
    came, kept = Image.open(io.BytesIO(upload)), Image.open(io.BytesIO(original))
    if ImageOps.exif_transpose(kept).size != (3024, 4032):
        raise RuntimeError("the original does not stand upright")
    return kept.tobytes() == came.tobytes()


def cpu(helper: int | None) -> float:
    """Seconds computed by this process, by its helper, and by helpers that have ended."""
    gone = os.times()
    total = time.process_time() + gone.children_user + gone.children_system
    if helper and alive(helper):
        with open(f"/proc/{helper}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / TICK
    return total


def kilobytes(pid: int, what: str) -> int:
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(what))


def forget_peak(pid: int) -> None:
    with open(f"/proc/{pid}/clear_refs", "w") as refs:
        refs.write("5")


def alive(pid: int) -> bool:
    return os.path.exists(f"/proc/{pid}/status")


if __name__ == "__main__":
    own: Any = sys.argv
    main(own[1], own[2])
