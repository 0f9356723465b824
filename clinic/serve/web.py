"""Gunicorn's settings. One process with threads: SQLite has one writer anyway."""

from __future__ import annotations

import os

from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from clinic.discreet import Discreet
from clinic.serve.leash import die_with


class DiscreetLogger(Logger):  # type: ignore[misc]  # gunicorn ships no types
    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(Discreet(self.error_fmt, self.datefmt))


wsgi_app = "clinic.wsgi:application"
worker_class = "gthread"
workers = 1
threads = 8
timeout = 60
graceful_timeout = 2
keepalive = 5
# An address can be somebody's signed link, so visits are not logged at all.
accesslog = None
logger_class = DiscreetLogger
errorlog = "-"
loglevel = "info"
control_socket_disable = True


def post_fork(server: Arbiter, worker: Worker) -> None:
    die_with(server.pid or os.getppid())
