"""Celery's own scheduler, which also shows that it still ticks."""

from __future__ import annotations

from celery.beat import Scheduler

from clinic.pulse import AGAIN, sign_of_life


class Beat(Scheduler):  # type: ignore[misc]  # Celery ships no types
    """Keeps nothing on disk: the first tick after a start comes at once, and a tick too many is harmless."""

    def tick(self, *args: object, **kwargs: object) -> float:
        wait: float = super().tick(*args, **kwargs)
        sign_of_life("beat")
        return min(wait, float(AGAIN))
