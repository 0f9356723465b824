"""Which standard pictures a diagnosis needs, and how each is taken.

Sources: the field's four stereotactic views (vertex, midline, frontal, temporal), ISHRS-style profiles, SALT quadrants.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LibraryView:
    key: str
    title: str
    instruction: str


@dataclass(frozen=True, slots=True)
class LibraryViewSet:
    key: str
    title: str
    views: tuple[LibraryView, ...]


_SAME = "Dry, washed hair without product; same light, same parting."

PATTERN = LibraryViewSet(
    "pattern",
    "Pattern loss",
    (
        LibraryView("vertex", "Vertex", f"From above and behind, chin on chest, whorl in the middle. {_SAME}"),
        LibraryView("midline", "Midline parting", f"From above, centre parting combed straight, nose upwards. {_SAME}"),
        LibraryView("frontal", "Front hairline", f"From the front, hair held back, brows at the lower edge. {_SAME}"),
        LibraryView("left_temporal", "Left temple", f"From the left at 90°, ear in the lower third. {_SAME}"),
        LibraryView("right_temporal", "Right temple", f"From the right at 90°, ear in the lower third. {_SAME}"),
        LibraryView("occipital", "Back of the head", f"From behind, head upright, crown at the upper edge. {_SAME}"),
    ),
)

PATCHY = LibraryViewSet(
    "patchy",
    "Patchy loss (SALT quadrants)",
    (
        LibraryView("top", "Top", f"Seated, from above at 20–30 cm, camera square to the scalp. {_SAME}"),
        LibraryView("back", "Back", f"Head slightly forward, from behind at 20–30 cm. {_SAME}"),
        LibraryView("left", "Left side", f"Head turned slightly right, from the left at 20–30 cm. {_SAME}"),
        LibraryView("right", "Right side", f"Head turned slightly left, from the right at 20–30 cm. {_SAME}"),
    ),
)

VIEW_SETS = (PATTERN, PATCHY)
