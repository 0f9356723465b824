"""The program behind a real web server with several processes, and many desks that send their forms at one moment."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

from clinic.models import Location, Staff
from clinic.serve.leash import die_with
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
PROCESSES, THREADS = 4, 16
CSRF = "a" * 32
_SAID = re.compile(r'role="alert">\s*<p>(.*?)</p>', re.DOTALL)


class Web:
    """`with Web(folder, database_url) as web: web.port`: gunicorn over the test's own database."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.log, self.port = folder / "web.log", free_port()
        self._env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": database_url,
            "LOG_LEVEL": "WARNING",
        }

    def __enter__(self) -> Self:
        size = ["--workers", str(PROCESSES), "--threads", str(THREADS), "--worker-class", "gthread", "--preload"]
        where = ["--bind", f"127.0.0.1:{self.port}", "--timeout", "300", "--no-control-socket"]
        with self.log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "clinic.wsgi:application", *size, *where],
                cwd=ROOT,
                env=self._env,
                stdout=out,
                stderr=out,
                preexec_fn=partial(die_with, os.getpid()),
            )
        self._wait()
        return self

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while self.said.count("Booting worker") < PROCESSES:
            assert self._process.poll() is None and time.monotonic() < until, self.said[-3000:]
            time.sleep(0.05)

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@dataclass(frozen=True, slots=True)
class Answer:
    """What one desk got: where it was sent on, or the sentence on the page."""

    status: int
    went_to: str
    sentence: str
    seconds: float
    number: int

    @property
    def won(self) -> bool:
        return bool(self.went_to)


class Desk:
    """Somebody at the front desk, logged in, in a browser of their own."""

    def __init__(self, number: int, place: Location) -> None:
        self.number = number
        self.person = Staff.objects.create(username=f"desk{number}", is_front_desk=True, is_staff=True)
        self.person.locations.add(place)
        client = Client()
        client.force_login(self.person)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self._headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "HX-Request": "true",
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={CSRF}",
        }

    def send(self, port: int, path: str, form: dict[str, str], together: threading.Barrier) -> Answer:
        """Dial, wait until everybody has, then send."""
        body = urlencode({**form, "csrfmiddlewaretoken": CSRF})
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        line.connect()
        together.wait(60)
        began = time.monotonic()
        line.request("POST", path, body, self._headers)
        answer = line.getresponse()
        page = answer.read().decode()
        took = time.monotonic() - began
        line.close()
        said = _SAID.search(page)
        words = said.group(1).strip() if said else page[:200]
        return Answer(answer.status, answer.getheader("HX-Redirect") or "", words, took, self.number)


def rush(desks: list[Desk], port: int, forms: list[tuple[str, dict[str, str]]]) -> list[Answer]:
    """Everybody sends a form of their own at the same moment; the answers in the order of the desks."""
    together = threading.Barrier(len(desks))
    answers: dict[int, Answer] = {}

    def send(desk: Desk, path: str, form: dict[str, str]) -> None:
        answers[desk.number] = desk.send(port, path, form, together)

    hands = [
        threading.Thread(target=send, args=(desk, path, form)) for desk, (path, form) in zip(desks, forms, strict=True)
    ]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(600)
    return [answers[desk.number] for desk in desks]
