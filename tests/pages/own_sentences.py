"""Every sentence a patient's pages may show, found where it is written: in templates, in views, in the library of signs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract
from django.utils.translation.template import templatize

from plans.rules.library import LIBRARY, read_library
from plans.rules.signs import SIGNS

HOUSE = Path(__file__).resolve().parents[2]
VIEWS = (*HOUSE.glob("plans/views/own*.py"), HOUSE / "plans/templatetags/own.py")
KEYWORDS = {"gettext": None, "gettext_noop": None, "_": None, "npgettext": None, "pgettext": None, "ngettext": None}


def sentences() -> Iterator[tuple[str, str]]:
    """Pairs of where and what."""
    for page in sorted(HOUSE.glob("templates/patient/*.html")):
        yield from _in(page, templatize(page.read_text(encoding="utf-8"), origin=page.name))
    for view in sorted(VIEWS):
        yield from _in(view, view.read_text(encoding="utf-8"))
    for sign in SIGNS.values():
        yield from (("signs", words) for words in (sign.words, sign.usual) if words)


def library_sentences() -> Iterator[str]:
    """What the library's protocols say to patients: their rules, and what to expect."""
    for protocol in read_library(LIBRARY):
        for rule in protocol.course.care_rules:
            yield rule.text
        for line in protocol.course.expectations:
            yield from (line.when, line.text)


def _in(file: Path, source: str) -> Iterator[tuple[str, str]]:
    for _, said, _, _ in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
        yield file.name, said if isinstance(said, str) else said[0]
