"""When a photo is weak and a pair hard to compare, figure by figure: what each means and how far it may be set."""

from __future__ import annotations

from dataclasses import dataclass

from plans.darkroom import Thresholds
from plans.rules.comparable import Tolerances


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure a location may set. `scale`: what is stored times this is what people read (shares as percent)."""

    name: str
    label: str
    meaning: str
    unit: str
    least: float
    most: float
    usual: float
    scale: int = 1
    is_whole: bool = False

    def shown(self, stored: float) -> float:
        value = round(stored * self.scale, 3)
        return int(value) if value == int(value) else value

    def stored(self, shown: float) -> float:
        value = shown / self.scale
        return int(value) if self.is_whole else value


_T, _P = Thresholds(), Tolerances()

PHOTO_FIGURES = (
    Figure(
        "least_sharpness",
        "Least sharpness",
        "Below it a photo is called blurred. Variance of the edges at 1,024 pixels: a sharp photo has hundreds.",
        "",
        0,
        1000,
        _T.least_sharpness,
    ),
    Figure(
        "least_brightness",
        "Least brightness",
        "Darker on average than this is called too dark.",
        "of 255",
        0,
        250,
        _T.least_brightness,
    ),
    Figure(
        "most_brightness",
        "Most brightness",
        "Brighter on average than this is called too bright.",
        "of 255",
        5,
        255,
        _T.most_brightness,
    ),
    Figure(
        "most_clipped_dark",
        "Most that is black",
        "With more of the picture black, nothing is to be seen there.",
        "%",
        0,
        100,
        _T.most_clipped_dark,
        scale=100,
    ),
    Figure(
        "most_clipped_light",
        "Most that is white",
        "With more of the picture pure white, it is called glare: wet or oily skin, or a flash.",
        "%",
        0,
        100,
        _T.most_clipped_light,
        scale=100,
    ),
    Figure(
        "least_long_edge",
        "Least long edge",
        "A smaller picture is called small: a preview, not the photo.",
        "pixels",
        100,
        12000,
        _T.least_long_edge,
        is_whole=True,
    ),
    Figure(
        "most_tilt",
        "Most tilt",
        "A phone held further out of level is called tilted, where it says how it was held.",
        "degrees",
        0.5,
        90,
        _T.most_tilt,
    ),
)

PAIR_FIGURES = (
    Figure(
        "distance_percent",
        "Distance",
        "Taken from farther or nearer than this, two photos show another scale.",
        "%",
        0,
        100,
        _P.distance_percent,
        is_whole=True,
    ),
    Figure(
        "scale_percent",
        "Scale",
        "The head is larger or smaller by more, once one is laid on the other.",
        "%",
        0,
        100,
        _P.scale_percent,
        is_whole=True,
    ),
    Figure(
        "shift_percent",
        "Framing",
        "The head lies elsewhere in the picture by more of its width.",
        "%",
        0,
        100,
        _P.shift_percent,
        is_whole=True,
    ),
    Figure("turn_degrees", "Turn", "The head, or the camera, is turned by more.", "degrees", 0, 90, _P.turn_degrees),
    Figure(
        "light_steps",
        "Light",
        "One is brighter by more grey steps: brighter light shows less hair.",
        "of 255",
        0,
        255,
        _P.light_steps,
        is_whole=True,
    ),
    Figure(
        "hair_length_percent",
        "Hair length",
        "The hair is longer or shorter by more: long hair covers more scalp.",
        "%",
        0,
        100,
        _P.hair_length_percent,
        is_whole=True,
    ),
    Figure(
        "fresh_dye_days",
        "Fresh dye",
        "Dye counts as fresh for so long: dyed hair looks denser.",
        "days",
        0,
        365,
        _P.fresh_dye_days,
        is_whole=True,
    ),
)

FIGURES = (*PHOTO_FIGURES, *PAIR_FIGURES)
USUAL = {one.name: one.usual for one in FIGURES}


def fault(figures: dict[str, float]) -> tuple[str, str] | None:
    """Return the first name and sentence of what cannot be, None when all can. All figures of FIGURES are given."""
    for one in FIGURES:
        value = one.shown(figures[one.name])
        if not one.least <= value <= one.most:
            return one.name, f"Choose between {one.least:g} and {one.most:g}."
    if figures["least_brightness"] >= figures["most_brightness"]:
        return "most_brightness", "Give more than the least brightness: else every photo would be weak."
    return None
