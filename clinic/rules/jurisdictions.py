"""Whose law a place works under. Which sentences a patient has to read depends on it; no rule of ours does."""

from enum import StrEnum


class Jurisdiction(StrEnum):
    US = "us"
    EU = "eu"
    UK = "uk"
    SG = "sg"
    EG = "eg"
    OTHER = "other"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Jurisdiction.US: "United States",
    Jurisdiction.EU: "European Union",
    Jurisdiction.UK: "United Kingdom",
    Jurisdiction.SG: "Singapore",
    Jurisdiction.EG: "Egypt",
    Jurisdiction.OTHER: "Elsewhere",
}
