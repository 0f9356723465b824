"""The alarm clock. Rows hold the schedule; one tick a minute asks what is due. No eta, no results, JSON only."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import heartbeat_sent, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")

app = Celery("clinic")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["patients", "plans"])


def worker_is_alive(**_: object) -> None:
    from clinic.pulse import sign_of_life

    sign_of_life("worker")


worker_ready.connect(worker_is_alive)
heartbeat_sent.connect(worker_is_alive)
