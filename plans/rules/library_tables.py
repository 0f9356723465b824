"""Read TOML tables so that every mistake becomes one sentence naming the file and the key."""

from __future__ import annotations

import tomllib
from collections.abc import Container
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from clinic.rules.spans import Span

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file. `place` says where it stands: "prp.toml, component 1"."""

    place: str
    raw: dict[str, object]

    def wrong(self, key: str, why: str) -> ValueError:
        return ValueError(f"{self.place}: “{key}” {why}.")

    def only(self, *known: str) -> None:
        """Refuse keys nobody reads: a misspelt one would be lost in silence."""
        for key in self.raw:
            if key not in known:
                raise self.wrong(key, f"is not a key of this table; it knows {', '.join(known)}")

    def has(self, key: str) -> bool:
        return key in self.raw

    def text(self, key: str, default: str | None = None) -> str:
        """Return text without outer blanks. Missing with no default, or empty: ValueError."""
        value = self.raw.get(key, default)
        if value is None:
            raise self.wrong(key, "is missing")
        if not isinstance(value, str):
            raise self.wrong(key, "must be text")
        if not value.strip() and default is None:
            raise self.wrong(key, "is empty")
        return value.strip()

    def number(self, key: str, default: int | None = None) -> int:
        value = self.raw.get(key, default)
        if value is None:
            raise self.wrong(key, "is missing")
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.wrong(key, f"must be a whole number of at least 1, not {value!r}")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        value = self.raw.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def span(self, key: str) -> Span:
        try:
            return Span.parse(self.text(key))
        except ValueError as error:
            if str(error).startswith(self.place):
                raise
            raise ValueError(f"{self.place}: “{key}”: {error}") from error

    def span_or_none(self, key: str) -> Span | None:
        return self.span(key) if self.has(key) else None

    def choice(self, key: str, kind: type[Choice]) -> Choice:
        return self._one_of(key, self.text(key), kind)

    def choices(self, key: str, kind: type[Choice]) -> tuple[Choice, ...]:
        return tuple(self._one_of(key, value, kind) for value in self.names(key))

    def names(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; an absent key is an empty list."""
        value = self.raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "must be a list of texts")
        if len(set(value)) < len(value):
            raise self.wrong(key, "names something twice")
        return tuple(value)

    def known_names(self, key: str, known: Container[str], what: str) -> tuple[str, ...]:
        """Return a list of texts, each of which must be in `known`."""
        for name in self.names(key):
            if name not in known:
                raise self.wrong(key, f"names the unknown {what} “{name}”")
        return self.names(key)

    def table(self, key: str) -> Table:
        value = self.raw.get(key)
        if value is None:
            raise self.wrong(key, "is missing")
        if not isinstance(value, dict):
            raise self.wrong(key, "must be a table")
        return Table(f"{self.place}, {key}", value)

    def tables(self, key: str) -> tuple[Table, ...]:
        """Return a list of tables; an absent key is an empty list."""
        value = self.raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.wrong(key, "must be a list of tables")
        return tuple(Table(f"{self.place}, {key} {n}", item) for n, item in enumerate(value, start=1))

    def _one_of(self, key: str, value: str, kind: type[Choice]) -> Choice:
        try:
            return kind(value)
        except ValueError as error:
            raise self.wrong(key, f"is “{value}”, but must be one of {', '.join(kind)}") from error


def read_table(path: Path) -> Table:
    """Read one TOML file. ValueError naming the file when it is missing or not TOML."""
    try:
        return Table(path.name, tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ValueError(f"{path.name}: the protocol library needs this file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name}: not readable as TOML: {error}") from error
