"""What was and what is: two versions of a protocol compared part by part, line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from plans.rules import protocol_words as words
from plans.rules.course import Course


class Fate(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Line:
    """One statement before and after; empty where the part was not there."""

    label: str
    was: str
    now: str

    @property
    def is_changed(self) -> bool:
        return self.was != self.now


@dataclass(frozen=True, slots=True)
class Item:
    """One part of a protocol that is not the same in both. `lines` holds all it says, changed or not."""

    section: str
    title: str
    fate: Fate
    lines: tuple[Line, ...]

    @property
    def changed(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_changed)


# Section, its rows by key, how a row is called, and what it says.
_Section = tuple[str, Callable[[Course], dict[str, Any]], Callable[[Any], str], Callable[[Any], words.Facts]]
_SECTIONS: tuple[_Section, ...] = (
    ("Courses of treatment", lambda c: {p.key: p for p in c.components}, lambda p: f"{p.modality.label} ({p.key})",
     words.component_facts),
    ("Least gaps", lambda c: {f"{g.first}–{g.second}": g for g in c.least_gaps},
     lambda g: f"{g.first.label} and {g.second.label}", words.gap_facts),
    ("Reviews", lambda c: {r.key: r for r in c.reviews}, lambda r: f"{r.title} ({r.key})", words.review_facts),
    ("Before and after a session", lambda c: {r.key: r for r in c.care_rules}, lambda r: f"{r.text} ({r.key})",
     words.care_facts),
    ("Maintenance", lambda c: {"booster": c.maintenance} if c.maintenance else {}, lambda m: "Booster",
     words.maintenance_facts),
    ("Alongside the sessions", lambda c: {a.key: a for a in c.alongside}, lambda a: f"{a.name} ({a.key})",
     words.alongside_facts),
    ("What to expect", lambda c: {f"{e.when}: {e.text}": e for e in c.expectations}, lambda e: e.when,
     words.expectation_facts),
)  # fmt: skip


def diff(was: Course, now: Course) -> tuple[Item, ...]:
    """Return every part that differs, in the order in which a protocol is read. Equal courses: nothing.

    Parts are the same part when they have the same key; one whose key changed was removed and another added.
    """
    items = [item for section in _SECTIONS for item in _compared(section, was, now)]
    items += diff_words("Photos", "Views", {"View set": was.view_set}, {"View set": now.view_set})
    return tuple(items)


def diff_words(section: str, title: str, was: Mapping[str, str], now: Mapping[str, str]) -> tuple[Item, ...]:
    """Compare statements that have no rows of their own; nothing when all are the same."""
    lines = _lines(tuple(was.items()), tuple(now.items()))
    return (Item(section, title, Fate.CHANGED, lines),) if any(line.is_changed for line in lines) else ()


def _compared(section: _Section, was: Course, now: Course) -> Iterator[Item]:
    name, rows_of, title_of, facts_of = section
    before, after = rows_of(was), rows_of(now)
    for key, row in after.items():
        if key not in before:
            yield Item(name, title_of(row), Fate.ADDED, _lines((), facts_of(row)))
            continue
        lines = _lines(facts_of(before[key]), facts_of(row))
        if any(line.is_changed for line in lines):
            yield Item(name, title_of(row), Fate.CHANGED, lines)
    for key, row in before.items():
        if key not in after:
            yield Item(name, title_of(row), Fate.REMOVED, _lines(facts_of(row), ()))
    yield from _reordered(name, list(before), list(after))


def _reordered(section: str, before: Sequence[str], after: Sequence[str]) -> Iterator[Item]:
    """The order counts: on one day, what is listed first comes first."""
    was, now = [key for key in before if key in after], [key for key in after if key in before]
    if was != now:
        yield Item(section, "Order", Fate.CHANGED, (Line("Order", ", ".join(was), ", ".join(now)),))


def _lines(was: words.Facts, now: words.Facts) -> tuple[Line, ...]:
    before, after = dict(was), dict(now)
    return tuple(Line(label, before.get(label, ""), after.get(label, "")) for label in {**before, **after})
