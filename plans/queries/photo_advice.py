"""What could be better in a photo, by the figures that hold now. What was stored at its taking is not asked."""

from __future__ import annotations

from plans.darkroom import Quality, Thresholds, advise
from plans.models import Photo


def advice_of(photo: Photo, thresholds: Thresholds) -> tuple[str, ...]:
    """Return the sentences for the photographer, most important first; empty when the photo will do."""
    return advise(quality_of(photo), thresholds, tilt=photo.tilt)


def quality_of(photo: Photo) -> Quality:
    return Quality(
        photo.sharpness, photo.brightness, photo.clipped_dark, photo.clipped_light, photo.width, photo.height
    )
