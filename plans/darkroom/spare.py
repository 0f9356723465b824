"""One decoding process started ahead, so that a single photo does not wait for a process to start.

It decodes for one Darkroom only and ends with it: photos of two patients never meet in one process. It belongs to
the process that started it; after a fork the child has none. It ends with the program, and by itself when nobody
comes for it.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import threading

from .process import Tank
from .tank.limits import Limits


class _Shelf:
    """Where the spare stands. Nothing is started, and nothing registered, before somebody asks for one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.tank: Tank | None = None
        self.is_tended = False


_shelf = _Shelf()


def warm() -> None:
    """Start a process ahead unless one stands by; returns at once. For the moment an upload begins."""
    with _shelf.lock:
        if _shelf.tank is not None and _shelf.tank.is_usable:
            return
        old, _shelf.tank = _shelf.tank, None
        with contextlib.suppress(OSError):  # a system too busy for a spare says so to the one who needs a process now
            _shelf.tank = Tank(Limits())
        if not _shelf.is_tended:
            _shelf.is_tended = True
            os.register_at_fork(after_in_child=_forget)
            atexit.register(drop)
    if old is not None:
        old.end()


def take(limits: Limits) -> Tank | None:
    """Return the spare, ready for a photo and from now on the caller's; None when there is none with such limits."""
    if limits != Limits():
        return None
    with _shelf.lock:
        tank, _shelf.tank = _shelf.tank, None
    if tank is None:
        return None
    if tank.is_usable:
        try:
            tank.await_ready()
        except RuntimeError:
            return None
        return tank
    tank.end()
    return None


def pid() -> int | None:
    tank = _shelf.tank
    return tank.pid if tank else None


def drop() -> None:
    """End the spare, if there is one."""
    with _shelf.lock:
        tank, _shelf.tank = _shelf.tank, None
    if tank is not None:
        tank.end()


def _forget() -> None:
    """In a forked child: the spare is the parent's. Kept open here, its input would not end with the parent."""
    inherited, _shelf.tank = _shelf.tank, None
    _shelf.lock = threading.Lock()
    if inherited is not None:
        inherited.let_go()
