"""A dispatcher as a process of its own: `python -m tests.journeys.dispatcher LOG NOW THREADS TOGETHER`.

With TOGETHER above 1 it begins when so many stand ready, each with a file beside LOG: nobody is through before the
other has begun.

Every mail it posts is one appended line of LOG: the letter's key, the digest of its bytes, and who sent it. A line
is written where a mail server would take the mail, so that a mail sent twice stands there twice.
"""

from __future__ import annotations

import hashlib
import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Self


def main(log: Path, now: datetime, threads: int, together: int) -> None:
    import django

    django.setup()
    log.with_name(f"{log.name}.ready.{os.getpid()}").touch()
    while len(list(log.parent.glob(f"{log.name}.ready.*"))) < together:
        time.sleep(0.005)
    ticks = [threading.Thread(target=tick, args=(log, now)) for _ in range(threads)]
    for one in ticks:
        one.start()
    for one in ticks:
        one.join()


def tick(log: Path, now: datetime) -> None:
    from django.db import connection

    from plans.letters.compose import compose
    from plans.operations.dispatch import deliver_due

    deliver_due(now=lambda: now, post_factory=lambda: CountingPost(log), compose=compose, limit=10_000)
    connection.close()


class CountingPost:
    def __init__(self, log: Path) -> None:
        self.log = log

    def __enter__(self) -> Self:
        self.file = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.file)

    def send(self, recipient: str, sender: str, message: bytes, key: str, ready: Callable[[], bool]) -> object:
        from clinic.post import Outcome, OutcomeKind

        if not ready():
            return Outcome(OutcomeKind.WITHDRAWN)
        os.write(self.file, f"{key} {hashlib.sha256(message).hexdigest()} {os.getpid()}\n".encode())
        return Outcome(OutcomeKind.SENT, 250, "2.0.0 Ok")


if __name__ == "__main__":
    main(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
