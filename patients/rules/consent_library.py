"""The forms' words as the program ships them: readable files, read into plain values.

One TOML file is one topic, with a variant for each jurisdiction that says more; `sources.toml` names who says so.
Nothing is read half: any mistake refuses the whole library with one sentence naming the file and the key.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic.rules.jurisdictions import Jurisdiction
from patients.rules.consent import ConsentTopic

LIBRARY = Path(__file__).resolve().parents[1] / "consent_library"
SOURCES = "sources.toml"
KEYS = {"title", "source", "sentences", "declaration", "variants"}


@dataclass(frozen=True, slots=True)
class ConsentSource:
    key: str
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class LibraryForm:
    """One form's words. `jurisdiction` "" is for every place that has none of its own; `source` reads "S0, S1"."""

    topic: ConsentTopic
    jurisdiction: str
    title: str
    text: str
    source: str

    @property
    def fingerprint(self) -> str:
        """Return the SHA-256 (hex) of what the patient reads and who says so."""
        return hashlib.sha256("\0".join((self.title, self.text, self.source)).encode()).hexdigest()


def read_consent_library(folder: Path = LIBRARY) -> tuple[LibraryForm, ...]:
    """Return every form, topics in their own order, the general one of each first. ValueError for any mistake."""
    sources = read_consent_sources(folder)
    return tuple(form for topic in ConsentTopic for form in _forms(topic, folder / f"{topic}.toml", sources))


def read_consent_sources(folder: Path = LIBRARY) -> dict[str, ConsentSource]:
    file = _read(folder / SOURCES)
    return {key: ConsentSource(key, _text(row, "title", key), _text(row, "note", key)) for key, row in _tables(file)}


def _forms(topic: ConsentTopic, path: Path, sources: Mapping[str, ConsentSource]) -> Iterator[LibraryForm]:
    file, place = _read(path), path.name
    if unknown := set(file) - KEYS:
        raise ValueError(f"{place}: “{min(unknown)}” is not a key of a form; it knows {', '.join(sorted(KEYS))}.")
    title, declaration = _text(file, "title", place), _text(file, "declaration", place)
    common, source = _sentences(file, place), _source(file, place, sources)
    yield LibraryForm(topic, "", title, "\n".join((*common, declaration)), source)
    variants = file.get("variants", {})
    if not isinstance(variants, dict):
        raise ValueError(f"{place}: “variants” must be tables.")
    for key, row in _tables(variants):
        if key not in set(Jurisdiction):
            raise ValueError(f"{place}: the variant “{key}” is no jurisdiction; there are {', '.join(Jurisdiction)}.")
        where = f"{place}, {key}"
        both = ", ".join(filter(None, (source, _source(row, where, sources))))
        yield LibraryForm(topic, key, title, "\n".join((*common, *_sentences(row, where), declaration)), both)


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ValueError(f"{path.name}: the library of consent forms needs this file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name}: not readable as TOML: {error}") from error


def _tables(file: Mapping[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    for key, row in file.items():
        if not isinstance(row, dict):
            raise ValueError(f"“{key}” must be a table.")
        yield key, row


def _text(row: Mapping[str, object], key: str, place: str) -> str:
    value = row.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{place}: “{key}” is missing or no text.")
    return value.strip()


def _sentences(row: Mapping[str, object], place: str) -> tuple[str, ...]:
    value = row.get("sentences")
    if not isinstance(value, list) or not value or not all(isinstance(one, str) and one.strip() for one in value):
        raise ValueError(f"{place}: “sentences” must be a list of texts.")
    return tuple(one.strip() for one in value)


def _source(row: Mapping[str, object], place: str, sources: Mapping[str, ConsentSource]) -> str:
    value = row.get("source", "")
    if not isinstance(value, str):
        raise ValueError(f"{place}: “source” must be text.")
    keys = [key.strip() for key in value.split(",") if key.strip()]
    for key in keys:
        if key not in sources:
            raise ValueError(f"{place}: “source” names the unknown source “{key}”.")
    return ", ".join(keys)
