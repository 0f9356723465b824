"""The processes the program consists of, and how each is started, watched and ended."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from clinic.serve.leash import die_with

LARGEST_LOG = 5_000_000  # bytes; a larger one is set aside at the next start


class Part:
    """One child process with a log file of its own."""

    def __init__(
        self,
        *,
        name: str,
        command: Sequence[str],
        log: Path,
        env: Mapping[str, str],
        folder: Path,
        patience: float,
        keep: tuple[int, ...] = (),
    ) -> None:
        """`patience`: seconds it may take to end. `keep`: open files it inherits."""
        self.name = name
        self.patience = patience
        self.again = partial(
            Part, name=name, command=command, log=log, env=env, folder=folder, patience=patience, keep=keep
        )
        self._log = log
        _set_aside(log)
        self._began_at = log.stat().st_size if log.exists() else 0
        self._shown = self._began_at
        with log.open("ab") as out:
            # A session of its own: Ctrl-C must reach the parent only, which ends the parts in their order.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=dict(env),
                pass_fds=keep,
                start_new_session=True,
                preexec_fn=partial(die_with, os.getpid()),
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def how_it_ended(self) -> str:
        code = self._process.returncode
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def last_words(self, lines: int = 12) -> list[str]:
        """The end of what it wrote since it was started."""
        with self._log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(self._began_at, size - 8000))
            return file.read().decode(errors="replace").splitlines()[-lines:]

    def news(self) -> list[str]:
        """Whole lines it wrote since the last call."""
        with self._log.open("rb") as file:
            file.seek(self._shown)
            text, newline, _ = file.read().rpartition(b"\n")
        self._shown += len(text) + len(newline)
        return text.decode(errors="replace").splitlines()

    def ask_to_end(self) -> None:
        if not self.ended:
            self._process.terminate()

    def wait(self, until: float) -> None:
        """Wait for its end up to the monotonic instant `until`, then kill it by its own pid."""
        try:
            self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def _set_aside(log: Path) -> None:
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        log.replace(log.with_suffix(".log.1"))
