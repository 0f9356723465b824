"""A dispatcher as a copy of this process: ready in a millisecond, and it may be killed or end itself anywhere."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing

from django.db import connection, connections


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

    def sleep(self) -> None:
        """Stop it between two writes: asleep in the middle of one it would keep everybody out of SQLite for good."""
        for _ in range(400):
            self.send(signal.SIGSTOP)
            time.sleep(0.02)
            if _anybody_may_write():
                return
            self.send(signal.SIGCONT)
            time.sleep(0.003)
        raise AssertionError("it was never found between two writes")

    def wake(self) -> None:
        self.send(signal.SIGCONT)

    def kill(self) -> int:
        self.send(signal.SIGKILL)
        return self.wait()


def _anybody_may_write() -> bool:
    if connection.vendor != "sqlite":
        return True
    with closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=0.1, isolation_level=None)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        other.execute("ROLLBACK")
        return True
