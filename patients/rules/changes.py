"""What is different from the time before, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """`was` is empty for what is new, `now` for what is gone."""

    label: str
    was: str
    now: str


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    """Return what differs, in the order of `after`; what is gone comes last. Empty words mean "not recorded"."""
    labels = dict.fromkeys((*after, *before))
    pairs = (Change(label, before.get(label, ""), after.get(label, "")) for label in labels)
    return tuple(change for change in pairs if change.was != change.now)
