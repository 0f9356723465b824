"""What is measured on a scalp, in which unit, by which method, and how large that method's own error is.

Two figures are one trend only where area, method and device agree: a caliper says 76.9 µm where a phototrichogram says
108.8 µm of the same hair. Source: peers of the field, e-aaps 801; errors of change from karger SAD 8(5):382.
"""

from __future__ import annotations

from enum import StrEnum


class Measure(StrEnum):
    """One figure per area. Vellus and telogen hairs are what is left to 100 %."""

    DENSITY = "density"
    DIAMETER = "diameter"
    TERMINAL = "terminal"
    ANAGEN = "anagen"

    @property
    def label(self) -> str:
        return _MEASURES[self][0]

    @property
    def unit(self) -> str:
        return _MEASURES[self][1]

    @property
    def most(self) -> int:
        """The largest figure that can be true: a bound against slips."""
        return _MEASURES[self][2]


_MEASURES = {
    Measure.DENSITY: ("Hair density", "hairs/cm²", 1000),
    Measure.DIAMETER: ("Hair diameter", "µm", 300),
    Measure.TERMINAL: ("Terminal hairs", "%", 100),
    Measure.ANAGEN: ("Anagen hairs", "%", 100),
}


class MeasureMethod(StrEnum):
    """How a figure was found. OTHER says nothing of its error."""

    TRICHOSCOPY = "trichoscopy"
    PHOTOTRICHOGRAM = "phototrichogram"
    PHOTOTRICHOGRAM_CORRECTED = "phototrichogram_corrected"
    HAIR_TO_HAIR = "hair_to_hair"
    CALIPER = "caliper"
    OTHER = "other"

    @property
    def label(self) -> str:
        return _METHODS[self][0]

    @property
    def error_percent(self) -> float | None:
        """The error of a change between two counts, in % of the first; None where no source gives one."""
        return _METHODS[self][1]


_METHODS: dict[MeasureMethod, tuple[str, float | None]] = {
    MeasureMethod.TRICHOSCOPY: ("Trichoscopy, counted with correction", 9.0),
    MeasureMethod.PHOTOTRICHOGRAM: ("Phototrichogram, automatic", 12.0),
    MeasureMethod.PHOTOTRICHOGRAM_CORRECTED: ("Phototrichogram, corrected by hand", 7.0),
    MeasureMethod.HAIR_TO_HAIR: ("Phototrichogram, hair-to-hair matched", 0.6),
    MeasureMethod.CALIPER: ("Caliper or cross-section", None),
    MeasureMethod.OTHER: ("Another method", None),
}
