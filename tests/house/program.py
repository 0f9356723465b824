"""The whole program as somebody starts it: `manage.py serve`, in a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
CONFIGURED = (
    "SECRET_KEY",
    "DEBUG",
    "DATABASE_URL",
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "EMAIL_URL",
    "PUBLIC_URL",
    "CLOCK_FILE",
)


def environment(var: Path, **more: str) -> dict[str, str]:
    """A machine that was told nothing, but for the folder."""
    inherited = {name: value for name, value in os.environ.items() if name not in CONFIGURED}
    mine = {"VAR_DIR": str(var), "MEDIA_ROOT": str(var / "media"), "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    return {**inherited, **mine, **more}


def manage(var: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one of the program's commands to its end."""
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=environment(var, **more), capture_output=True, text=True, timeout=60)


class Program:
    def __init__(self, var: Path, *words: str) -> None:
        self.var, self._words = var, words
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        command = [sys.executable, "manage.py", "serve", "--port", str(self.port), *self._words]
        self.log = self.var.parent / "said.txt"
        with self.log.open("w") as out:
            self.process = subprocess.Popen(command, cwd=ROOT, env=environment(self.var), stdout=out, stderr=out)
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(20)

    @property
    def said(self) -> str:
        return self.log.read_text()

    def wait_until_ready(self, seconds: float = 60) -> None:
        until = time.monotonic() + seconds
        while "Ready at" not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < until, self.said
            time.sleep(0.05)

    def health(self) -> tuple[int, dict[str, object]]:
        try:
            with urllib.request.urlopen(f"{self.address}/healthz", timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())

    def family(self) -> list[psutil.Process]:
        """Every process below the command, to any depth."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def part(self, name: str) -> psutil.Process:
        words = {"broker": "unixsocket", "web": "gunicorn", "worker": "--concurrency", "beat": "--pidfile="}[name]
        children = psutil.Process(self.process.pid).children()
        # A server may rewrite its own command line; the broker's is then the only one without the word python.
        found = [child for child in children if words in " ".join(child.cmdline())]
        return found[0] if found else next(child for child in children if "python" not in child.name())


def all_gone(family: list[psutil.Process], seconds: float = 5) -> bool:
    _, alive = psutil.wait_procs(family, timeout=seconds)
    return not alive
