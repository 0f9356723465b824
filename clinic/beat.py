"""Celery's own scheduler, which also shows that it still ticks."""

from __future__ import annotations

from celery.beat import Scheduler

from clinic.pulse import AGAIN, sign_of_life


class Beat(Scheduler):  # type: ignore[misc]  # Celery ships no types
    """Keeps nothing on disk: the first tick after a start comes at once, and a tick too many is harmless."""

    def setup_schedule(self) -> None:
        """Due as soon as it starts. Left alone, an entry waits a whole minute first, and a beat that is started again
        more often than that would never tick."""
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.last_run_at -= entry.schedule.run_every

    def tick(self, *args: object, **kwargs: object) -> float:
        wait: float = super().tick(*args, **kwargs)
        sign_of_life("beat")
        return min(wait, float(AGAIN))
