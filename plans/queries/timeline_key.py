"""What the shapes on a time line mean: only those that are on it."""

from __future__ import annotations

from dataclasses import dataclass

from plans.rules.timeline import Drawing

_MARKS = {
    "done": "Done",
    "booked": "Booked",
    "late": "Late",
    "skipped": "Skipped or cancelled",
    "target": "Best day",
    "pinned": "Day set by hand",
    "calculated": "Day by the rules",
    "review-promised": "Review to come",
    "review-booked": "Review booked",
    "review-decided": "Review decided",
    "review-skipped": "Review skipped",
    "referral": "Referral",
}
_BARS = {
    "planned": "Between earliest and latest day",
    "medicine": "Medicine at home",
    "held-off": "Medicine held off",
    "certain": "To avoid",
    "estimated": "To avoid, estimated",
    "pause": "Paused",
}
# These bars mean the same: the days between which a session belongs.
_WINDOWS = frozenset({"planned", "done", "booked", "late", "draft", "paused"})


@dataclass(frozen=True, slots=True)
class Key:
    """Pairs of a shape's name and its words."""

    marks: tuple[tuple[str, str], ...]
    bars: tuple[tuple[str, str], ...]


def timeline_key(drawing: Drawing) -> Key:
    items = [item for row in drawing.rows for item in row.items]
    marks = {mark.look for item in items for mark in item.marks}
    bars = {item.entry.look for item in items} | ({"pause"} if drawing.bands else set())
    if bars & _WINDOWS:
        bars.add("planned")
    return Key(
        tuple((look, words) for look, words in _MARKS.items() if look in marks),
        tuple((look, words) for look, words in _BARS.items() if look in bars),
    )
