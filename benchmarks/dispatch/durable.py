"""The tests' PostgreSQL with every commit on disk, as a clinic runs it: figures without that would flatter."""

from __future__ import annotations

import os
import subprocess
from functools import partial

import psycopg

from clinic.serve.leash import die_with
from tests.servers import Postgres, _wait


class DurablePostgres(Postgres):
    def _start(self) -> None:
        """Start as the tests do, then once more without the options that make it fast and forgetful."""
        super()._start()
        self.process.send_signal(2)
        self.process.wait(10)
        port = self.url.rpartition(":")[2].partition("/")[0]
        self.log = self.folder / "durable.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [self._bin / "postgres", "-D", self._data, "-h", "127.0.0.1", "-p", port, "-k", ""],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "HOME": str(self.folder)},
                start_new_session=True,
                preexec_fn=partial(die_with, os.getpid()),
                **self._as_user,
            )
        _wait(lambda: "ready to accept connections" in self.log.read_text(errors="replace"), "PostgreSQL")

    def another(self, name: str) -> str:
        """Make one more database and return its URL."""
        with psycopg.connect(self.url, autocommit=True) as line:
            line.execute(f"CREATE DATABASE {name}")
        return f"{self.url.rpartition('/')[0]}/{name}"
