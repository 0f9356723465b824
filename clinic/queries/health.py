"""Which parts of the program answer right now."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.db import connection

from clinic.pulse import key_of

WORDS = {
    "web": "the web server does not answer",
    "database": "the database does not answer",
    "broker": "the broker does not answer",
    "worker": "no worker has shown a sign of life in the last 20 seconds",
    "beat": "the beat has shown no sign of life in the last 20 seconds",
}


@dataclass(frozen=True, slots=True)
class Health:
    """`parts` says for each part "ok" or, in words, what is missing."""

    parts: dict[str, str]

    @property
    def missing(self) -> list[str]:
        return [part for part, word in self.parts.items() if word != "ok"]

    @property
    def is_well(self) -> bool:
        return not self.missing


def health() -> Health:
    """Ask every part once. A dead part costs at most the short time limits of the cache and the database."""
    alive = {"web"}
    if _database_answers():
        alive.add("database")
    alive |= _heard_from()
    return Health({part: "ok" if part in alive else word for part, word in WORDS.items()})


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return True
    except Exception:  # whatever the reason, the answer is the same: it is not there
        return False


def _heard_from() -> set[str]:
    """The broker when it answers, and worker and beat when it holds their keys."""
    keys = {key_of(part): part for part in ("worker", "beat")}
    try:
        found = cache.get_many(keys)
    except Exception:  # as above
        return set()
    return {"broker", *(part for key, part in keys.items() if key in found)}
