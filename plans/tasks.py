"""The alarm clock's task, and the one that steps through a changed care rule.

The rows know what is due: a tick twice, late or never changes nothing but the hour.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from celery import shared_task
from celery.worker import state
from django.conf import settings
from django.db.models import Q
from kombu.exceptions import OperationalError

from clinic import clock
from clinic.operations.once import forget_sent_forms
from clinic.post import Post, open_post
from plans.bounce_box import fetch_quietly
from plans.letters.compose import for_batch
from plans.models import Replanning
from plans.operations.daily import redate_overdue
from plans.operations.dispatch import deliver_due
from plans.operations.letter_times import follow_letter_times
from plans.photo_tasks import look_after_uploads
from plans.replan_steps import go_on
from plans.rules.states import ReplanningState

logger = logging.getLogger(__name__)

MOST_PER_TICK = 5_000
# Long enough to be worth a message, short enough that letters which are due meanwhile hardly wait.
REPLAN_SECONDS = 10
FORGOTTEN = timedelta(seconds=90)


@shared_task(name="plans.tasks.tick", ignore_result=True, expires=55)  # type: ignore[untyped-decorator]  # Celery ships no types
def tick() -> None:
    deliver(is_stopping=worker_is_stopping)
    new_day()
    for row in _forgotten():
        tell_worker(row.pk)
    look_after_uploads()


@shared_task(name="plans.tasks.returned_mail", ignore_result=True, expires=290)  # type: ignore[untyped-decorator]  # Celery ships no types
def returned_mail() -> None:
    """Read what came back, where the settings name a mailbox for it."""
    if settings.BOUNCES_URL:
        fetch_quietly(settings.BOUNCES_URL, now=clock.now)


def worker_is_stopping() -> bool:
    """Whether this worker was asked to end: letters on their way are seen through, no further ones are begun."""
    return not (state.should_stop is None or state.should_stop is False)


def new_day() -> None:
    """Date plans anew whose next session is overdue, once a local day; forget the tokens of old forms."""
    forget_sent_forms(now=clock.now())
    if dated := redate_overdue(now=clock.now()):
        logger.info("plans dated anew: %s", dated)
    if changed := follow_letter_times(now=clock.now(), seconds=REPLAN_SECONDS):
        logger.info("letters brought in line with changed times: %s", changed)


def _forgotten() -> list[Replanning]:
    """Changes nobody is at although they are not through: their message was lost, or their worker was."""
    before = clock.now() - FORGOTTEN
    stale = Q(beat_at__lt=before) | Q(beat_at__isnull=True, asked_at__lt=before)
    return list(Replanning.objects.unfinished().filter(stale).only("pk"))


@shared_task(name="plans.tasks.replan", ignore_result=True, expires=600)  # type: ignore[untyped-decorator]  # Celery ships no types
def replan(key: str) -> None:
    """Some steps of a changed care rule; what is left goes on in the next message."""
    row = go_on(UUID(key), seconds=REPLAN_SECONDS)
    if row.state == ReplanningState.RUNNING:
        tell_worker(row.pk)


def tell_worker(key: UUID) -> bool:
    """Ask the worker to go on with this change. False when the broker does not answer: a later tick asks again."""
    from clinic.celery import app

    try:
        app.send_task(replan.name, args=[str(key)], expires=600, ignore_result=True, retry=False)
    except OperationalError as error:
        logger.warning("the broker did not take a change of a care rule: %s", type(error).__name__)
        return False
    return True


def deliver(limit: int = MOST_PER_TICK, is_stopping: Callable[[], bool] = lambda: False) -> Counter[str]:
    """Send what is due now, by the post the settings name; return how many letters ended how."""
    ends = deliver_due(
        now=clock.now,
        post_factory=post,
        for_batch=for_batch,
        limit=limit,
        # A folder has no use for a second connection.
        lines=settings.MAIL_CONNECTIONS if settings.POST else 1,
        is_stopping=is_stopping,
    )
    if ends:
        logger.info("letters: %s", ", ".join(f"{count} {state}" for state, count in sorted(ends.items())))
    return ends


def post() -> Post:
    """Return SMTP when EMAIL_URL names a server, else the mail folder."""
    return open_post(settings.POST, settings.MAIL_FOLDER)
