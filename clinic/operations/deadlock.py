"""Two transactions that wait for each other: the database ends one of them, and that one is carried out once more."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

from clinic.rules.refusal import Refusal

P = ParamSpec("P")
T = TypeVar("T")

# PostgreSQL's words for "ended, because it stood in another's way": deadlock, serialisation.
IN_THE_WAY = frozenset({"40P01", "40001"})
TRIES = 3
# SQLite's, after it waited for as long as the settings allow: nobody is asked to wait as long again.
_LOCKED = "database is locked"


def again_after_a_deadlock(operation: Callable[P, T]) -> Callable[P, T]:
    """Carry a whole operation out again when the database ended it; then a Refusal: in_the_way. Outside of `atomic`.

    Everybody locks in one order (patient, practitioners, rooms), so this is for what that order does not reach. Inside
    another's transaction nothing can be begun again: the outermost operation does it.
    """

    @wraps(operation)
    def steady(*args: P.args, **kwargs: P.kwargs) -> T:
        for left in reversed(range(TRIES)):
            try:
                return operation(*args, **kwargs)
            except OperationalError as error:
                is_locked = _LOCKED in str(error)
                if connection.in_atomic_block or not (is_locked or is_in_the_way(error)):
                    raise
                if is_locked or not left:
                    sentence = "Somebody else was changing the same at this moment: please send it again."
                    raise Refusal("in_the_way", sentence) from error
        raise AssertionError("unreachable: the last try returns or raises")

    return steady


def is_in_the_way(error: OperationalError) -> bool:
    """Whether the database ended this transaction for another's sake."""
    return getattr(error.__cause__, "sqlstate", None) in IN_THE_WAY
