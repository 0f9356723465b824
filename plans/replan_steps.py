"""The changed care rule's steps, one after the other: for the worker, the command, and whoever has no worker."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from django.db import OperationalError

from clinic import clock
from plans.models import Replanning
from plans.operations.replanning import AT_ONCE, run_replanning
from plans.rules.states import ReplanningState

# Between two steps others may write: SQLite has one writer, who must not be ours all the time.
BREATH = 0.1
# Somebody is at a row of the step: they are through in a moment.
TRIES, AGAIN = 50, 0.2


def go_on(
    replanning_id: UUID,
    *,
    seconds: float | None = None,
    tell: Callable[[Replanning], None] | None = None,
    at_once: int = AT_ONCE,
) -> Replanning:
    """Step until it is done, somebody stops it, or the seconds are over; always at least one step."""
    until = None if seconds is None else time.monotonic() + seconds
    while True:
        row = _step(replanning_id, at_once)
        if tell:
            tell(row)
        is_over = row.state in (ReplanningState.DONE, ReplanningState.STOPPED)
        if is_over or (until is not None and time.monotonic() >= until):
            return row
        time.sleep(BREATH)


def _step(replanning_id: UUID, at_once: int) -> Replanning:
    for left in reversed(range(TRIES)):
        try:
            return run_replanning(replanning_id=replanning_id, now=clock.now(), limit=at_once)
        except OperationalError:
            if not left:
                raise
            time.sleep(AGAIN)
    raise AssertionError("the last try returns or raises")
