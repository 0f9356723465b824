"""What the pages of a letter's wording print: languages, and what is wrong with a source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import get_language_info

from plans.letters.source import check, house_source
from plans.models import LetterWording
from plans.queries.wording import WordingStory
from plans.queries.wording_diff import DiffLine, compare_lines
from plans.rules.letter_kinds import LetterKind

Source = tuple[str, str]
"""Subject and letter."""

# Signs that print nothing, end a line where none is seen, or turn what follows the other way round.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202d\u202e]")


@dataclass(frozen=True, slots=True)
class PlacedFault:
    """What is wrong, and where: in a line of the letter as typed, in the subject, or in the letter as a whole (0)."""

    line: int
    sentence: str
    in_subject: bool = False

    @property
    def place(self) -> str:
        return f"Line {self.line}" if self.line else "Subject" if self.in_subject else ""


@dataclass(frozen=True, slots=True)
class LanguageWords:
    code: str
    name: str
    own_name: str
    is_rtl: bool


def language_words(code: str) -> LanguageWords:
    info = get_language_info(code)
    return LanguageWords(code, info["name"], info["name_local"], info["bidi"])


def compared(was: Source, now: Source) -> tuple[tuple[str, tuple[DiffLine, ...]], ...]:
    """Return subject and letter apart: the lines keep the numbers they have in the editor."""
    return (("Subject", compare_lines(was[0], now[0])), ("Letter", compare_lines(was[1], now[1])))


def source_of(story: WordingStory, row: LetterWording | None) -> Source:
    """Return subject and letter of a version; without one the house's."""
    subject, body = (row.subject, row.body) if row else house_source(story.kind, story.language)
    return subject, body.rstrip("\n")


def faults_of(kind: LetterKind, language: str, subject: str, body: str) -> list[PlacedFault]:
    """Return what is wrong, by the lines on the screen: empty lines before the first one count there."""
    if unseen := list(_unseen(subject, body)):
        return unseen
    found = check(kind, language, subject, body)
    before = len(body) - len(body.lstrip("\n"))
    of_subject = set()
    if any(fault.line == 0 for fault in found):
        of_subject = set(check(kind, language, subject, house_source(kind, language)[1]))
    return [
        PlacedFault(fault.line and fault.line + before, fault.sentence, fault in of_subject and not fault.line)
        for fault in found
    ]


def _unseen(subject: str, body: str) -> Iterator[PlacedFault]:
    if _UNSEEN.search(subject) or "\n" in subject or "\t" in subject:
        yield PlacedFault(0, "There is a sign in it that cannot be seen: write it anew in one line.", in_subject=True)
    for number, line in enumerate(body.split("\n"), start=1):
        if found := _UNSEEN.search(line):
            after = line[: found.start()].strip()[-20:]
            where = f"after “{after}”" if after else "at its beginning"
            yield PlacedFault(number, f"There is a sign that cannot be seen {where}: delete it.")
