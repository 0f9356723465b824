"""From a row of somebody else's table to a person we could register, or the reasons why not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from clinic.rules.refusal import Refusal
from patients.rules.column_words import FILLERS, HEADERS, LANGUAGES, SEXES, Column
from patients.rules.identity import DateOrder, fold_name, normal_email, normal_phone, parse_birth_date
from patients.rules.tabular import Row, plain_cell

T = TypeVar("T")

LONGEST_NAME = 100  # characters
LONGEST_ALERT = 200  # characters


_LANGUAGE_CODE = re.compile(r"([a-z]{2})([-_][a-z0-9]{2,8})*", re.IGNORECASE)
# Marks that only steer how a line is drawn; they come along when text is copied from a page.
_DRAWING_MARKS = dict.fromkeys([0xFEFF, 0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def _compact(text: str) -> str:
    return fold_name(text).replace(" ", "")


_RANKS = {
    column: {_compact(word): rank for rank, word in enumerate(words.split("|"))} for column, words in HEADERS.items()
}
_LANGUAGE_NAMES = {_compact(word): code for code, words in LANGUAGES.items() for word in words.split("|")}
_SEX_NAMES = {_compact(word): sex for sex, words in SEXES.items() for word in words.split("|")}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who could be registered: every value in its stored form, "" where the file says nothing."""

    line: int
    first_name: str
    last_name: str
    birth_date: date | None = None
    email: str = ""
    phone: str = ""
    language: str = ""
    sex: str = ""
    alert: str = ""
    folded_name: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "folded_name", fold_name(f"{self.first_name} {self.last_name}"))


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a row is refused. `column` is None when it is about the whole row."""

    code: str
    sentence: str
    column: Column | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot become a patient, with every reason at once so that it is mended in one go."""

    line: int
    reasons: tuple[Reason, ...]


def guess_mapping(headers: Sequence[str]) -> dict[Column, str]:
    """Return the header each column most likely stands under; only whole known words count."""
    mapping: dict[Column, str] = {}
    for column, ranks in _RANKS.items():
        ranked = [(rank, header) for header in headers if (rank := _rank(header, ranks)) is not None]
        if ranked:
            mapping[column] = min(ranked, key=lambda pair: pair[0])[1]
    if Column.FIRST_NAME not in mapping and _compact(mapping.get(Column.LAST_NAME, "")) == "name":
        del mapping[Column.LAST_NAME]  # a lone “Name” holds the whole name; beside “Vorname” it is the last one
    return mapping


def _rank(header: str, ranks: Mapping[str, int]) -> int | None:
    words = fold_name(re.sub(r"[(\[].*?[)\]]", " ", header.replace("_", " "))).split()
    full = ranks.get("".join(words))
    return full if full is not None else ranks.get("".join(word for word in words if word not in FILLERS))


def place_columns(mapping: Mapping[Column, str], headers: Sequence[str]) -> dict[Column, int]:
    """Return where in a row each mapped column stands.

    Refusal when no column holds a name, a header is not in the table, or one header is used twice.
    """
    places: dict[Column, int] = {}
    for column, header in mapping.items():
        if header not in headers:
            raise Refusal("mapping.unknown", f"The table has no column “{header}”. It has: {', '.join(headers)}.")
        if headers.index(header) in places.values():
            raise Refusal("mapping.twice", f"The column “{header}” is chosen twice: once is enough.")
        places[column] = headers.index(header)
    if not places.keys() & {Column.FIRST_NAME, Column.LAST_NAME}:
        raise Refusal("mapping.name", "Say which column holds the first name; a whole name may stand there too.")
    return places


def read_row(
    row: Row, places: Mapping[Column, int], *, date_order: DateOrder | None, today: date
) -> Candidate | Rejected:
    """Read one row. Every value is checked, so that a refusal names all that is wrong with it.

    Who has one name only has it as the first name, wherever the file puts it.
    """
    if row.fault:
        return Rejected(row.line, (Reason("row", row.fault),))
    reasons: list[Reason] = []

    def read(column: Column, reading: Callable[[str], T], nothing: T) -> T:
        text = plain_cell(row.cells[places[column]]).strip() if column in places else ""
        if not text:
            return nothing
        try:
            return reading(text)
        except Refusal as refusal:
            reasons.append(Reason(refusal.code, refusal.sentence, column))
            return nothing

    first, last = read(Column.FIRST_NAME, _name, ""), read(Column.LAST_NAME, _name, "")
    candidate = Candidate(
        line=row.line,
        first_name=first or last,
        last_name=last if first else "",
        birth_date=read(Column.BIRTH_DATE, lambda text: parse_birth_date(text, date_order, today=today), None),
        email=read(Column.EMAIL, normal_email, ""),
        phone=read(Column.PHONE, normal_phone, ""),
        language=read(Column.LANGUAGE, _language, ""),
        sex=read(Column.SEX, _sex, ""),
        alert=read(Column.ALERT, _alert, ""),
    )
    if not candidate.first_name and not any(reason.code == "name" for reason in reasons):
        reasons.insert(0, Reason("name.missing", "The name is missing."))
    return Rejected(row.line, tuple(reasons)) if reasons else candidate


def _name(text: str) -> str:
    name = _one_line(text)
    if not any(character.isalpha() for character in name):
        raise Refusal("name", "A name has at least one letter.")
    if len(name) > LONGEST_NAME:
        raise Refusal("name", f"The name is longer than {LONGEST_NAME} characters.")
    if _has_control(name):
        raise Refusal("name", "The name holds a character that cannot be seen: type it again.")
    return name


def _alert(text: str) -> str:
    alert = _one_line(text)
    if len(alert) > LONGEST_ALERT:
        raise Refusal("alert", f"An alert has at most {LONGEST_ALERT} characters; this one has {len(alert)}.")
    if _has_control(alert):
        raise Refusal("alert", "The alert holds a character that cannot be seen: type it again.")
    return alert


def _one_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text.translate(_DRAWING_MARKS)).split())


def _has_control(text: str) -> bool:
    # Joiners (Cf) belong to the spelling of Persian and Indian names.
    return not text.isprintable() and any(unicodedata.category(mark) in {"Cc", "Cs", "Co", "Cn"} for mark in text)


def _language(text: str) -> str:
    known = _LANGUAGE_NAMES.get(_compact(text))
    if known:
        return known
    code = _LANGUAGE_CODE.fullmatch(text.strip())
    if not code:
        raise Refusal("language", f"“{text[:40]}” is not a language we know: write its code, for example en or ar.")
    return code[1].lower()


def _sex(text: str) -> str:
    sex = _SEX_NAMES.get(_compact(text))
    if sex is None:
        raise Refusal("sex", f"“{text[:40]}” is not one of female, male, other.")
    return sex
