"""What somebody typed into a search field, taken apart into pieces of the text that is kept of every patient.

That text has a line each for the folded name, the e-mail address in lower case and the digits of the phone number, and
two spaces before every part of a line: with them the beginning of a part is three characters long even when one letter
was typed, which is what both databases need to find it by an index.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

from patients.rules.identity import ascii_digits, fold_name

LONGEST = 200  # characters looked at; nobody's name, address and number together are longer
GAP = "  "
INDEXED = 3  # characters of the shortest piece an index of trigrams knows
FEWEST_NATIONAL = 4

_PHONE_MARKS = re.compile(r"[\d+()./\u2010-\u2015-]+")

Pieces = tuple[str, ...]


def pieces_of(typed: str) -> tuple[Pieces, ...]:
    """Return for each word the pieces of which one must stand in a patient's text. Nothing typed: nothing asked.

    Numbers typed one after the other are one number: "065 55" is looked for as 06555. One or two letters find what
    begins with them; in scripts where two letters are a whole name, and from three letters on, any part is found.
    """
    words = ("".join(mark for mark in word if unicodedata.category(mark)[0] != "C") for word in typed[:LONGEST].split())
    found: list[Pieces] = []
    for is_number, run in groupby((ascii_digits(word) for word in words if word), _is_number):
        taken = list(run)
        found += [_number(taken)] if is_number else [_word(word) for word in taken]
    return tuple(pieces for pieces in found if pieces)


def _is_number(word: str) -> bool:
    return _PHONE_MARKS.fullmatch(word) is not None


def _word(word: str) -> Pieces:
    """Part of a name as it is folded, or of an e-mail address as it is written."""
    return _unique((GAP.join(fold_name(word).split()), word.casefold()))


def _number(run: list[str]) -> Pieces:
    """Digits of a phone number, with and without what is dialled before it; or figures in a name or an address."""
    whole = "".join(run)
    dialled = (whole.replace("(0)", ""), whole) if whole.startswith("+") else (whole,)
    digits = [re.sub(r"\D", "", number) for number in dialled]
    if not digits[0]:
        return ()  # a plus or a bracket: the number is still to come
    national = digits[0].lstrip("0")
    written = (run[0],) if len(run) == 1 else ()
    spared = (national,) if len(national) >= FEWEST_NATIONAL else ()
    return _unique((*digits, *spared, GAP.join(fold_name(" ".join(run)).split()), *written))


def _unique(pieces: tuple[str, ...]) -> Pieces:
    return tuple(dict.fromkeys(_begun(pieces)))


def _begun(pieces: tuple[str, ...]) -> Iterator[str]:
    for piece in pieces:
        if piece:
            is_short = len(piece) < INDEXED and piece.isascii() and piece.isalnum()
            yield GAP + piece if is_short else piece
