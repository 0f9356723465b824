"""The words of an assessment: areas, kinds of loss, how viability was judged, and the field's own scales."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Labelled(StrEnum):
    """A choice that shows itself as its value in words."""

    @property
    def label(self) -> str:
        text = LABELS.get((type(self), self.value)) or self.value.replace("_", " ")
        return text[0].upper() + text[1:]


class ScalpArea(Labelled):
    FRONTAL = "frontal"
    MID_SCALP = "mid_scalp"
    VERTEX = "vertex"
    LEFT_TEMPORAL = "left_temporal"
    RIGHT_TEMPORAL = "right_temporal"
    OCCIPITAL = "occipital"


class HairLossType(Labelled):
    ANDROGENETIC = "androgenetic"
    AREATA = "areata"
    DIFFUSE = "diffuse"
    SCALP_DISEASE = "scalp_disease"
    SCARRING = "scarring"
    OTHER_MEDICAL = "other_medical"


class Viability(Labelled):
    ACTIVE = "active"
    MINIATURISED = "miniaturised"
    NOT_VIABLE = "not_viable"
    UNKNOWN = "unknown"


class ViabilityMethod(Labelled):
    TRICHOSCOPE = "trichoscope"
    TRICHOSCAN = "trichoscan"
    MAGNIFYING_CAMERA = "magnifying_camera"
    DISTANCE_ONLY = "distance_only"

    @property
    def is_enough(self) -> bool:
        """Return whether viability may be judged this way. Looking from a distance is not enough (S0)."""
        return self is not ViabilityMethod.DISTANCE_ONLY


class Severity(Labelled):
    NONE = "none"
    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


class Stage(Labelled):
    """How far the loss is, across scales: a rough reading of ours, to meet the sources' "early" or "advanced"."""

    NONE = "none"
    EARLY = "early"
    MILD = "mild"
    MODERATE = "moderate"
    ADVANCED = "advanced"


class ScaleKind(Labelled):
    NORWOOD_HAMILTON = "norwood_hamilton"
    LUDWIG = "ludwig"
    SINCLAIR = "sinclair"
    SALT = "salt"


# Only labels that are not simply the value. By class: two enums may share a value.
LABELS: MappingProxyType[tuple[type[StrEnum], str], str] = MappingProxyType(
    {
        (HairLossType, HairLossType.ANDROGENETIC): "androgenetic (pattern)",
        (HairLossType, HairLossType.AREATA): "alopecia areata",
        (HairLossType, HairLossType.DIFFUSE): "diffuse (stress, nutrition or hormones)",
        (HairLossType, HairLossType.SCALP_DISEASE): "scalp inflammation or skin disease",
        (HairLossType, HairLossType.OTHER_MEDICAL): "other medical cause",
        (Viability, Viability.ACTIVE): "active follicles",
        (Viability, Viability.MINIATURISED): "miniaturised hairs present",
        (Viability, Viability.NOT_VIABLE): "no longer viable",
        (Viability, Viability.UNKNOWN): "not judged",
        (ViabilityMethod, ViabilityMethod.TRICHOSCAN): "TrichoScan",
        (ViabilityMethod, ViabilityMethod.DISTANCE_ONLY): "looked at from a distance only",
        (ScaleKind, ScaleKind.NORWOOD_HAMILTON): "Norwood–Hamilton",
        (ScaleKind, ScaleKind.SALT): "SALT",
    }
)


@dataclass(frozen=True, slots=True)
class Grade:
    """One step of a scale, in words, with our rough reading of it."""

    code: str
    words: str
    stage: Stage


def _grades(*rows: tuple[str, str, Stage]) -> MappingProxyType[str, Grade]:
    return MappingProxyType({code: Grade(code, words, stage) for code, words, stage in rows})


SCALE_GRADES: MappingProxyType[ScaleKind, MappingProxyType[str, Grade]] = MappingProxyType(
    {
        ScaleKind.NORWOOD_HAMILTON: _grades(
            ("I", "Little or no recession of the hairline", Stage.NONE),
            ("II", "Slight recession at the temples", Stage.EARLY),
            ("III", "Deep recession at the temples", Stage.MILD),
            ("III vertex", "Loss mainly at the vertex", Stage.MILD),
            ("IV", "Temples and vertex thin, a broad band of hair between them", Stage.MODERATE),
            ("V", "The band between temples and vertex narrows", Stage.MODERATE),
            ("VI", "The band is gone, front and vertex have joined", Stage.ADVANCED),
            ("VII", "Only a band of hair at the sides and back", Stage.ADVANCED),
        ),
        ScaleKind.LUDWIG: _grades(
            ("I", "Noticeable thinning of the crown, frontal line kept", Stage.EARLY),
            ("II", "Pronounced thinning of the crown", Stage.MODERATE),
            ("III", "Crown bare or nearly so", Stage.ADVANCED),
        ),
        ScaleKind.SINCLAIR: _grades(
            ("1", "Normal parting", Stage.NONE),
            ("2", "Parting a little wider", Stage.EARLY),
            ("3", "Parting wider, hair beside it thinner", Stage.MILD),
            ("4", "Bare area at the front of the parting", Stage.MODERATE),
            ("5", "Advanced loss around the parting", Stage.ADVANCED),
        ),
        ScaleKind.SALT: _grades(
            ("S0", "No loss", Stage.NONE),
            ("S1", "Less than 25 % lost", Stage.MILD),
            ("S2", "25–49 % lost", Stage.MODERATE),
            ("S3", "50–74 % lost", Stage.ADVANCED),
            ("S4", "75–99 % lost", Stage.ADVANCED),
            ("S5", "All scalp hair lost", Stage.ADVANCED),
        ),
    }
)

SHEDDING_GRADES: MappingProxyType[int, str] = MappingProxyType(
    {1: "Almost none", 2: "Very little", 3: "A little", 4: "Some", 5: "Much", 6: "Very much"}
)


def grade_of(scale: ScaleKind, code: str) -> Grade:
    """Return the grade. ValueError with a sentence when the scale has none of that name."""
    grade = SCALE_GRADES[scale].get(code)
    if grade is None:
        raise ValueError(f"{scale.label} has no grade “{code}”: it has {', '.join(SCALE_GRADES[scale])}.")
    return grade


def salt_score(top: float, back: float, left: float, right: float) -> float:
    """Return the SALT score, 0–100, from the percentage lost in each quarter.

    Weights: top 40, back 24, left 18, right 18. ValueError outside 0–100. Source: the field's SALT scale.
    """
    for name, percent in (("top", top), ("back", back), ("left", left), ("right", right)):
        if not 0 <= percent <= 100:
            raise ValueError(f"The loss at the {name} is a percentage from 0 to 100, not {percent}.")
    return (40 * top + 24 * back + 18 * left + 18 * right) / 100


def salt_band(score: float) -> str:
    """Return S0 to S5. The published bands are in whole percents; a fraction stays in the band it has not left."""
    if not 0 <= score <= 100:
        raise ValueError(f"A SALT score lies between 0 and 100, not {score}.")
    if score == 0:
        return "S0"
    return next((band for top, band in ((25, "S1"), (50, "S2"), (75, "S3"), (100, "S4")) if score < top), "S5")


def shedding_is_excessive(grade: int) -> bool:
    """Return whether Sinclair's shedding grade (1–6) is excessive: 5 and 6. Validated for long hair only."""
    if grade not in SHEDDING_GRADES:
        raise ValueError(f"The shedding scale goes from 1 to 6, not {grade}.")
    return grade >= 5
