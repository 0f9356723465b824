"""The worker's share of patients: large tables. A message carries the table's key and nothing of what is in it."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

from patients.import_run import run_job

logger = logging.getLogger(__name__)

EXPIRES = 600  # seconds; nobody expects patients to appear long after they asked


@shared_task(name="patients.tasks.run_import", ignore_result=True, expires=EXPIRES)  # type: ignore[untyped-decorator]  # Celery ships no types
def run_import(key: str) -> None:
    run_job(UUID(key))


def tell_worker(key: UUID) -> bool:
    """Ask the worker to look at the job about this table. False when the broker does not answer."""
    from clinic.celery import app

    try:
        app.send_task(run_import.name, args=[str(key)], expires=EXPIRES, ignore_result=True, retry=False)
    except OperationalError as error:
        logger.warning("the broker did not take an import: %s", type(error).__name__)
        return False
    return True
