"""What an import did, or would do: counts of everything, and the rows a person has to look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from patients.rules.column_words import TITLES
from patients.rules.intake import Rejected

MOST_LISTED = 500  # rows; beyond that they are counted only, nobody mends more by hand


class OnBad(StrEnum):
    """What to do when a row is refused."""

    ALL_OR_NOTHING = "all_or_nothing"
    SKIP_BAD = "skip_bad"


@dataclass(frozen=True, slots=True)
class Fault:
    """A refused row: the line it starts on, and every reason as a person reads it."""

    line: int
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Twin:
    """A row about somebody known: from an earlier line of the file, or registered already."""

    line: int
    of_line: int | None = None
    patient_id: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """`rows` is `added` + `twins` + `faults`. `written` is False for a dry run, and when all or nothing meant nothing.

    `undated`: added without a birth date, so not told from people of the same name. `unspoken`: added with a language
    no letter is written in, so they get letters in the default one.
    """

    rows: int
    added: int
    twins: int
    faults: int
    undated: int
    unspoken: int
    listed_twins: tuple[Twin, ...]
    listed_faults: tuple[Fault, ...]
    written: bool


@dataclass(slots=True)
class Tally:
    """Counts while the rows go by."""

    added: int = 0
    twins: int = 0
    faults: int = 0
    undated: int = 0
    unspoken: int = 0
    listed_twins: list[Twin] = field(default_factory=list)
    listed_faults: list[Fault] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return self.added + self.twins + self.faults

    def refuse(self, rejected: Rejected) -> None:
        self.faults += 1
        if len(self.listed_faults) < MOST_LISTED:
            sentences = (
                f"{TITLES[reason.column]}: {reason.sentence}" if reason.column else reason.sentence
                for reason in rejected.reasons
            )
            self.listed_faults.append(Fault(rejected.line, tuple(sentences)))

    def leave_out(self, twin: Twin) -> None:
        self.twins += 1
        if len(self.listed_twins) < MOST_LISTED:
            self.listed_twins.append(twin)

    def report(self, *, written: bool) -> Report:
        return Report(
            rows=self.rows,
            added=self.added,
            twins=self.twins,
            faults=self.faults,
            undated=self.undated,
            unspoken=self.unspoken,
            listed_twins=tuple(self.listed_twins),
            listed_faults=tuple(self.listed_faults),
            written=written,
        )
