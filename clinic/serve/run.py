"""What `manage.py serve` does, from the free port to the last part's end."""

from __future__ import annotations

import http.client
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from clinic.serve import broker
from clinic.serve.ground import private_folder
from clinic.serve.parts import Part
from clinic.serve.supervisor import PartDied, Say, Supervisor

READY_WITHIN = 60.0
# So many looks in a row, a minute apart: long enough that no slow turn is taken for deafness.
DEAF_LOOKS = 3


class Program:
    """The four parts, the door they listen at, and the words said meanwhile."""

    def __init__(self, *, door: socket.socket, say: Say, verbose: bool) -> None:
        self._door = door
        host, port = door.getsockname()[:2]
        self.address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self._host, self._port = ("127.0.0.1" if host == "0.0.0.0" else host), port
        self._say = say
        self._supervisor = Supervisor(say=say, verbose=verbose)
        self._env = {**os.environ, "VAR_DIR": str(settings.VAR_DIR), "PYTHONUNBUFFERED": "1"}
        self._env.setdefault("PUBLIC_URL", self.address)
        self.missing = ["web"]
        self._deaf = 0

    @property
    def public_url(self) -> str:
        """Where patients find it: as configured, else the address itself."""
        return self._env["PUBLIC_URL"].rstrip("/")

    def run(self, when_ready: Callable[[], None]) -> int:
        """The exit code: 0 when somebody asked to stop, 1 when a part died or never came up."""
        self._supervisor.heed_signals()
        try:
            return self._start_and_watch(when_ready)
        except PartDied as death:
            self._say(f"The {death.part.name} has died ({death.part.how_it_ended()}). Its last words:")
            for line in death.part.last_words():
                self._say(f"    {line}")
            return 1
        finally:
            self._say("Stopping.")
            self._supervisor.end_all()
            self._clear_away()

    def _start_and_watch(self, when_ready: Callable[[], None]) -> int:
        if settings.BROKER_IS_OURS and not self._start_broker():
            return self._not_ready("the broker")
        self._start_the_rest()
        if not self._wait_until_well():
            return self._not_ready(", ".join(self.missing))
        when_ready()
        self._supervisor.watch(self._wake_the_deaf)
        return 0

    def _wake_the_deaf(self) -> None:
        """Worker and beat say they live, and yet nothing ticks: a queue client that lost its broker and never noticed.

        Judged by the outcome, for such a part looks healthy to itself and to everybody else.
        """
        nothing_ticks = "tick" in self._get("/healthz/deep").get("faults", [])
        self._deaf = self._deaf + 1 if nothing_ticks and not self._ask() else 0
        if self._deaf < DEAF_LOOKS:
            return
        self._deaf = 0
        self._say("Nothing has ticked for minutes although worker and beat live: both are started anew.")
        for name in ("worker", "beat"):
            self._supervisor.restart(name)

    def _not_ready(self, what: str) -> int:
        if self._supervisor.is_stopping:
            return 0
        self._say(f"Still not ready after {READY_WITHIN:.0f} seconds: {what}. See {settings.VAR_DIR / 'log'}.")
        return 1

    def _start_broker(self) -> bool:
        where: Path = settings.BROKER_SOCKET
        folder = settings.VAR_DIR / "broker"
        private_folder(where.parent)
        command = broker.valkey_command(broker.valkey_binary(), socket_path=where, folder=folder)
        self._start("broker", command, patience=2)
        return self._supervisor.wait_for(lambda: broker.answers(where), seconds=READY_WITHIN)

    def _clear_away(self) -> None:
        """A socket that found no room in our own folder leaves nothing behind elsewhere."""
        where: Path = settings.BROKER_SOCKET
        if settings.BROKER_IS_OURS and settings.VAR_DIR not in where.parents:
            with suppress(OSError):
                where.unlink(missing_ok=True)
                where.parent.rmdir()

    def _start_the_rest(self) -> None:
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "--quiet", "--app", "clinic.celery"]
        fd = self._door.fileno()
        web = [*python, "gunicorn", "--config", "python:clinic.serve.web", "--bind", f"fd://{fd}"]
        worker = ["worker", "--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle"]
        self._start("web", web, patience=3, keep=(fd,))
        self._start("worker", [*celery, *worker, "--loglevel", "INFO"], patience=4)
        self._start("beat", [*celery, "beat", "--pidfile=", "--loglevel", "INFO"], patience=2)
        self._door.close()

    def _start(self, name: str, command: list[str], *, patience: float, keep: tuple[int, ...] = ()) -> None:
        log = settings.VAR_DIR / "log" / f"{name}.log"
        folder = settings.BASE_DIR
        self._supervisor.add(
            Part(name=name, command=command, log=log, env=self._env, folder=folder, patience=patience, keep=keep)
        )

    def _wait_until_well(self) -> bool:
        said = time.monotonic()

        def well() -> bool:
            nonlocal said
            self.missing = self._ask()
            if self.missing and time.monotonic() - said > 2:
                said = time.monotonic()
                self._say(f"waiting for {', '.join(self.missing)}")
            return not self.missing

        return self._supervisor.wait_for(well, seconds=READY_WITHIN)

    def _ask(self) -> list[str]:
        """What /healthz says is missing; the web itself when it says nothing yet."""
        answer = self._get("/healthz")
        return list(answer.get("missing", [])) if answer else ["web"]

    def _get(self, path: str) -> dict[str, Any]:
        """The answer of our own web part; empty when there is none."""
        line = http.client.HTTPConnection(self._host, self._port, timeout=3)
        try:
            line.request("GET", path, headers={"Host": urlsplit(self._env["PUBLIC_URL"]).netloc})
            return dict(json.loads(line.getresponse().read()))
        except (OSError, http.client.HTTPException, ValueError):
            return {}
        finally:
            line.close()
