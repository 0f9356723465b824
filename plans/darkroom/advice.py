"""What to do better, said at the moment of capture."""

from __future__ import annotations

from dataclasses import dataclass

from .tank.measure import Quality


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where a photo stops being good enough. Units as in `Quality`; edges in pixels of the original; degrees.

    The figures lie between good and weak painted scalps of every view, dark dense hair included (the tests make them).
    """

    least_sharpness: float = 40.0
    least_brightness: float = 40.0
    most_brightness: float = 195.0
    most_clipped_dark: float = 0.30
    most_clipped_light: float = 0.10
    least_long_edge: int = 1000
    most_tilt: float = 8.0


def advise(quality: Quality, thresholds: Thresholds | None = None, tilt: float | None = None) -> tuple[str, ...]:
    """Return what the photographer should change, most important first; empty when the photo will do.

    tilt: how far the phone was turned out of level, in degrees either way, as its own sensors said; a scalp alone
    does not show it. None when nobody measured it.
    """
    bar = thresholds or Thresholds()
    advice = []
    if quality.brightness < bar.least_brightness or quality.clipped_dark > bar.most_clipped_dark:
        advice.append("Too dark: turn on more light, or move to a window.")
    elif quality.brightness > bar.most_brightness:
        advice.append("Too bright: turn the lamp away, or lower the exposure.")
    elif quality.clipped_light > bar.most_clipped_light:
        advice.append("Glare: parts are pure white. Dry the scalp and turn off the flash.")
    if quality.sharpness < bar.least_sharpness:
        advice.append("Blurred: hold still, tap the scalp on the screen to focus, and take it again.")
    if tilt is not None and abs(tilt) > bar.most_tilt:
        advice.append("Tilted: hold the phone level until the line on the screen is straight, and take it again.")
    if max(quality.width, quality.height) < bar.least_long_edge:
        advice.append("Small: send the full-size photo, not its preview.")
    return tuple(advice)
