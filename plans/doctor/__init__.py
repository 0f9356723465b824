"""One set of checks for `manage.py doctor` and `/healthz/deep`: what a human has to know before a patient does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import DatabaseError

from plans.doctor.files import look_at_door, look_at_files, remove_orphans
from plans.doctor.finding import Finding
from plans.doctor.house import look_at_house
from plans.doctor.letters import look_at_letters

__all__ = ["Finding", "examine", "remove_orphans"]


def examine(now: datetime, *, walk: bool) -> list[Finding]:
    """Return what was found, faults first. `walk`: look at every file, too, which takes its time."""
    try:
        found = list(_all(now, walk=walk))
    except DatabaseError as error:
        found = [Finding("database", f"The database does not answer ({type(error).__name__}).")]
    return sorted(found, key=lambda one: not one.is_fault)


def _all(now: datetime, *, walk: bool) -> Iterator[Finding]:
    yield from look_at_letters(now)
    yield from look_at_house()
    yield from look_at_door()
    if walk:
        yield from look_at_files()
