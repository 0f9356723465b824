"""A mark outside the database: how far this machine has seen the postroom's count go.

A database that counts less than the mark was put back from a backup, and its letters look due again although they
have left. One that counts more is only busy elsewhere: machines with folders of their own never hold each other.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db.migrations.recorder import MigrationRecorder

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """`house`: which database counted. A new one in the same folder starts from nothing and is no restore."""

    serial: int
    at: datetime
    house: str


def read_mark() -> Mark | None:
    """None when there is none, or none that can be read: then nothing is known, and nothing is held for it."""
    place = _place()
    if place is None:
        return None
    try:
        found = json.loads(place.read_text())
        return Mark(int(found["serial"]), datetime.fromisoformat(found["at"]), str(found["house"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("the postroom's mark in %s cannot be read (%s)", place, type(error).__name__)
        return None


def write_mark(mark: Mark) -> None:
    """Whole or not at all. A folder that cannot be written to is doctor's to tell; letters do not wait for it."""
    place = _place()
    if place is None:
        return
    draft = place.with_name(f"{place.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({"serial": mark.serial, "at": mark.at.isoformat(), "house": mark.house}, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
    except OSError as error:
        logger.warning("the postroom's mark cannot be written to %s (%s)", place, error.strerror)


def this_house() -> str:
    """When this database was made: a backup of it says the same, another database does not."""
    first = MigrationRecorder.Migration.objects.order_by("id").values_list("applied", flat=True).first()
    return first.isoformat() if first else ""


def _place() -> Path | None:
    return Path(settings.POSTROOM_MARK) if settings.POSTROOM_MARK else None
