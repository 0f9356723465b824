"""One short transaction in plain SQL, for what is written once for every letter.

On PostgreSQL the statements travel together and are waited for once; on SQLite they skip everything that stands between
us and the file. Inside another transaction (a test's) they are part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection


class Pen:
    """`write` a statement with `%s` for each value; `count(i)`, when all is over, how many rows the i-th one wrote."""

    def __init__(self) -> None:
        self._counts: list[int] = []

    def write(self, sql: str, values: Sequence[Any]) -> int:
        self._counts.append(self._execute(_with_marks(sql), values).rowcount)
        return len(self._counts) - 1

    def count(self, place: int) -> int:
        return self._counts[place]

    def _execute(self, sql: str, values: Sequence[Any]) -> Any:
        raw: Any = connection.connection
        return raw.cursor().execute(sql, values)


class _PostgresPen(Pen):
    """Keeps the statements and sends them as one text: the server makes one transaction of it, one wait for all."""

    def __init__(self) -> None:
        super().__init__()
        self._said: list[str] = []
        self._values: list[Any] = []

    def write(self, sql: str, values: Sequence[Any]) -> int:
        self._said.append(sql)
        self._values.extend(values)
        return len(self._said) - 1

    def send(self) -> None:
        if not self._said:
            return
        raw: Any = connection.connection
        with raw.cursor() as cursor:
            cursor.execute(";".join(self._said), self._values)
            self._counts.append(cursor.rowcount)
            while cursor.nextset():
                self._counts.append(cursor.rowcount)


@contextmanager
def one_transaction() -> Iterator[Pen]:
    """Yield a pen. Counts may be read once the block is over; on an error nothing of it was written."""
    connection.ensure_connection()
    raw: Any = connection.connection
    with connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            pen = _PostgresPen()
            yield pen
            pen.send()
        elif connection.in_atomic_block:
            yield Pen()
        else:
            raw.execute("BEGIN IMMEDIATE")
            try:
                yield Pen()
            except BaseException:
                raw.execute("ROLLBACK")
                raise
            raw.execute("COMMIT")


def plain_id(key: UUID | None) -> UUID | str | None:
    return key if key is None or connection.vendor == "postgresql" else key.hex


def plain_time(moment: datetime) -> datetime | str:
    if connection.vendor == "postgresql":
        return moment
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


@cache
def _with_marks(sql: str) -> str:
    return sql.replace("%s", "?")
