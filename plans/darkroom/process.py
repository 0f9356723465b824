"""The decoding process as the program sees it: started confined, watched while it works, ended for good."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic

from .tank import wire
from .tank.limits import IDLE_SECONDS, Limits

_START = "import sys; sys.path.append(sys.argv[1]); from tank.worker import main; main(*sys.argv[2:])"
_HERE = str(Path(__file__).parent)
_START_SECONDS = 20.0
# A process that has waited so long may be about to end itself: it gets no photo any more.
_FRESH_SECONDS = IDLE_SECONDS / 2
_OUT_OF_TIME = (-signal.SIGALRM, -signal.SIGXCPU)
_MAX_ANSWER = 400_000_000


class Tank:
    """One decoding process. Starting returns at once; `await_ready` before the first photo."""

    def __init__(self, limits: Limits) -> None:
        numbers = (str(limits.memory_mib), str(limits.cpu_seconds), str(limits.wall_seconds))
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-c", _START, _HERE, *numbers],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_bare_environment(),
            cwd="/",
            # Ctrl-C belongs to the program; the tank ends when its input does.
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._photos, self._answers = self._process.stdin, self._process.stdout
        self._last_used = monotonic()
        self.photos_taken = 0

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_usable(self) -> bool:
        return self._process.poll() is None and monotonic() - self._last_used < _FRESH_SECONDS

    def await_ready(self) -> None:
        """Return once it waits for its first photo. Not the photo's fault if it never does: RuntimeError."""
        try:
            with Watch(self._process, _START_SECONDS):
                wire.receive(self._answers, max_bytes=0)
        except (wire.Garbled, OSError) as silent:
            self.end(patience=0.5)
            raise RuntimeError(f"The photo decoder did not start (exit code {self._process.returncode}).") from silent
        except BaseException:
            self.end()
            raise

    def give(self, upload: bytes) -> None:
        self.photos_taken += 1
        wire.send(self._photos, {}, [upload])

    def take(self) -> tuple[dict[str, object], list[bytes]]:
        answer = wire.receive(self._answers, max_bytes=_MAX_ANSWER)
        self._last_used = monotonic()
        return answer

    def watched(self, seconds: float) -> Watch:
        return Watch(self._process, seconds)

    @property
    def ran_out_of_time(self) -> bool:
        return self._process.returncode in _OUT_OF_TIME

    def end(self, *, patience: float = 0.0) -> None:
        """Make sure it is gone. With patience it may go by itself first, so that its exit code says why."""
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.let_go()

    def let_go(self) -> None:
        """Close our ends of its pipes, without waiting: whoever else holds them has it alone from now on."""
        for stream in (self._photos, self._answers):
            with contextlib.suppress(OSError):
                stream.close()


class Watch:
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


def _bare_environment() -> dict[str, str]:
    # Pillow keeps 16 MB in small blocks for the next step or photo: asking the system anew is a tenth of the time.
    pillow = {"PILLOW_BLOCK_SIZE": "1m", "PILLOW_BLOCKS_MAX": "16"}
    environment = {"MALLOC_ARENA_MAX": "1", "LC_ALL": "C.UTF-8", **pillow}
    if "LD_LIBRARY_PATH" in os.environ:  # an interpreter outside the usual places may need it to start at all
        environment["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    return environment
