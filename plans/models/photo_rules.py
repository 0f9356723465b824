"""A location's own figures for photos and pairs, as the rules want them; the house's own where it has set none."""

from __future__ import annotations

from dataclasses import fields

from clinic.models import Location
from plans.darkroom import Thresholds
from plans.models.view_set import PhotoRules
from plans.rules.comparable import Tolerances
from plans.rules.photo_figures import USUAL


def thresholds_of(location: Location) -> Thresholds:
    """When a photo taken for this location is called weak. One query, none where `photo_rules` is there already."""
    own = own_rules_of(location)
    return Thresholds(**{one.name: getattr(own, one.name) for one in fields(Thresholds)}) if own else Thresholds()


def tolerances_of(location: Location) -> Tolerances:
    """When a pair of this location's photos is hard to compare. One query, as above."""
    own = own_rules_of(location)
    return Tolerances(**{one.name: getattr(own, one.name) for one in fields(Tolerances)}) if own else Tolerances()


def figures_of(location: Location) -> dict[str, float]:
    """Every figure by its name, as stored."""
    own = own_rules_of(location)
    return {name: getattr(own, name) if own else usual for name, usual in USUAL.items()}


def own_rules_of(location: Location) -> PhotoRules | None:
    """None where the house's figures hold."""
    try:
        return location.photo_rules
    except PhotoRules.DoesNotExist:
        return None
