"""The letters' templates: sandboxed, strict, and styled once instead of once per mail.

Mail programs want CSS on every element. Inlining it into each finished mail costs more than all the rest of writing it,
so it is done to the *template*: layout, letter and parts are put together as text, the CSS is inlined, and only then
is the page compiled.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import css_inline
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "letters"

_INCLUDE = re.compile(r'{% include "([a-z_]+(?:/[a-z_]+)*\.html)" %}')
_BODY = "{% block letter %}{% endblock %}"
_TAG = re.compile(r"{[{%#].*?[}%#]}", re.DOTALL)


@cache
def plain_environment() -> ImmutableSandboxedEnvironment:
    """Return the environment for subjects and text bodies: nothing is escaped, for nothing is markup there."""
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def rich_environment() -> ImmutableSandboxedEnvironment:
    """Return the environment for HTML bodies: everything is escaped."""
    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True)


def page_source(name: str) -> str:
    """Return the source of a whole HTML letter with its CSS inlined.

    ValueError when inlining changed a template tag: an HTML parser escapes "<" and "&" inside tags, and moves tags
    that stand between rows of a table.
    """
    whole = _with_parts(_read("layout.html").replace(_BODY, _read(name)))
    inliner = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)
    page = inliner.inline(whole)
    if _TAG.findall(page) != _TAG.findall(whole):
        raise ValueError(f"Inlining the CSS of {name} changed its template tags.")
    return page


def _with_parts(source: str) -> str:
    while _INCLUDE.search(source):
        source = _INCLUDE.sub(lambda found: _read(found[1]), source)
    return source


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
