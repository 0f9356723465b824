"""What a lot's barcode says: the GS1 element string of a DataMatrix, as scanners type it or people read it.

Source: GS1 General Specifications, application identifiers 01, 10, 11, 17 and 21.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from clinic.rules.refusal import Refusal

FNC1 = "\x1d"
_SYMBOLOGY = re.compile(r"^\](C1|d2|Q3|e0)")
_BRACKETED = re.compile(r"\((\d{2,4})\)([^(]*)")

# How long each field is. What is not listed here, and is not of variable length, is nothing we know how to skip.
_FIXED = MappingProxyType({"00": 18, "01": 14, "02": 14, "11": 6, "12": 6, "13": 6, "15": 6, "16": 6, "17": 6, "20": 2})
_VARIABLE = MappingProxyType({"10": 20, "21": 20, "22": 20, "30": 8, "37": 8, "240": 30, "241": 30, "250": 30})


@dataclass(frozen=True, slots=True)
class ScannedLot:
    """`gtin` 14 digits or empty; `number` as printed; `expires_on` None when the code does not say."""

    number: str
    expires_on: date | None = None
    gtin: str = ""


def read_lot_code(code: str, *, today: date) -> ScannedLot:
    """Return the lot a barcode names. A code without identifiers counts as the bare lot number.

    Takes "(01)…(10)LOT(17)YYMMDD", and what a scanner types: the same without brackets, FNC1 (character 29) after
    fields of variable length, an optional symbology prefix. Refusal: `code_empty`, `code_unreadable`, `code_no_lot`.
    """
    text = _SYMBOLOGY.sub("", code.strip(" \t\r\n"))
    if not text.strip(FNC1):
        raise Refusal("code_empty", "The barcode is empty: scan it again, or choose the lot from the list.")
    if "(" not in text and FNC1 not in text and not _looks_like_gs1(text):
        return ScannedLot(text)
    fields = _bracketed(text) if "(" in text else _element_string(text)
    if "10" not in fields:
        raise Refusal("code_no_lot", "The barcode carries no lot number: choose the lot from the list.")
    expires = _expiry(fields["17"], today) if "17" in fields else None
    return ScannedLot(fields["10"], expires, _gtin(fields.get("01", "")))


def _looks_like_gs1(text: str) -> bool:
    return len(text) > 16 and text[:2] == "01" and text[2:16].isdecimal()


def _bracketed(text: str) -> dict[str, str]:
    found = {name: value.strip(f" {FNC1}") for name, value in _BRACKETED.findall(text)}
    if not found:
        raise _unreadable()
    return found


def _element_string(text: str) -> dict[str, str]:
    found, rest = {}, text.lstrip(FNC1)
    while rest:
        name = next((rest[:n] for n in (2, 3) if rest[:n] in _FIXED or rest[:n] in _VARIABLE), None)
        if name is None:
            raise _unreadable()
        value, rest = _take(name, rest[len(name) :])
        found[name] = value
        rest = rest.lstrip(FNC1)
    return found


def _take(name: str, rest: str) -> tuple[str, str]:
    if name in _FIXED:
        value, left = rest[: _FIXED[name]], rest[_FIXED[name] :]
        if len(value) < _FIXED[name] or not value.isdecimal():
            raise _unreadable()
        return value, left
    value, _, left = rest.partition(FNC1)
    if not 0 < len(value) <= _VARIABLE[name]:
        raise _unreadable()
    return value, left


def _expiry(digits: str, today: date) -> date:
    """YYMMDD; day 00 is the month's last. The century is the one within 50 years of today, as GS1 counts."""
    if len(digits) != 6 or not digits.isdecimal():
        raise _unreadable()
    year, month, day = (int(digits[i : i + 2]) for i in (0, 2, 4))
    century = today.year // 100 * 100
    ahead = year - today.year % 100
    full = century + year + (100 if ahead <= -50 else -100 if ahead > 50 else 0)
    try:
        return date(full, month, day or calendar.monthrange(full, month)[1])
    except ValueError:
        raise _unreadable() from None


def _gtin(digits: str) -> str:
    """Thirteen digits and their check digit. A misread code must not choose a lot."""
    if not digits:
        return ""
    if len(digits) != 14 or not digits.isdecimal():
        raise _unreadable()
    total = sum(int(d) * (3 if i % 2 == 0 else 1) for i, d in enumerate(digits[:13]))
    if (10 - total % 10) % 10 != int(digits[13]):
        raise _unreadable()
    return digits


def _unreadable() -> Refusal:
    sentence = "The barcode was not read in full: scan it again, or choose the lot from the list."
    return Refusal("code_unreadable", sentence)
