"""Signs of life. Worker and beat each leave a short-lived key in the cache; `/healthz` looks for them."""

from __future__ import annotations

import logging
import time

from django.core.cache import cache

logger = logging.getLogger(__name__)

LIVES = 20  # seconds a sign of life is believed
AGAIN = 4  # seconds between two, so that a few may be lost

_last: dict[str, float] = {}


def key_of(part: str) -> str:
    return f"alive:{part}"


def sign_of_life(part: str) -> None:
    """Say that `part` is alive. An absent cache is not this part's fault, so it is only logged."""
    if time.monotonic() - _last.get(part, -AGAIN) < AGAIN:
        return
    _last[part] = time.monotonic()
    try:
        cache.set(key_of(part), 1, LIVES)
    except Exception as error:  # a scheduler or a worker must outlive its cache
        logger.warning("no sign of life from %s: the cache does not answer (%s)", part, error)
