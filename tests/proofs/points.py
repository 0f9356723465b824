"""Ends the process at the n-th thing it does to the outside world: a commit, a row written, a byte on the wire.

Put around functions from outside, in a process that is to die: the program itself knows nothing of it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

DIED = 77


class Points:
    """Counts what happens; at `last` it ends the process. Each thing counts twice: about to happen, has happened."""

    def __init__(self, last: int | None = None) -> None:
        self.last, self.count = last, 0

    def watch(self) -> None:
        self._around(BaseDatabaseWrapper, "commit")
        self._around(BaseDatabaseWrapper, "savepoint_commit")
        self._around(CursorWrapper, "execute", which=_writes)
        self._around(CursorWrapper, "executemany", which=_writes)
        for name in ("connect", "send", "sendall", "recv"):
            self._around(_Watched, name)
        socket.socket = _Watched  # type: ignore[misc,assignment]

    def passed(self) -> None:
        self.count += 1
        if self.count == self.last:
            os._exit(DIED)

    def _around(self, owner: type, name: str, which: Callable[..., bool] | None = None) -> None:
        inner = getattr(owner, name)

        def watched(*args: Any, **kwargs: Any) -> Any:
            if which and not which(*args):
                return inner(*args, **kwargs)
            self.passed()
            done = inner(*args, **kwargs)
            self.passed()
            return done

        setattr(owner, name, watched)


class _Watched(socket.socket):
    """Python's own sockets cannot be changed, only replaced."""


def _writes(cursor: object, sql: object, *_: object) -> bool:
    return str(sql).lstrip().upper().startswith(("UPDATE", "INSERT", "DELETE"))
