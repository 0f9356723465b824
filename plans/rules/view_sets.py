"""Which standard pictures a diagnosis needs, and how each is taken: the house's own sets.

Three protocols by presentation, each with optional extra views: Takwale 2024, Clin Exp Dermatol (10.1093/ced/llae341).
Global views vertex, midline, frontal, temporal; clean dry hair, the same parting, light and distance at every visit:
Canfield 1996. Quarters of the SALT score at 20–30 cm, square to the scalp: the field's smartphone protocol.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from patients.rules.scalp import HairLossType as Loss

# Our own drawings, each a file of that name under templates/plans/guides/.
GUIDES = MappingProxyType(
    {
        "frontal": "Face from the front",
        "brows": "Eyebrows",
        "hairline_edge": "Edge of the hairline, close",
        "left_oblique": "Left temple, at 45°",
        "right_oblique": "Right temple, at 45°",
        "left_temporal": "Left side of the head",
        "right_temporal": "Right side of the head",
        "left_sideburn": "Left sideburn",
        "right_sideburn": "Right sideburn",
        "midline": "Parting from above",
        "top": "Top of the head, quarter",
        "vertex": "Crown from above and behind",
        "occipital": "Back of the head",
        "back": "Back of the head, bent forward",
        "close_up": "Close-up of a patch",
    }
)


@dataclass(frozen=True, slots=True)
class StandardView:
    """One picture. `guide` is one of GUIDES or empty; the rest are the photographer's instructions."""

    key: str
    title: str
    instruction: str
    guide: str = ""
    pose: str = ""
    distance: str = ""
    lighting: str = ""
    parting: str = ""
    hair: str = ""
    is_required: bool = True


@dataclass(frozen=True, slots=True)
class StandardSet:
    """`diagnoses`: the kinds of hair loss it is chosen for. `note`: where it comes from, or what changed."""

    key: str
    title: str
    diagnoses: tuple[str, ...]
    views: tuple[StandardView, ...]
    note: str = ""


_CLEAN = "Washed that day, dry, combed, no product. Same style and colour as before."
_BACK = "Washed that day, dry, no product. Held off the forehead with a plain band."
_EVEN = "Same lamp, same place, from both sides. No flash, no window behind. Plain background."
_FLAT = "Even light on the skin, no flash, no shadow of the camera."
_FAR, _NEAR, _CLOSE = "50–60 cm, zoom 1×", "20–30 cm, square to the scalp", "8–10 cm, or the trichoscope's own"
_AS_WORN = "None: hair combed straight back."
_LIFTED = "Hair lifted off the area with a comb or clips."


def _view(
    key: str,
    title: str,
    instruction: str,
    pose: str,
    *,
    guide: str = "",
    distance: str = _FAR,
    lighting: str = _EVEN,
    parting: str = _AS_WORN,
    hair: str = _CLEAN,
    is_required: bool = True,
) -> StandardView:
    return StandardView(key, title, instruction, guide or key, pose, distance, lighting, parting, hair, is_required)


_PROFILE = "Seated upright, looking straight ahead, camera at the level of the ear."

PATTERN = StandardSet(
    "pattern",
    "Pattern loss",
    (Loss.ANDROGENETIC, Loss.DIFFUSE, Loss.SCALP_DISEASE, Loss.OTHER_MEDICAL),
    (
        _view("vertex", "Vertex", "From above and behind, whorl in the middle, both ears just out of the picture.",
              "Seated, chin on chest.", parting="None: hair combed outwards from the whorl."),
        _view("midline", "Midline parting", "From above, parting upright in the middle, nose at the upper edge.",
              "Seated, head bent until the parting is level.",
              parting="Centre parting, combed straight to both sides."),
        _view("frontal", "Front hairline", "From the front, brows at the lower edge, hairline in the middle.",
              "Chin and forehead on the rest, brows relaxed.", hair=_BACK),
        _view("left_temporal", "Left temple", "From the left at 90°, ear in the lower third, nose to the left.",
              _PROFILE),
        _view("right_temporal", "Right temple", "From the right at 90°, ear in the lower third, nose to the right.",
              _PROFILE),
        _view("occipital", "Back of the head", "From behind, crown at the upper edge, nape at the lower.",
              "Seated upright, head straight."),
    ),
    "Global views: Canfield 1996. Protocol for pattern loss: Takwale 2024 (10.1093/ced/llae341).",
)  # fmt: skip


def _patch(number: int) -> StandardView:
    return _view(f"lesion_{number}", f"Patch {number}, close up",
                 "The whole patch with a finger's breadth of hair around it; write on the review where it is.",
                 "Seated, the patch turned to the camera.", guide="close_up", distance=_CLOSE, lighting=_FLAT,
                 parting=_LIFTED, is_required=False)  # fmt: skip


PATCHY = StandardSet(
    "patchy",
    "Patchy loss (SALT quadrants)",
    (Loss.AREATA,),
    (
        _view("top", "Top", "From above, hairline at the upper edge, crown at the lower: 40 % of the scalp.",
              "Seated, head level.", distance=_NEAR),
        _view("back", "Back", "From behind, crown at the upper edge, hairline of the nape at the lower: 24 %.",
              "Head slightly forward.", distance=_NEAR),
        _view("left", "Left side", "From the left, temple to behind the ear: 18 %.",
              "Head turned slightly to the right.", guide="left_temporal", distance=_NEAR),
        _view("right", "Right side", "From the right, temple to behind the ear: 18 %.",
              "Head turned slightly to the left.", guide="right_temporal", distance=_NEAR),
        _patch(1), _patch(2), _patch(3),
    ),
    "SALT quarters at 20–30 cm. Protocol for patchy loss: Takwale 2024 (10.1093/ced/llae341).",
)  # fmt: skip

SCARRING = StandardSet(
    "frontal-fibrosing",
    "Frontal fibrosing and scarring loss",
    (Loss.SCARRING,),
    (
        _view("frontal", "Front hairline", "From the front, brows at the lower edge, the whole hairline in view.",
              "Chin and forehead on the rest, brows relaxed, then raised once: the old hairline shows.", hair=_BACK),
        _view("left_oblique", "Left temple, oblique", "From the left at 45°, the eye at the lower edge.",
              "Seated, face turned half to the right.", hair=_BACK),
        _view("right_oblique", "Right temple, oblique", "From the right at 45°, the eye at the lower edge.",
              "Seated, face turned half to the left.", hair=_BACK),
        _view("left_sideburn", "Left sideburn", "From the left at 90°, before the ear, from temple to ear lobe.",
              "Seated upright, looking straight ahead.", distance=_NEAR, hair="Tucked behind the ear, no product."),
        _view("right_sideburn", "Right sideburn", "From the right at 90°, before the ear, from temple to ear lobe.",
              "Seated upright, looking straight ahead.", distance=_NEAR, hair="Tucked behind the ear, no product."),
        _view("brows", "Eyebrows", "Both brows, whole, from the front.",
              "Eyes open, brows relaxed.", distance=_NEAR, lighting=_FLAT, hair="No make-up on the brows."),
        _view("hairline_edge", "Edge of the hairline, close up",
              "The edge in the middle line: skin, edge and two fingers' breadth of hair; redness and scales sharp.",
              "Head back, forehead to the camera.", distance=_CLOSE, lighting=_FLAT, hair=_BACK),
        _view("vertex", "Vertex", "From above and behind, whorl in the middle: other scarring begins here.",
              "Seated, chin on chest.", parting="None: hair combed outwards from the whorl.", is_required=False),
        _patch(1),
    ),
    "Protocol for frontal fibrosing and traction loss: Takwale 2024 (10.1093/ced/llae341).",
)  # fmt: skip

VIEW_SETS = (PATTERN, PATCHY, SCARRING)
