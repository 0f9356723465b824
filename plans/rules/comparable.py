"""Whether two photos of one view may be compared: the same conditions, or a sentence that says what differs.

Source: domain, photos as evidence: same parting, same light, same distance, dry, and not freshly dyed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

_DISTANCE_TOLERANCE = 0.2  # of the larger distance
_FRESH_DYE_DAYS = 28


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a photo was taken. Empty texts and None: nobody wrote it down."""

    taken_on: date
    is_wet: bool = False
    parting: str = ""
    lighting: str = ""
    distance_cm: int | None = None
    last_dyed_on: date | None = None


def why_not_comparable(before: Conditions, after: Conditions) -> tuple[str, ...]:
    """Return what differs between two photos, each as a short sentence; empty when nothing known speaks against it."""
    found = [
        f"Hair {_wet(before)} before, {_wet(after)} now." if before.is_wet != after.is_wet else "",
        _differs("Parting", before.parting, after.parting),
        _differs("Lighting", before.lighting, after.lighting),
        _distances(before.distance_cm, after.distance_cm),
        "Dyed shortly before one of the two." if _is_fresh(before) != _is_fresh(after) else "",
    ]
    return tuple(filter(None, found))


def _wet(one: Conditions) -> str:
    return "wet" if one.is_wet else "dry"


def _differs(what: str, before: str, after: str) -> str:
    same = before.strip().casefold() == after.strip().casefold()
    return "" if same or not before or not after else f"{what} differs: “{before}”, now “{after}”."


def _distances(before: int | None, after: int | None) -> str:
    if not before or not after or abs(before - after) <= _DISTANCE_TOLERANCE * max(before, after):
        return ""
    return f"Taken from {before} cm, now from {after} cm."


def _is_fresh(one: Conditions) -> bool:
    return one.last_dyed_on is not None and 0 <= (one.taken_on - one.last_dyed_on).days < _FRESH_DYE_DAYS
