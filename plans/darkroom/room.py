"""The door to the tank: hands photos in, checks what comes out, replaces the process when it fell."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from clinic.rules.refusal import Refusal

from . import spare
from .developed import Developed, developed_from
from .process import Tank
from .sentences import refusal
from .tank import wire
from .tank.limits import Limits
from .tank.magic import recognise
from .tank.unfit import Unfit

_GRACE_SECONDS = 0.5
# A decoder that leaks is let go long before it matters.
_PHOTOS_PER_PROCESS = 100


class Darkroom:
    """A reusable decoding process; use as a context manager. Threads take turns.

    Photos of one batch share the process, so keep one Darkroom to one upload of one patient, or to trusted material.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._tank: Tank | None = None
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def develop(self, upload: bytes, *, filename_hint: str = "") -> Developed:
        """Return the developed photo; Refusal with a sentence when it is no photo we keep, or the tank gave up."""
        try:
            recognise(upload)
        except Unfit as unfit:
            raise refusal(unfit.code, unfit.kind, filename_hint=filename_hint) from None
        with self._turn:
            source_sha256, header, blobs = self._exchange(upload)
        if "refused" in header:
            raise refusal(str(header["refused"]), str(header.get("kind", "")), filename_hint=filename_hint)
        try:
            return developed_from(source_sha256, header, blobs)
        except (ValueError, TypeError, KeyError):
            self.close()
            raise refusal("photo_broken") from None

    def close(self) -> None:
        """End the process, if there is one. The next photo starts another."""
        tank, self._tank = self._tank, None
        if tank is not None:
            tank.end()

    @property
    def pid(self) -> int | None:
        return self._tank.pid if self._tank else None

    def _exchange(self, upload: bytes) -> tuple[str, dict[str, object], list[bytes]]:
        tank = self._ready_tank()
        watch = tank.watched(self._limits.wall_seconds + _GRACE_SECONDS)
        try:
            with watch:
                tank.give(upload)
                # Summed while the other process decodes.
                source_sha256 = hashlib.sha256(upload).hexdigest()
                header, blobs = tank.take()
        except (wire.Garbled, OSError):
            self._tank = None
            tank.end(patience=_GRACE_SECONDS)
            late = watch.struck or tank.ran_out_of_time
            raise refusal("photo_timeout" if late else "photo_broken") from None
        except BaseException:
            # Interrupted in the middle: an answer left in the pipe must not be taken for the next photo's.
            self.close()
            raise
        if watch.struck or header.get("refused") == "photo_bomb" or tank.photos_taken >= _PHOTOS_PER_PROCESS:
            self.close()
        return source_sha256, header, blobs

    def _ready_tank(self) -> Tank:
        if self._tank is not None and self._tank.is_usable:
            return self._tank
        self.close()
        self._tank = spare.take(self._limits)
        if self._tank is None:
            tank = Tank(self._limits)
            tank.await_ready()
            self._tank = tank
        return self._tank


def develop(upload: bytes, *, filename_hint: str = "") -> Developed:
    """Develop one photo in a process of its own. Refusal when it is no photo we keep.

    The process was started ahead if there was time, and the next one is started when this is done.
    """
    room = Darkroom()
    try:
        return room.develop(upload, filename_hint=filename_hint)
    finally:
        if room.pid is not None:
            room.close()
            spare.warm()


def develop_many(uploads: Iterable[bytes]) -> Iterator[Developed | Refusal]:
    """Develop one by one in a shared process; a bad photo yields its Refusal and the rest goes on."""
    with Darkroom() as room:
        for upload in uploads:
            try:
                yield room.develop(upload)
            except Refusal as no:
                yield no
