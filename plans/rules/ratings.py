"""A blinded answer to "which shows more hair?", and what it says once it is known which photo was the later one.

The answers lie symmetrically around "the same", so that neither side is easier to give. Source: blinded review of
paired standard photos, per region (PMID 22325459); the seven steps are those of the patients' own rating.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

MOST = 3
UNDO_WITHIN = timedelta(seconds=10)
# The button is there for ten seconds; whoever presses in the tenth is still heard.
ON_ITS_WAY = timedelta(seconds=5)

_HOW_MUCH = {1: "a little more", 2: "more", 3: "much more"}


@dataclass(frozen=True, slots=True)
class Answer:
    """−3: the left one shows much more; 3: the right one does. `strength` 0–3 is what a button shows."""

    value: int

    @property
    def side(self) -> str:
        return "left" if self.value < 0 else "right" if self.value else ""

    @property
    def strength(self) -> int:
        return abs(self.value)

    @property
    def how(self) -> str:
        return _HOW_MUCH[self.strength].capitalize() if self.value else "The same"

    @property
    def words(self) -> str:
        return f"{self.side.capitalize()}: {_HOW_MUCH[self.strength]}" if self.value else "The same"


ANSWERS = tuple(Answer(value) for value in range(-MOST, MOST + 1))


def score_of(answer: int, *, is_later_left: bool) -> int:
    """Return what the later photo shows against the earlier, −3 … +3. ValueError for an answer nobody can give."""
    if not -MOST <= answer <= MOST:
        raise ValueError(f"An answer lies between −{MOST} and {MOST}, not {answer}.")
    return -answer if is_later_left else answer


def mean_of(scores: Sequence[int]) -> float:
    """Return the mean, to one decimal. ValueError without scores: nobody's opinion is not 0."""
    if not scores:
        raise ValueError("Nobody has rated this.")
    # Half away from zero: a mean of +0.25 and one of −0.25 read as far from 0.
    tenths = abs(sum(scores)) * 10 * 2 // len(scores)
    size = (tenths + 1) // 2 / 10
    return -size if sum(scores) < 0 else size
