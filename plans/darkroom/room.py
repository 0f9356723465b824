"""The door to the tank: starts the decoding process, times it, replaces it when it fell."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from clinic.rules.refusal import Refusal

from .developed import Developed, developed_from
from .sentences import refusal
from .tank import wire
from .tank.limits import Limits
from .tank.magic import recognise
from .tank.unfit import Unfit

_START = "import sys; sys.path.append(sys.argv[1]); from tank.worker import main; main(*sys.argv[2:])"
_HERE = str(Path(__file__).parent)
_MAX_ANSWER = 400_000_000
_START_SECONDS = 20.0
_GRACE_SECONDS = 0.5
# A decoder that leaks is let go long before it matters.
_PHOTOS_PER_PROCESS = 100
_OUT_OF_TIME = (-signal.SIGALRM, -signal.SIGXCPU)


class Darkroom:
    """A reusable decoding process; use as a context manager. Threads take turns.

    Photos of one batch share the process, so keep one Darkroom to one upload of one patient, or to trusted material.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._done = 0
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
            header, blobs = self._exchange(upload)
        if "refused" in header:
            raise refusal(str(header["refused"]), str(header.get("kind", "")), filename_hint=filename_hint)
        try:
            return developed_from(upload, header, blobs)
        except (ValueError, TypeError, KeyError):
            self.close()
            raise refusal("photo_broken") from None

    def close(self) -> None:
        """End the process, if there is one. The next photo starts another."""
        process, self._process = self._process, None
        if process is not None:
            _end(process)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def _exchange(self, upload: bytes) -> tuple[dict[str, object], list[bytes]]:
        process = self._ready_process()
        assert process.stdin is not None
        assert process.stdout is not None
        watch = _Watch(process, self._limits.wall_seconds + _GRACE_SECONDS)
        try:
            with watch:
                wire.send(process.stdin, {}, [upload])
                answer = wire.receive(process.stdout, max_bytes=_MAX_ANSWER)
        except (wire.Garbled, OSError):
            self._process = None
            _end(process, patience=_GRACE_SECONDS)
            late = watch.struck or process.returncode in _OUT_OF_TIME
            raise refusal("photo_timeout" if late else "photo_broken") from None
        except BaseException:
            # Interrupted in the middle: an answer left in the pipe must not be taken for the next photo's.
            self.close()
            raise
        self._done += 1
        if watch.struck or answer[0].get("refused") == "photo_bomb" or self._done >= _PHOTOS_PER_PROCESS:
            self.close()
        return answer

    def _ready_process(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self.close()
        self._done = 0
        self._process = _start(self._limits)
        return self._process


def develop(upload: bytes, *, filename_hint: str = "") -> Developed:
    """Develop one photo in a process of its own. Refusal when it is no photo we keep."""
    with Darkroom() as room:
        return room.develop(upload, filename_hint=filename_hint)


def develop_many(uploads: Iterable[bytes]) -> Iterator[Developed | Refusal]:
    """Develop one by one in a shared process; a bad photo yields its Refusal and the rest goes on."""
    with Darkroom() as room:
        for upload in uploads:
            try:
                yield room.develop(upload)
            except Refusal as no:
                yield no


class _Watch:
    """Kills the process when the time is up; afterwards `struck` tells."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self.struck = False
        self._process = process
        self._timer = threading.Timer(seconds, self._strike)
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()

    def _strike(self) -> None:
        self.struck = True
        self._process.kill()


def _start(limits: Limits) -> subprocess.Popen[bytes]:
    numbers = (str(limits.memory_mib), str(limits.cpu_seconds), str(limits.wall_seconds))
    process = subprocess.Popen(
        [sys.executable, "-I", "-B", "-c", _START, _HERE, *numbers],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_bare_environment(),
        cwd="/",
        # Ctrl-C belongs to the program; the tank ends when its input does.
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        with _Watch(process, _START_SECONDS):
            wire.receive(process.stdout, max_bytes=0)
    except (wire.Garbled, OSError) as silent:
        _end(process, patience=_GRACE_SECONDS)
        # Not the photo's fault: an installation that cannot decode at all must not blame each picture.
        raise RuntimeError(f"The photo decoder did not start (exit code {process.returncode}).") from silent
    except BaseException:
        _end(process)
        raise
    return process


def _bare_environment() -> dict[str, str]:
    environment = {"MALLOC_ARENA_MAX": "1", "LC_ALL": "C.UTF-8"}
    if "LD_LIBRARY_PATH" in os.environ:  # an interpreter outside the usual places may need it to start at all
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    return environment


def _end(process: subprocess.Popen[bytes], *, patience: float = 0.0) -> None:
    """Make sure the process is gone. With patience it may go by itself first, so that its exit code says why."""
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
