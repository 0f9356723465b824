"""From facts to a letter: subject, text, HTML, calendar file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from jinja2 import Template

from clinic.post.message import CalendarMethod
from plans.letters.calendar import calendar_file
from plans.letters.facts import LetterFacts, missing_facts
from plans.letters.pages import page_source, plain_environment, rich_environment
from plans.letters.words import words
from plans.rules.reminders import LetterKind

_GAP = re.compile(r"\n{3,}")
"""What a part that had nothing to say leaves in a text body."""


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    text: str
    html: str
    calendar: bytes | None
    calendar_method: CalendarMethod


@dataclass(frozen=True, slots=True)
class _Trio:
    subject: Template
    text: Template
    html: Template


def render(facts: LetterFacts) -> Letter:
    """Return the letter. The same facts give the same letter to the last byte.

    ValueError when a fact the letter stands on is missing: a letter with a hole must not leave.
    """
    if missing := missing_facts(facts):
        raise ValueError(f"A letter “{facts.kind}” needs {', '.join(missing)}.")
    trio, said = _trio(facts.kind), words(facts)
    calendar, method = calendar_file(facts)
    return Letter(
        subject=trio.subject.render(said).strip(),
        text=_GAP.sub("\n\n", trio.text.render(said)).strip() + "\n",
        html=trio.html.render(said),
        calendar=calendar,
        calendar_method=method,
    )


@cache
def _trio(kind: LetterKind) -> _Trio:
    """Compile a letter's three templates, once per process."""
    return _Trio(
        subject=plain_environment().get_template(f"{kind}/subject.txt"),
        text=plain_environment().get_template(f"{kind}/body.txt"),
        html=rich_environment().from_string(page_source(f"{kind}/body.html")),
    )
