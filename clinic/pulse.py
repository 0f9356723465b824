"""Signs of life. Worker and beat each leave a short-lived key in the cache; `/healthz` looks for them."""

from __future__ import annotations

import logging
import os
import socket
import time

from django.core.cache import cache

logger = logging.getLogger(__name__)

LIVES = 20  # seconds a sign of life is believed
AGAIN = 4  # seconds between two, so that a few may be lost
ANOTHER = "alive:another-beat"
TOLD_FOR = 120  # seconds a second beat is remembered

_last: dict[str, float] = {}
_me = f"{socket.gethostname()}:{os.getpid()}"


def key_of(part: str) -> str:
    return f"alive:{part}"


def sign_of_life(part: str) -> None:
    """Say that `part` is alive. An absent cache is not this part's fault, so it is only logged."""
    if time.monotonic() - _last.get(part, -AGAIN) < AGAIN:
        return
    was_here = part in _last
    _last[part] = time.monotonic()
    try:
        # My own sign was the last one I left. Somebody else's in its place is another beat; right after a start it
        # would only be the one before me.
        if part == "beat" and was_here and cache.get(key_of(part), _me) != _me:
            cache.set(ANOTHER, 1, TOLD_FOR)
        cache.set(key_of(part), _me, LIVES)
    except Exception as error:  # a scheduler or a worker must outlive its cache
        logger.warning("no sign of life from %s: the cache does not answer (%s)", part, error)


def other_beat() -> bool:
    """Whether two beats have seen each other lately. False when the cache does not answer: that is told elsewhere."""
    try:
        return bool(cache.get(ANOTHER))
    except Exception:  # whatever the reason, nothing is known
        return False
