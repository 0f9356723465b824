"""The real things around the program: a broker, a worker with its own process, a mail server, and a clock to move."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from django.conf import settings

from clinic.serve.leash import die_with
from tests.servers import Valkey, free_port

ROOT = Path(__file__).resolve().parents[2]
MINUTE = timedelta(minutes=1)


class MailServer:
    """An SMTP server on loopback that keeps every mail, in the order in which it arrived."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.port = free_port()
        logging.getLogger("mail.log").setLevel(logging.WARNING)  # it would print every word of the dialogue
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.recipients.extend(envelope.rcpt_tos)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]  # its stub knows one policy
        return "250 2.0.0 Ok"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._controller.stop()


class Worker:
    """A Celery worker as the program starts it. Its log says when it is ready and when a task is over."""

    def __init__(self, log: Path, env: dict[str, str]) -> None:
        self.log, self._env = log, env

    def __enter__(self) -> Self:
        words = ["--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle"]
        command = [sys.executable, "-m", "celery", "--quiet", "--app", "clinic.celery", "worker", *words]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [*command, "--loglevel", "INFO"],
                cwd=ROOT,
                env=self._env,
                stdout=out,
                stderr=out,
                preexec_fn=partial(die_with, os.getpid()),
            )
        self.wait_for(lambda said: "ready." in said, seconds=30)
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_for(self, there: Callable[[str], bool], *, seconds: float = 15) -> None:
        until = time.monotonic() + seconds
        while not there(self.said):
            assert self.process.poll() is None, self.said
            assert time.monotonic() < until, self.said[-3000:]
            time.sleep(0.005)


class Crew:
    """All of them around the test's own database: `with Crew(tmp_path, database_url) as crew: crew.tick()`."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self._folder, self._database_url = folder, database_url
        self._clock = folder / "clock"
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.valkey = stack.enter_context(Valkey())
            self.post = stack.enter_context(MailServer())
            self.worker = stack.enter_context(Worker(self._folder / "worker.log", self._environment()))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "clinic.settings",
            "DATABASE_URL": self._database_url,
            "REDIS_URL": self.valkey.url,
            "CELERY_BROKER_URL": self.valkey.broker_url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.post.port}",
            "CLOCK_FILE": str(self._clock),
            "VAR_DIR": str(self._folder / "var"),
            "SECRET_KEY": settings.SECRET_KEY,
            "DEBUG": "true",
        }

    def set_clock(self, now: datetime) -> None:
        """Whole or not at all: the worker may be reading it."""
        draft = self._clock.with_suffix(".new")
        draft.write_text(now.astimezone(UTC).isoformat())
        draft.replace(self._clock)

    def tick(self, *, beats: int = 1) -> None:
        """Send what beat sends once a minute, and wait until the worker is through with it."""
        from clinic.celery import app

        entry = settings.CELERY_BEAT_SCHEDULE["tick"]
        with app.connection_for_write(self.valkey.broker_url) as line:
            sent = [app.send_task(entry["task"], connection=line, **entry["options"]) for _ in range(beats)]
        for task in sent:
            self.worker.wait_for(lambda said, over=f"[{task.id}] succeeded": over in said)  # type: ignore[misc]  # bound default

    def tick_at(self, now: datetime, *, beats: int = 1) -> list[EmailMessage]:
        """Move the clock, tick, and return the mails that arrived meanwhile."""
        before = len(self.post.mails)
        self.set_clock(now)
        self.tick(beats=beats)
        return self.post.mails[before:]
