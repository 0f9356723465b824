"""Two versions of a letter, line by line, with the words that changed marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

# A word with the blanks after it: what stands between two changed words is then not shown as kept.
_WORD = re.compile(r"\S+\s*|\s+")
_ALIKE = 0.4


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a line, all of them changed or all of them kept."""

    words: str
    changed: bool


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of the comparison. `fate`: same, gone or new. `number`: its line in the version it stands in."""

    fate: str
    number: int
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return "".join(piece.words for piece in self.pieces)


def compare_lines(was: str, now: str) -> tuple[DiffLine, ...]:
    """Return both texts merged in reading order: what went stands before what came in its place."""
    old, new = was.split("\n"), now.split("\n")
    found: list[DiffLine] = []
    for fate, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if fate == "equal":
            found += [DiffLine("same", k + place + 1, (Piece(line, False),)) for place, line in enumerate(new[k:m])]
        else:
            found += _replaced(old[i:j], i, new[k:m], k)
    return tuple(found)


def _replaced(old: list[str], first_old: int, new: list[str], first_new: int) -> Iterator[DiffLine]:
    """A block of lines and what stands in its place: the lines are taken in pairs, as people rewrite them."""
    gone: list[DiffLine] = []
    came: list[DiffLine] = []
    for place, (before, after) in enumerate(zip_longest(old, new)):
        left, right = _words(before, after)
        if before is not None:
            gone.append(DiffLine("gone", first_old + place + 1, left))
        if after is not None:
            came.append(DiffLine("new", first_new + place + 1, right))
    yield from gone
    yield from came


def _words(before: str | None, after: str | None) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """The words of two lines. Lines with little in common are marked whole: speckles say nothing."""
    old, new = _WORD.findall(before or ""), _WORD.findall(after or "")
    matcher = SequenceMatcher(None, [word.strip() for word in old], [word.strip() for word in new], autojunk=False)
    if before is None or after is None or matcher.ratio() < _ALIKE:
        return (Piece(before or "", True),), (Piece(after or "", True),)
    left: list[Piece] = []
    right: list[Piece] = []
    for fate, i, j, k, m in matcher.get_opcodes():
        if i < j:
            left.append(Piece("".join(old[i:j]), fate != "equal"))
        if k < m:
            right.append(Piece("".join(new[k:m]), fate != "equal"))
    return tuple(left), tuple(right)
