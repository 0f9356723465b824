"""How treatments and what is forbidden read; dates and hours read as everywhere in the house."""

from __future__ import annotations

from clinic.rules.wording import clock_words, day_words, distance_words, first_up, list_words, zone_words
from plans.rules.course import Modality

__all__ = [
    "act_words",
    "clock_words",
    "day_words",
    "distance_words",
    "first_up",
    "list_words",
    "modality_words",
    "zone_words",
]

_ACTS = {
    "dye": "dyeing",
    "wash": "washing the hair",
    "heat": "heat, sauna or direct sun",
    "products": "oils, creams or sprays",
    "regrowth_medicine": "finasteride or minoxidil",
    "tight_hairstyles": "tight hairstyles",
}


def modality_words(modality: Modality) -> str:
    """Return the treatment's name as it reads inside a sentence: "PRP", "exosome"."""
    return "PRP" if modality is Modality.PRP else modality.value.replace("_", " ")


def act_words(act: str) -> str:
    """Return what a restriction is about, as a noun: "dyeing"."""
    return _ACTS.get(act, act.replace("_", " ").replace("-", " "))
