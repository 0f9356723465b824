"""Developed pictures on the disk, under generated names: there before a row names them, gone when no row will."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import OperationalError

from clinic.rules.refusal import Refusal
from plans.darkroom import RENDITIONS, Developed

KINDS = ("original", *RENDITIONS)
DISK_FULL = "The clinic's disk is full: nothing of this photo was kept. Tell your manager, then send it again."
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def names_for(stem: str) -> dict[str, str]:
    """Where the files of one picture lie. The stem is one of our own ids, never anything that was sent."""
    return {kind: f"photos/{stem[-2:]}/{stem}-{kind}.jpg" for kind in KINDS}


def keep_files(picture: Developed, stem: str) -> dict[str, str]:
    """Write the files of a picture; all of them or none. Refusal: disk_full."""
    planned = names_for(stem)
    contents = {"original": picture.original, **picture.renditions}
    forget_files(planned.values())  # of a try that was cut off
    kept: dict[str, str] = {}
    try:
        for kind, name in planned.items():
            kept[kind] = default_storage.save(name, ContentFile(contents[kind]))
        _on_the_platter(kept.values())
    except BaseException as error:
        forget_files({*planned.values(), *kept.values()})
        if is_full(error):
            raise Refusal("disk_full", DISK_FULL) from None
        raise
    return kept


def forget_files(names: Iterable[str]) -> None:
    """Remove what is there. A file that cannot be removed is left for `manage.py doctor`."""
    for name in names:
        with suppress(OSError):
            default_storage.delete(name)


def is_full(error: BaseException) -> bool:
    """Whether the disk, or the database's share of it, had no room left."""
    if isinstance(error, OperationalError):
        return "disk is full" in str(error) or getattr(error.__cause__, "sqlstate", "") == "53100"
    return isinstance(error, OSError) and error.errno in _FULL


def _on_the_platter(names: Iterable[str]) -> None:
    """A row that outlives a power cut shall find its files: they are written through before it is."""
    if not isinstance(default_storage, FileSystemStorage):
        return
    paths = [Path(default_storage.path(name)) for name in names]
    for path in [*paths, *{path.parent for path in paths}]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
