"""The tray: what was sent, as it was sent, until it is developed. Raw files carry metadata, so they never lie in media.

One file per upload, named by the upload's own id. Whoever develops it holds the file's lock, which the system takes
away from a process that dies: nobody waits for the dead.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from django.conf import settings

from clinic.rules.refusal import Refusal
from plans.operations.photo_files import DISK_FULL, is_full

_ONLY_OURS = 0o600


class Busy(Exception):
    """Somebody else is at this file."""


def tray() -> Path:
    return Path(settings.VAR_DIR) / "tray"


def size_in_tray(upload_id: UUID) -> int:
    try:
        return _file(upload_id).stat().st_size
    except FileNotFoundError:
        return 0


def append(upload_id: UUID, part: bytes, *, at: int) -> None:
    """Write a part behind the first `at` bytes; what lies there beyond them was never acknowledged. Refusal: disk_full,
    and then the file is as it was."""
    tray().mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(_file(upload_id), flags, _ONLY_OURS)
    try:
        os.ftruncate(handle, at)
        _write(handle, part, at)
        os.fsync(handle)
    except OSError as error:
        os.ftruncate(handle, at)
        if not at:
            remove(upload_id)
        if is_full(error):
            raise Refusal("disk_full", DISK_FULL) from None
        raise
    finally:
        os.close(handle)


def _write(handle: int, part: bytes, at: int) -> None:
    rest = memoryview(part)
    while rest:
        done = os.pwrite(handle, rest, at)
        rest, at = rest[done:], at + done


@contextmanager
def held(upload_id: UUID) -> Iterator[bytes]:
    """The whole file, to whoever holds its lock. Busy when another does; FileNotFoundError when it is gone."""
    with _file(upload_id).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield file.read()


@contextmanager
def at_work(review_id: UUID) -> Iterator[None]:
    """Be the only one who works through what waits at a review. Busy when another does."""
    tray().mkdir(mode=0o700, parents=True, exist_ok=True)
    mark = tray() / f"{review_id.hex}.work"
    handle = os.open(mark, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _ONLY_OURS)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy from None
    else:
        try:
            yield
        finally:
            mark.unlink(missing_ok=True)
    finally:
        os.close(handle)


def is_held(upload_id: UUID) -> bool:
    try:
        with _file(upload_id).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def remove(upload_id: UUID) -> None:
    with suppress(OSError):
        _file(upload_id).unlink(missing_ok=True)


def in_tray() -> dict[str, Path]:
    """Every file that lies there, by its name."""
    return {file.name: file for file in tray().iterdir()} if tray().is_dir() else {}


def _file(upload_id: UUID) -> Path:
    return tray() / upload_id.hex
