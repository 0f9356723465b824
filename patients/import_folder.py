"""Where an uploaded table lies between two pages: a private folder, under a random name, for its owner only."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings

from clinic.models import Staff

KEPT = 24 * 3600  # seconds; a table somebody walked away from is removed by the next upload


class NoSuchTable(LookupError):
    """Not there, not yours, or taken already: the same answer to all three."""


def keep(pieces: Iterable[bytes], *, owner: Staff) -> UUID:
    """Write the upload down and return the key under which its owner finds it."""
    folder = imports()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sweep(folder)
    key = uuid4()
    with os.fdopen(os.open(_place(key, owner), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        for piece in pieces:
            file.write(piece)
    return key


def find(key: UUID, *, owner: Staff) -> Path:
    place = _place(key, owner)
    if not place.is_file():
        raise NoSuchTable
    return place


def take(key: UUID, *, owner: Staff) -> Path:
    """Take the table for oneself, so that a second click does not import it again."""
    taken = _place(key, owner).with_suffix(".taken")
    try:
        return find(key, owner=owner).rename(taken)
    except FileNotFoundError:
        raise NoSuchTable from None


def put_back(key: UUID, *, owner: Staff) -> None:
    place = _place(key, owner)
    place.with_suffix(".taken").rename(place)


def forget(key: UUID, *, owner: Staff) -> None:
    place = _place(key, owner)
    place.unlink(missing_ok=True)
    place.with_suffix(".taken").unlink(missing_ok=True)


def imports() -> Path:
    return Path(settings.VAR_DIR) / "imports"


def name(key: UUID, owner_id: UUID) -> str:
    """What all files about one table are called. The owner is part of it: another's key leads nowhere."""
    return f"{owner_id.hex}-{key.hex}"


def _place(key: UUID, owner: Staff) -> Path:
    return imports() / f"{name(key, owner.pk)}.csv"


def _sweep(folder: Path) -> None:
    for file in folder.iterdir():
        try:
            if time.time() - file.stat().st_mtime > KEPT:
                file.unlink()
        except FileNotFoundError:
            continue
