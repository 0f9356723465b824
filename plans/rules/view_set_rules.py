"""Rules of view sets: which one a diagnosis gets, what a set has to say, and what differs between two versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from patients.rules.scalp import HairLossType
from plans.rules.protocol_diff import Fate, Item, Line, diff_words
from plans.rules.protocol_fault import is_key
from plans.rules.view_sets import GUIDES, StandardSet, StandardView

MOST_VIEWS = 24
LENGTHS = {"title": 60, "instruction": 240, "pose": 160, "distance": 80, "lighting": 160, "parting": 160, "hair": 160}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a set, as far as choosing goes."""

    id: UUID
    key: str
    number: int
    diagnoses: tuple[str, ...]
    is_retired: bool


@dataclass(frozen=True, slots=True)
class SetFault:
    """`place`: "title", "diagnoses", "views", or "3.guide" for a field of the third view."""

    place: str
    code: str
    sentence: str


def in_force(versions: Iterable[Version]) -> tuple[Version, ...]:
    """Return the newest version of every key, unless it is retired: an older one does not come back for it."""
    newest: dict[str, Version] = {}
    for one in versions:
        if one.key not in newest or one.number > newest[one.key].number:
            newest[one.key] = one
    return tuple(sorted((one for one in newest.values() if not one.is_retired), key=lambda one: one.key))


def chosen(versions: Collection[Version], *, diagnosis: str, key: str) -> Version | None:
    """Return the set for a new review: by its diagnosis, else the one its protocol names.

    A plan may outlive the set its protocol names: the newest of that key, though retired, is better than none.
    """
    forced = in_force(versions)
    for fits in (lambda one: bool(diagnosis) and diagnosis in one.diagnoses, lambda one: one.key == key):
        if found := next(filter(fits, forced), None):
            return found
    return max((one for one in versions if one.key == key), key=lambda one: one.number, default=None)


def losing(versions: Iterable[Version], *, key: str, diagnoses: Iterable[str]) -> dict[UUID, tuple[str, ...]]:
    """Return which other sets in force lose which diagnoses when `key` takes `diagnoses`: a diagnosis has one set."""
    taken = set(diagnoses)
    found = {one.id: tuple(d for d in one.diagnoses if d in taken) for one in in_force(versions) if one.key != key}
    return {one: lost for one, lost in found.items() if lost}


def without_a_set(versions: Iterable[Version], *, key: str, diagnoses: Iterable[str]) -> tuple[str, ...]:
    """Return the diagnoses `key` has now that no set would have when `key` is left with `diagnoses`."""
    forced, kept = in_force(versions), set(diagnoses)
    others = {d for one in forced if one.key != key for d in one.diagnoses}
    mine = [d for one in forced if one.key == key for d in one.diagnoses]
    return tuple(d for d in mine if d not in kept | others)


def faults(wanted: StandardSet) -> tuple[SetFault, ...]:
    """Return everything that speaks against publishing this set, in the order it is read."""
    return tuple(_faults(wanted))


def _faults(wanted: StandardSet) -> Iterator[SetFault]:
    if not wanted.title.strip():
        yield SetFault("title", "no_title", "Give the set a title.")
    if unknown := [one for one in wanted.diagnoses if one not in set(HairLossType)]:
        yield SetFault("diagnoses", "diagnosis", f"“{unknown[0]}” is not a kind of hair loss.")
    if not any(view.is_required for view in wanted.views):
        yield SetFault("views", "nothing_required", "At least one view has to be needed to close a review.")
    if len(wanted.views) > MOST_VIEWS:
        yield SetFault("views", "too_many", f"A set has at most {MOST_VIEWS} views.")
    names = Counter(view.title.strip().casefold() for view in wanted.views)
    keys = Counter(view.key for view in wanted.views)
    for place, view in enumerate(wanted.views):
        yield from _view_faults(place, view)
        if view.title.strip() and names[view.title.strip().casefold()] > 1:
            yield SetFault(f"{place}.title", "same_title", "Another view of this set has the same title.")
        if not is_key(view.key) or keys[view.key] > 1:
            yield SetFault(f"{place}.title", "key", "Two views of a set cannot have the same key.")


def _view_faults(place: int, view: StandardView) -> Iterator[SetFault]:
    if not view.title.strip():
        yield SetFault(f"{place}.title", "no_title", "Give the view a title.")
    if not view.instruction.strip():
        yield SetFault(f"{place}.instruction", "no_instruction", "Say what the picture shows.")
    if view.guide and view.guide not in GUIDES:
        yield SetFault(f"{place}.guide", "guide", "There is no such drawing: choose one of the list.")
    for name, most in LENGTHS.items():
        if len(getattr(view, name)) > most:
            yield SetFault(f"{place}.{name}", "too_long", f"At most {most} characters.")


def diff(was: StandardSet, now: StandardSet) -> tuple[Item, ...]:
    """Return what differs, as a protocol's versions are compared. A view is the same view by its key."""
    before, after = {view.key: view for view in was.views}, {view.key: view for view in now.views}
    items = list(diff_words("The set", "What it is", _set_words(was), _set_words(now)))
    for key, view in after.items():
        lines = _lines(before.get(key), view)
        if any(line.is_changed for line in lines):
            items.append(Item("Views", view.title, Fate.CHANGED if key in before else Fate.ADDED, lines))
    items += [
        Item("Views", view.title, Fate.REMOVED, _lines(view, None)) for key, view in before.items() if key not in after
    ]
    return (*items, *_reordered(was, now))


def _reordered(was: StandardSet, now: StandardSet) -> tuple[Item, ...]:
    """Only views in both count: what was added or removed is said already."""
    kept = {view.key for view in was.views} & {view.key for view in now.views}
    names = {view.key: view.title for view in now.views}
    before, after = ([names[view.key] for view in one.views if view.key in kept] for one in (was, now))
    return diff_words("Views", "Order", {"Order": ", ".join(before)}, {"Order": ", ".join(after)})


def _set_words(one: StandardSet) -> dict[str, str]:
    return {"Title": one.title, "Chosen for": diagnoses_words(one.diagnoses)}


def diagnoses_words(diagnoses: Iterable[str]) -> str:
    """Return their names in the order of the assessment's form; an unknown one as it is written."""
    known, given = [one.value for one in HairLossType], set(diagnoses)
    ordered = sorted(given, key=lambda one: (known.index(one) if one in known else len(known), one))
    return ", ".join(HairLossType(one).label if one in known else one for one in ordered)


def _lines(was: StandardView | None, now: StandardView | None) -> tuple[Line, ...]:
    before, after = (_view_words(one) if one else {} for one in (was, now))
    lines = (Line(label, before.get(label, ""), after.get(label, "")) for label in {**before, **after})
    return tuple(line for line in lines if line.was or line.now)


def _view_words(view: StandardView) -> dict[str, str]:
    return {
        "Title": view.title,
        "What it shows": view.instruction,
        "Drawing": GUIDES.get(view.guide, view.guide),
        "Pose": view.pose,
        "Distance": view.distance,
        "Lighting": view.lighting,
        "Parting": view.parting,
        "Hair": view.hair,
        "Needed": "Needed to close a review" if view.is_required else "May be left out",
    }
