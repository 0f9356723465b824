"""How a follow-up lies on its baseline, measured; the photos themselves are never touched. No Django, no clock.

Both pictures are renditions this program made itself, so they are opened in this process. What it costs is bounded by
their size (1024 px, 2,000 points each, a fixed number of trials): together about a tenth of a second of one core.
"""

from __future__ import annotations

from importlib.util import find_spec

from .laid import METHOD, NOT_INSTALLED, Laid, refused

__all__ = ["METHOD", "NOT_INSTALLED", "Laid", "align", "is_installed"]


def is_installed() -> bool:
    """Whether the optional extra is there. Nothing else of the program needs it."""
    return find_spec("cv2") is not None and find_spec("numpy") is not None


def align(before: bytes, after: bytes) -> Laid:
    """Return how `after` lies on `before`, two of our own renditions; refused where it cannot be told honestly."""
    if not is_installed():
        return refused(NOT_INSTALLED)
    from .lay import lay  # not at the top: it loads the libraries

    return lay(before, after)
