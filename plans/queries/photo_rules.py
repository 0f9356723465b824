"""What other figures would mean for the photos there are. Counted only: whoever sets them sees no picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q

from clinic.models import Location, Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from plans.models import Photo
from plans.models.photo_rules import figures_of


@dataclass(frozen=True, slots=True)
class PhotoEffect:
    """How many current photos of a location there are, would be weak, and change sides."""

    photos: int
    weak: int
    newly_weak: int
    no_longer: int


def foresee_photo_rules(by: Staff, location: Location, figures: Mapping[str, float]) -> PhotoEffect:
    """Count, in one query. Writes nothing."""
    if not by.can(Deed.CHANGE_CLINIC):
        raise Forbidden(Deed.CHANGE_CLINIC)
    was, will = is_weak(figures_of(location)), is_weak(figures)
    photos = Photo.objects.current().filter(review__plan__location=location)
    counted = photos.aggregate(
        photos=Count("pk"),
        weak=Count("pk", filter=will),
        newly_weak=Count("pk", filter=will & ~was),
        no_longer=Count("pk", filter=was & ~will),
    )
    return PhotoEffect(**counted)


def is_weak(figures: Mapping[str, float]) -> Q:
    """The condition under which the darkroom gives any advice at all; a photo without a tilt is not tilted."""
    tilted = Q(tilt__isnull=False) & (Q(tilt__gt=figures["most_tilt"]) | Q(tilt__lt=-figures["most_tilt"]))
    return (
        Q(brightness__lt=figures["least_brightness"])
        | Q(brightness__gt=figures["most_brightness"])
        | Q(clipped_dark__gt=figures["most_clipped_dark"])
        | Q(clipped_light__gt=figures["most_clipped_light"])
        | Q(sharpness__lt=figures["least_sharpness"])
        | Q(width__lt=figures["least_long_edge"], height__lt=figures["least_long_edge"])
        | tilted
    )
