"""The page around a letter, styled once instead of once per mail, and the sandbox its templates are rendered in.

Mail programs want CSS on every element. Inlining it into each finished mail costs more than all the rest of writing it,
so it is done to the *template*: page and letter are put together as text, the CSS is inlined, and only then is the page
compiled.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import css_inline
from jinja2 import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from clinic.language import Direction

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "letters"

_MARK = re.compile("__(lang|dir|start|letter|foot)__")
_TAG = re.compile(r"{[{%#].*?[}%#]}", re.DOTALL)


@cache
def plain_environment() -> ImmutableSandboxedEnvironment:
    """Return the environment for subjects and text bodies: nothing is escaped, for nothing is markup there."""
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)


@cache
def rich_environment() -> ImmutableSandboxedEnvironment:
    """Return the environment for HTML bodies: everything is escaped."""
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)


def page_source(letter: str, foot: str, *, language: str, direction: Direction) -> str:
    """Return the source of a whole HTML letter with its CSS inlined.

    ValueError when inlining changed a template tag: an HTML parser escapes "<" and "&" inside tags, and moves tags
    that stand between rows of a table.
    """
    words = {
        "lang": language,
        "dir": direction,
        "start": "left" if direction == "ltr" else "right",
        "letter": letter,
        "foot": foot,
    }
    # In one go: what a letter says is not looked through for marks.
    whole = _MARK.sub(lambda found: words[found[1]], read("layout.html"))
    page = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False).inline(whole)
    if _TAG.findall(page) != _TAG.findall(whole):
        raise ValueError("Inlining the CSS of a letter changed its template tags.")
    return page


@cache
def read(name: str) -> str:
    """Return one of the house's own files: a letter's source, a part, the page."""
    return (FOLDER / name).read_text(encoding="utf-8")
