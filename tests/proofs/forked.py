"""A dispatcher as a copy of this process: ready in a millisecond, and it may be killed or end itself anywhere."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from django.db import connections


class Forked:
    """Runs `deed` in a process of its own, with connections of its own. What it raises is exit code 1."""

    def __init__(self, deed: Callable[[], object]) -> None:
        connections.close_all()  # two processes on one connection would answer each other's questions
        self.pid = os.fork()
        self._code: int | None = None
        if self.pid == 0:
            code = 1
            try:
                deed()
                code = 0
            finally:
                os._exit(code)

    def wait(self) -> int:
        """Its exit code, or minus the signal that ended it."""
        if self._code is None:
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code

    @property
    def ended(self) -> bool:
        if self._code is None and (found := os.waitpid(self.pid, os.WNOHANG)) != (0, 0):
            self._code = os.waitstatus_to_exitcode(found[1])
        return self._code is not None

    def send(self, number: signal.Signals) -> None:
        if not self.ended:
            os.kill(self.pid, number)

    def kill(self) -> int:
        self.send(signal.SIGKILL)
        return self.wait()
