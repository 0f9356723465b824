"""Whether two photos of one view may be compared: the same conditions, or a sentence that says what differs.

Source: domain, photos as evidence: same parting, same light, same distance, dry, and not freshly dyed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Tolerances:
    """How far two photos may lie apart before it is said. `light_steps` of 255; shift in percent of the width."""

    distance_percent: int = 20
    scale_percent: int = 15
    shift_percent: int = 15
    turn_degrees: float = 8.0
    light_steps: int = 40
    hair_length_percent: int = 30
    fresh_dye_days: int = 28


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a photo was taken. Empty texts and None: nobody wrote it down.

    `brightness`: the mean of the picture, 0 to 255. `was_asked_not_to`: the last dye fell on a day on which the plan's
    care asked for none.
    """

    taken_on: date
    is_wet: bool = False
    parting: str = ""
    lighting: str = ""
    distance_cm: int | None = None
    last_dyed_on: date | None = None
    flash: bool | None = None
    hair_length_cm: Decimal | None = None
    product: str = ""
    brightness: float | None = None
    view: str = ""
    was_asked_not_to: bool = False


@dataclass(frozen=True, slots=True)
class Lie:
    """How the later picture lies on the earlier one, as its alignment measured it.

    `scale` above 1: the later one must be enlarged, so it was taken from farther away. `turn_degrees` above 0: it must
    be turned clockwise.
    """

    scale: float
    turn_degrees: float
    shift_percent: float


def why_not_comparable(
    before: Conditions, after: Conditions, tolerances: Tolerances | None = None, *, lie: Lie | None = None
) -> tuple[str, ...]:
    """Return what differs between two photos, each as a short sentence; empty when nothing known speaks against it."""
    bar = tolerances or Tolerances()
    found = [
        _differs("View", before.view, after.view),
        *_framing(before, after, lie, bar),
        f"Hair {_wet(before)} before, {_wet(after)} now." if before.is_wet != after.is_wet else "",
        _differs("Parting", before.parting, after.parting),
        *_light(before, after, bar),
        _lengths(before.hair_length_cm, after.hair_length_cm, bar),
        _differs("Product in the hair", before.product, after.product),
        _dye(before, after, bar),
    ]
    return tuple(filter(None, found))


def what_is_unknown(before: Conditions, after: Conditions) -> tuple[str, ...]:
    """Return what cannot be judged because it was not written down for both, as words: "parting", "flash"."""
    facts: list[tuple[str, object, object]] = [
        ("distance", before.distance_cm, after.distance_cm),
        ("parting", before.parting, after.parting),
        ("lighting", before.lighting, after.lighting),
        ("flash", before.flash, after.flash),
        ("hair length", before.hair_length_cm, after.hair_length_cm),
    ]
    # Most people use no product and many never dye: what neither photo speaks of is not missing.
    asked = [("product in the hair", before.product, after.product), ("last dyed", _dyed(before), _dyed(after))]
    return tuple(
        [word for word, *sides in facts if not all(map(_is_known, sides))]
        + [word for word, *sides in asked if len({_is_known(side) for side in sides}) == 2]
    )


def _is_known(value: object) -> bool:
    return value is not None and value != ""


def _wet(one: Conditions) -> str:
    return "wet" if one.is_wet else "dry"


def _differs(what: str, before: str, after: str) -> str:
    same = before.strip().casefold() == after.strip().casefold()
    return "" if same or not before.strip() or not after.strip() else f"{what} differs: “{before}”, now “{after}”."


def _framing(before: Conditions, after: Conditions, lie: Lie | None, bar: Tolerances) -> Iterable[str]:
    """What the alignment measured goes before what was written down: the same distance is said once."""
    size = _scale(lie.scale, bar) if lie else ""
    yield size or _distances(before.distance_cm, after.distance_cm, bar)
    if lie and abs(lie.turn_degrees) > bar.turn_degrees:
        way = "anticlockwise" if lie.turn_degrees > 0 else "clockwise"
        yield f"The head is turned by {abs(lie.turn_degrees):.0f}° ({way}): hold the camera as the baseline shows."
    if lie and abs(lie.shift_percent) > bar.shift_percent:
        yield f"Framed differently: shifted by {abs(lie.shift_percent):.0f} % of the picture's width."


def _scale(scale: float, bar: Tolerances) -> str:
    if scale <= 0 or abs(math.log(scale)) <= math.log1p(bar.scale_percent / 100):
        return ""
    if scale < 1:
        return f"Taken from nearer: everything is {1 / scale - 1:.0%} larger now. Step back.".replace("%", " %")
    return f"Taken from farther away: everything is {1 - 1 / scale:.0%} smaller now. Step closer.".replace("%", " %")


def _distances(before: int | None, after: int | None, bar: Tolerances) -> str:
    if not before or not after or abs(before - after) * 100 <= bar.distance_percent * max(before, after):
        return ""
    return f"Taken from {before} cm, now from {after} cm."


def _light(before: Conditions, after: Conditions, bar: Tolerances) -> Iterable[str]:
    yield _differs("Lighting", before.lighting, after.lighting)
    if before.flash is not None and after.flash is not None and before.flash != after.flash:
        yield "Flash now, none before." if after.flash else "Flash before, none now."
    if before.brightness is not None and after.brightness is not None:
        steps = after.brightness - before.brightness
        if abs(steps) > bar.light_steps:
            way = "Brighter" if steps > 0 else "Darker"
            yield f"{way} now by {abs(steps):.0f} of 255: skin and hair look different. Use the same light."


def _lengths(before: Decimal | None, after: Decimal | None, bar: Tolerances) -> str:
    if not before or not after or abs(before - after) * 100 <= bar.hair_length_percent * max(before, after):
        return ""
    return f"Hair {_cm(before)} cm long before, {_cm(after)} cm now: longer hair covers more."


def _cm(length: Decimal) -> str:
    return f"{length.normalize():f}"


def _dye(before: Conditions, after: Conditions, bar: Tolerances) -> str:
    """Fresh dye hides skin and regrowth. What the plan's care asked for is told even of a dye that has faded."""
    one = _only_fresh(before, after, bar) or next(
        (side for side in (after, before) if side.was_asked_not_to and _dyed(side) is not None), None
    )
    if one is None:
        return ""
    days = _dyed(one)
    which = f"{days} day{'' if days == 1 else 's'} before" if days else "on the day of"
    asked = ", although the plan asked for no dye then" if one.was_asked_not_to else ""
    return f"Dyed {which} one of the two{asked}."


def _only_fresh(before: Conditions, after: Conditions, bar: Tolerances) -> Conditions | None:
    """Return the photo freshly dyed, when the other is known not to be.

    Dyed after the earlier photo was taken is a difference even where that one says nothing of dye.
    """
    fresh = [one for one in (before, after) if (days := _dyed(one)) is not None and days < bar.fresh_dye_days]
    if len(fresh) != 1:
        return None
    other = after if fresh[0] is before else before
    dyed_since = fresh[0].last_dyed_on is not None and fresh[0].last_dyed_on > other.taken_on
    return fresh[0] if _dyed(other) is not None or dyed_since else None


def _dyed(one: Conditions) -> int | None:
    """Days between the dye and the photo; a date after the photo says nothing of it."""
    if one.last_dyed_on is None or one.last_dyed_on > one.taken_on:
        return None
    return (one.taken_on - one.last_dyed_on).days
