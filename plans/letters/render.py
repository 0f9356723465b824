"""From facts to a letter: subject, text, HTML, calendar file."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jinja2 import Template

from clinic.post.message import CalendarMethod
from plans.letters.calendar import calendar_file
from plans.letters.facts import LetterFacts, missing_facts
from plans.letters.source import Trio, compiled, house_source
from plans.letters.words import words
from plans.rules.letter_kinds import LetterKind

_GAP = re.compile(r"\n{3,}")
"""What a part that had nothing to say leaves in a text body."""


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str
    calendar: bytes | None
    calendar_method: CalendarMethod


def render(facts: LetterFacts, trio: Trio | None = None) -> Letter:
    """Return the letter, in the house's words unless others are given. The same facts give the same bytes.

    ValueError when a fact the letter stands on is missing: a letter with a hole must not leave.
    """
    if missing := missing_facts(facts):
        raise ValueError(f"A letter “{facts.kind}” needs {', '.join(missing)}.")
    trio, said = trio or house_trio(facts.kind, facts.language), words(facts)
    calendar, method = calendar_file(facts)
    return Letter(
        subject=_filled(trio.subject, said).strip(),
        text=_GAP.sub("\n\n", _filled(trio.text, said)).strip() + "\n",
        html=_filled(trio.html, said),
        calendar=calendar,
        calendar_method=method,
    )


def _filled(template: Template, said: dict[str, object]) -> str:
    """What `template.render` does, without copying all the words into a context of their own three times a letter."""
    return "".join(template.root_render_func(template.new_context(said, shared=True)))


def house_trio(kind: LetterKind, language: str) -> Trio:
    """Return the house's own words, compiled once per process."""
    return compiled(*house_source(kind, language), kind, language)
