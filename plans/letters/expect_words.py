"""Which of a course's expectations belong into which letter, and who says so in words a patient understands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from clinic.language import Tongue
from plans.letters.facts import Expected
from plans.rules.course import Expectation
from plans.rules.letter_kinds import LetterKind
from plans.rules.library import LIBRARY
from plans.rules.library_shared import read_sources

_WEEKS_IN = {"day": 1 / 7, "week": 1.0, "month": 52 / 12, "year": 52.0}
_FIRST_NUMBER = re.compile(r"(\d+)[^a-z]*(?:\d+\s*)?(day|week|month|year)")
_BEGINS: Mapping[LetterKind, tuple[float, float]] = MappingProxyType(
    {
        LetterKind.EXPECT_2_WEEKS: (0, 4),
        LetterKind.EXPECT_6_WEEKS: (4, 8),
        LetterKind.EXPECT_3_MONTHS: (8, 20),
        LetterKind.EXPECT_6_MONTHS: (20, float("inf")),
    }
)
"""In weeks from the first session: what begins in between stands in that letter, and in no other."""


def expectations_for(kind: LetterKind, expectations: Iterable[Expectation], speak: Tongue) -> tuple[Expected, ...]:
    first, last = _BEGINS[kind]
    return tuple(
        Expected(speak.own(one.when), speak.own(one.text), source_words(one.source, speak))
        for one in expectations
        if first <= _begins(one.when) < last
    )


def source_words(keys: str, speak: Tongue) -> str:
    """Return who says so: "Dermatology column; Dalily Medical, Egypt" for "S2, S3". What is no key stays as it is."""
    known = house_sources()
    return "; ".join(dict.fromkeys(speak.own(known.get(key.strip(), key.strip())) for key in keys.split(",")))


@cache
def house_sources() -> dict[str, str]:
    """Who stands behind each of the library's sources. Their titles name treatments, and stay out of mails."""
    return {key: _short(source.note) for key, source in read_sources(LIBRARY).items()} | {"OWNER": "your clinic"}


def _short(note: str) -> str:
    return note.partition(":")[0].rstrip(".")


def _begins(when: str) -> float:
    """Return the week a time begins in: "2–4 weeks" in the 2nd. What names no length belongs into the first letter."""
    found = _FIRST_NUMBER.search(when.casefold())
    return int(found[1]) * _WEEKS_IN[found[2]] if found else 0.0
