"""Photos: from whatever was uploaded to what may be stored. No Django, no database, no clock.

Decoding happens in a process of its own with limits on memory and time (`tank`); this side only checks its answers.
"""

from .advice import Thresholds, advise
from .developed import RENDITIONS, Developed
from .room import Darkroom, develop, develop_many
from .spare import warm
from .tank.limits import Limits
from .tank.measure import Quality

__all__ = [
    "RENDITIONS",
    "Darkroom",
    "Developed",
    "Limits",
    "Quality",
    "Thresholds",
    "advise",
    "develop",
    "develop_many",
    "warm",
]
