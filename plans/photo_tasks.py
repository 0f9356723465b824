"""Photos developed by the worker: what waits at a review, one after the other, in one process of the darkroom."""

from __future__ import annotations

import logging
import time
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

from clinic import clock
from clinic.rules.refusal import Refusal
from plans.darkroom import Darkroom
from plans.operations.uploads_develop import develop_upload, discard_stale, forgotten_uploads, next_to_develop
from plans.operations.uploads_tray import Busy, at_work

logger = logging.getLogger(__name__)

# Letters go through the same worker: whoever drops two hundred photos must not keep them waiting.
SECONDS = 10


@shared_task(name="plans.tasks.develop", ignore_result=True, expires=600)  # type: ignore[untyped-decorator]  # Celery ships no types
def develop_waiting(key: str) -> None:
    """Some of what waits at this review; what is left goes on in the next message."""
    review_id, until, failed = UUID(key), time.monotonic() + SECONDS, set[UUID]()
    try:
        # Asked once more after the lock is given back: a message that came meanwhile found it taken, and left.
        while next_to_develop(review_id, failed):
            with at_work(review_id), Darkroom() as room:
                while (upload_id := next_to_develop(review_id, failed)) and time.monotonic() < until:
                    failed |= _develop(upload_id, room)
            if time.monotonic() >= until:
                if next_to_develop(review_id, failed):
                    tell_darkroom(review_id)
                return
    except Busy:
        return


def _develop(upload_id: UUID, room: Darkroom) -> set[UUID]:
    """One that cannot be developed now must not keep the others waiting: a later tick tries it again."""
    try:
        develop_upload(upload_id=upload_id, now=clock.now(), develop=room.develop)
    except Refusal as no:
        logger.warning("upload %s waits: %s", upload_id, no.code)
    except Exception:
        logger.exception("upload %s cannot be developed", upload_id)
    # Whatever came of it, this run does not ask for it again: somebody else may be at it.
    return {upload_id}


def tell_darkroom(review_id: UUID) -> bool:
    """Ask the worker to develop what waits at a review. False when the broker does not answer."""
    from clinic.celery import app

    try:
        app.send_task(develop_waiting.name, args=[str(review_id)], expires=600, ignore_result=True, retry=False)
    except OperationalError as error:
        logger.warning("the broker did not take a batch of photos: %s", type(error).__name__)
        return False
    return True


def look_after_uploads() -> None:
    """What the tick does: files nobody is at are asked for again, those nobody came back to are discarded."""
    now = clock.now()
    for review_id in forgotten_uploads(now):
        tell_darkroom(review_id)
    if gone := discard_stale(now=now):
        logger.info("uploads nobody came back to: %s discarded", gone)
