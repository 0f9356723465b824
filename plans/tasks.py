"""The alarm clock's one task. The rows know what is due; a tick twice, late or never changes nothing but the hour."""

from __future__ import annotations

import logging
from collections import Counter

from celery import shared_task
from django.conf import settings

from clinic import clock
from clinic.post import Post, open_post
from plans.letters.compose import compose
from plans.operations.dispatch import deliver_due

logger = logging.getLogger(__name__)

MOST_PER_TICK = 5_000


@shared_task(name="plans.tasks.tick", ignore_result=True, expires=55)  # type: ignore[untyped-decorator]  # Celery ships no types
def tick() -> None:
    deliver()


def deliver(limit: int = MOST_PER_TICK) -> Counter[str]:
    """Send what is due now, by the post the settings name; return how many letters ended how."""
    ends = deliver_due(now=clock.now, post_factory=post, compose=compose, limit=limit)
    if ends:
        logger.info("letters: %s", ", ".join(f"{count} {state}" for state, count in sorted(ends.items())))
    return ends


def post() -> Post:
    """Return SMTP when EMAIL_URL names a server, else the mail folder."""
    return open_post(settings.POST, settings.MAIL_FOLDER)
