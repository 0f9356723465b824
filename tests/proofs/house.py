"""Workers as real processes around the test's own database: a broker, a mail server of its own, and a clock that runs.

Whoever kills them does so by process id; everything started here is ended here.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings

from clinic.serve.leash import die_with
from plans.models import Reminder
from plans.rules.states import ReminderState
from tests.proofs.desk import OPEN
from tests.servers import Valkey

ROOT = Path(settings.BASE_DIR)
CELERY = [sys.executable, "-m", "celery", "--quiet", "--app", "clinic.celery"]
LONGER_THAN_A_LEASE = 130


class Child:
    """One program with a session of its own, so that it and what it forked can be ended together."""

    def __init__(self, command: list[str], *, env: dict[str, str], log: Path) -> None:
        self._command, self._env, self.log = command, env, log
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self._command,
                cwd=ROOT,
                env=self._env,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=partial(die_with, os.getpid()),
            )

    @property
    def children(self) -> list[int]:
        """The processes it forked itself, as a pool of Celery's does."""
        with suppress(OSError):
            return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        return []

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def kill(self) -> None:
        """All at once, as when the power goes: nobody says goodbye."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()

    def kill_parent(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self, seconds: float = 70) -> None:
        old = self.process  # a supervisor may have started the next one by then
        old.send_signal(signal.SIGTERM)
        old.wait(seconds)


class House:
    """`with House(tmp_path, database_url, now=NOW) as house: house.hire(…); house.tick()`."""

    def __init__(self, folder: Path, database_url: str, *, now: datetime, think: float = 0.0, **more: str) -> None:
        self._folder, self._more = folder, more
        self._clock, self._mails = folder / "clock", folder / "mails"
        self._database_url, self._think = database_url, think
        self._stack, self._workers = ExitStack(), list[Child]()
        self._ahead = (now - datetime.now(UTC)).total_seconds()
        (folder / "var").mkdir()
        self.read_ahead(0)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.valkey = stack.enter_context(Valkey())
            self._start_sink(stack)
            stack.callback(self._dismiss)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def _start_sink(self, stack: ExitStack) -> None:
        words = [sys.executable, "-m", "tests.proofs.sink", str(self._mails), str(self._think)]
        sink = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, preexec_fn=partial(die_with, os.getpid()))
        stack.callback(sink.wait)
        stack.callback(sink.kill)
        assert sink.stdout
        self.port = int(sink.stdout.readline())

    def _dismiss(self) -> None:
        for one in self._workers:
            one.kill()

    @property
    def env(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "clinic.settings",
            "DATABASE_URL": self._database_url,
            "REDIS_URL": self.valkey.url,
            "CELERY_BROKER_URL": self.valkey.broker_url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.port}",
            "CLOCK_FILE": str(self._clock),
            "VAR_DIR": str(self._folder / "var"),
            "SECRET_KEY": settings.SECRET_KEY,
            "DEBUG": "true",
            "MAIL_PER_MINUTE": "0",
            "PYTHONUNBUFFERED": "1",
            **self._more,
        }

    def read_ahead(self, seconds: float) -> None:
        """Put the programs' clock forward by so much."""
        self._ahead += seconds
        draft = self._clock.with_suffix(".new")
        draft.write_text(f"{self._ahead:+}")
        draft.replace(self._clock)

    def hire(self, *words: str, name: str) -> Child:
        return self.run([*CELERY, "worker", *words, "--without-gossip", "--without-mingle", "-n", name], name)

    def run(self, command: list[str], name: str, **more: str) -> Child:
        worker = Child(command, env={**self.env, **more}, log=self._folder / f"{name}.log")
        self._workers.append(worker)
        return worker

    def revive(self) -> None:
        """What the machine's own supervisor does: whoever has ended is started again."""
        for one in self._workers:
            if one.process.poll() is not None:
                one.start()

    def tick(self) -> None:
        """What beat sends once a minute. Whether somebody takes it is not waited for."""
        from clinic.celery import app

        entry = settings.CELERY_BEAT_SCHEDULE["tick"]
        with app.connection_for_write(self.valkey.broker_url) as line:
            app.send_task(entry["task"], connection=line, **entry["options"])

    # -- what has become of the letters -------------------------------------------------------------------------------

    @property
    def arrived(self) -> int:
        return self._mails.read_bytes().count(b"\n") if self._mails.exists() else 0

    @property
    def mails(self) -> dict[str, list[str]]:
        """By Message-ID the digest of every copy that arrived."""
        found: dict[str, list[str]] = defaultdict(list)
        for line in self._mails.read_text().splitlines() if self._mails.exists() else []:
            message_id, digest, *_ = line.split(" ")
            found[f"<{message_id}>"].append(digest)
        return found

    def still_open(self) -> int:
        return Reminder.objects.filter(state__in=OPEN).count()


def wait(there: Callable[[], bool], *, seconds: float, every: float = 0.02, what: object = "") -> None:
    until = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < until, f"not within {seconds} seconds: {what() if callable(what) else what}"
        time.sleep(every)


def finish(house: House, *, seconds: float = 120) -> None:
    """Let the leases of the dead run out, and tick until no letter is open any more."""
    until = time.monotonic() + seconds
    moved = 0.0
    while house.still_open():
        assert time.monotonic() < until, Counter(Reminder.objects.values_list("state", flat=True))
        if time.monotonic() - moved > 5:
            house.read_ahead(LONGER_THAN_A_LEASE)
            moved = time.monotonic()
        house.tick()
        time.sleep(0.5)


def nothing_lost(house: House) -> tuple[int, int]:
    """Every letter that says it was sent arrived, with the very bytes of its row. (second copies, held for a human)."""
    mails, twice, held = house.mails, 0, 0
    rows = Reminder.objects.values_list("kind", "state", "message_id", "mime")
    for kind, state, message_id, mime in rows.iterator(chunk_size=200):
        copies = mails.pop(message_id, []) if message_id else []
        assert state in (ReminderState.SENT, ReminderState.UNKNOWN), (kind, state)
        assert state == ReminderState.UNKNOWN or copies, f"lost: {kind}"
        assert {*copies} <= {hashlib.sha256(mime or b"").hexdigest()}, "every copy is the row's, to the last byte"
        assert len(copies) <= (1 if kind in ASKING else 2), f"{len(copies)} copies of {kind}"
        twice += max(0, len(copies) - 1)
        held += state == ReminderState.UNKNOWN
    assert not mails, "a mail that no row knows"
    return twice, held


def _asking() -> frozenset[str]:
    from plans.rules.letter_kinds import KIND_POLICY, Doubt

    return frozenset(kind.value for kind, policy in KIND_POLICY.items() if policy.in_doubt is Doubt.ASK)


ASKING = _asking()
