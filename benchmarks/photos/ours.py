"""What the program does with a photo, as it does it, and the same without the process around it."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path
from typing import Any

from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "plans/darkroom")]

from tank import develop as tank  # noqa: E402  the same code without its process
from tank.measure import measure  # noqa: E402
from tank.prints import make_prints, shrink  # noqa: E402

from plans.darkroom import Darkroom, develop, spare, warm  # noqa: E402

_BOOT_SECONDS = 0.5


class Batch:
    """One of many: the decoding process is there already."""

    def __init__(self) -> None:
        self.room = Darkroom()

    def prepare(self, _upload: bytes) -> None:
        if self.room.pid is None:
            self.room._ready_tank()

    def work(self, upload: bytes) -> list[bytes]:
        photo = self.room.develop(upload)
        if not photo.pixel_exact:
            raise RuntimeError("not pixel-exact")
        return [photo.original, *photo.renditions.values()]

    @property
    def helper(self) -> int | None:
        return self.room.pid


class Single:
    """One alone: a process for itself, started when the upload began."""

    helper: int | None = None

    def prepare(self, _upload: bytes) -> None:
        warm()
        time.sleep(_BOOT_SECONDS)
        self.helper = spare.pid()

    def work(self, upload: bytes) -> list[bytes]:
        photo = develop(upload)
        return [photo.original, *photo.renditions.values()]


class Cold(Single):
    """One alone, with no process started ahead."""

    def prepare(self, _upload: bytes) -> None:
        spare.drop()


class Inside:
    """The decoding alone, in this process: what pipe, sums and limits add is seen from the difference."""

    helper = None

    def prepare(self, upload: bytes) -> None:
        pass

    def work(self, upload: bytes) -> list[bytes]:
        plate = tank.develop(upload)
        return [plate.original, *plate.prints.values()]


class Figures:
    """The quality figures alone."""

    helper = None

    def prepare(self, upload: bytes) -> None:
        image = Image.open(io.BytesIO(upload))
        image.draft("YCbCr", (1600, 1200))
        self.medium = make_prints(shrink(image, 1600))["medium"]

    def work(self, _upload: bytes) -> list[bytes]:
        measure(self.medium, width=3024, height=4032)
        return []


VARIANTS: dict[str, Any] = {"batch": Batch, "single": Single, "cold": Cold, "inside": Inside, "figures": Figures}
