from __future__ import annotations

import logging
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from itertools import count
from signal import SIGINT, SIGTERM, signal

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from plans.models import Replanning
from plans.replan_steps import go_on
from plans.tasks import REPLAN_SECONDS, deliver, new_day, returned_mail

logger = logging.getLogger(__name__)

ROUNDS_PER_FETCH = 5


class Command(BaseCommand):
    help = "Send the letters that are due: once, or with --loop for ever, with all a worker does, without a broker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="go on until Ctrl-C")
        parser.add_argument("--every", type=float, default=60, metavar="SECONDS", help="between two rounds (60)")

    def handle(self, *, loop: bool, every: float, **_: object) -> None:
        if not loop:
            self._tell()
            return
        # A turn ends early as well: what is on its way arrives, the rest is given back.
        stop = threading.Event()
        for name in (SIGINT, SIGTERM):
            signal(name, lambda *_: stop.set())
        rounds = count()
        while not stop.is_set():
            self._try(stop.is_set, with_returns=next(rounds) % ROUNDS_PER_FETCH == 0)
            stop.wait(every)

    def _try(self, is_stopping: Callable[[], bool], *, with_returns: bool) -> None:
        """A round that fails must not be the last: the database may be away for a minute."""
        close_old_connections()
        try:
            self._tell(is_stopping)
            new_day()
            for row in Replanning.objects.unfinished().only("pk"):
                go_on(row.pk, seconds=REPLAN_SECONDS)
            if with_returns:
                returned_mail()
        except Exception:
            logger.exception("this round failed; the next one tries again")

    def _tell(self, is_stopping: Callable[[], bool] = lambda: False) -> None:
        ends = deliver(is_stopping=is_stopping)
        self.stdout.write(", ".join(f"{count} {state}" for state, count in sorted(ends.items())) or "nothing was due")
