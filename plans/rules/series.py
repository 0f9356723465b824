"""A whole series laid out at once: each session and review of a plan with its window and a time inside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from plans.rules.finder import Vacancy


@dataclass(frozen=True, slots=True)
class Line:
    """One session or review to come. `subject` is its id. `vacancy` None: no time was found for it. `others` are
    further times inside its window, given what comes before it. `note`: what should be known beside it."""

    subject: UUID
    kind: Literal["session", "review"]
    name: str
    window_words: str
    first: date
    target: date
    last: date
    minutes: int
    vacancy: Vacancy | None
    others: tuple[Vacancy, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """`whole`: every line has a time. Else `trouble` names the first that has none, and `would_help` what would make
    one, each tried."""

    lines: tuple[Line, ...]
    whole: bool
    trouble: str = ""
    would_help: tuple[str, ...] = ()
