"""What is wrong with the periods of a weekday as somebody wrote them down, in sentences that stand at the field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from itertools import pairwise

from clinic.rules.opening import Clocks

MOST_PERIODS = 6
# A half-written period: one of the two is missing still.
Written = tuple[time | None, time | None]


@dataclass(frozen=True, slots=True)
class Fault:
    """`period` counts from 0; `at` is "opens" or "closes"."""

    period: int
    at: str
    sentence: str


def faults_of(periods: Sequence[Written]) -> tuple[Fault, ...]:
    """Return every fault of one day's periods; none for a day on which nobody works. Empty periods say nothing."""
    alone = [fault for number, one in enumerate(periods) for fault in _fault(number, *one)]
    return tuple(alone or _overlaps(periods))


def whole(periods: Sequence[Written]) -> tuple[Clocks, ...]:
    """Return the periods that are written down, in the order of the day."""
    return tuple(sorted((opens, closes) for opens, closes in periods if opens is not None and closes is not None))


def week_words(weekly: Mapping[int, Sequence[Clocks]]) -> str:
    """Return a week as one reads it aloud: "Mon 09:00–13:00; Tue 09:00–12:30, 13:30–18:00"."""
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    return "; ".join(f"{names[day]} {clocks_words(weekly[day])}" for day in sorted(weekly) if weekly[day])


def clocks_words(periods: Sequence[Clocks]) -> str:
    return ", ".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in periods)


def _fault(number: int, opens: time | None, closes: time | None) -> Iterator[Fault]:
    if opens is None and closes is None:
        return
    if opens is None:
        yield Fault(number, "opens", "Write when it opens, too.")
    elif closes is None:
        yield Fault(number, "closes", "Write when it closes, too.")
    elif closes == time.min:
        yield Fault(number, "closes", "Close at 23:59 at the latest: hours after midnight belong to the next day.")
    elif closes <= opens:
        sentence = f"It closes at {closes:%H:%M}, before it opens at {opens:%H:%M}: change one of them."
        if closes == opens:
            sentence = f"It opens and closes at {opens:%H:%M}: change one of them."
        yield Fault(number, "closes", sentence)


def _overlaps(periods: Sequence[Written]) -> Iterator[Fault]:
    """Periods that touch are no fault: they are one."""
    known = sorted((*one, number) for number, (opens, closes) in enumerate(periods) for one in whole([(opens, closes)]))
    for (opens, closes, _), (later, until, number) in pairwise(known):
        if later < closes:
            words = f"{opens:%H:%M}–{closes:%H:%M} and {later:%H:%M}–{until:%H:%M}"
            yield Fault(number, "opens", f"{words} overlap: change one of them, or make them one.")
