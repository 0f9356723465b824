"""How a photo was taken, in words: beside a picture, under it in a strip, on a sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from clinic.rules.local_time import local_day
from plans.models import Photo
from plans.rules.wording import day_words


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of both pictures; empty where nobody wrote it down."""

    label: str
    before: str
    now: str

    @property
    def differs(self) -> bool:
        return bool(self.before and self.now and self.before.casefold() != self.now.casefold())


def conditions_side_by_side(before: Photo | None, now: Photo | None, zone: ZoneInfo) -> tuple[Condition, ...]:
    """Return what is known of either, in the order in which one looks for it."""
    then, later = (dict(_facts(one, zone)) if one else {} for one in (before, now))
    labels = dict.fromkeys([*then, *later])
    return tuple(Condition(label, then.get(label, ""), later.get(label, "")) for label in labels)


def condition_line(photo: Photo, zone: ZoneInfo) -> str:
    """Return one line under a picture, without a date: "dry, ring lamp, 30 cm"."""
    return ", ".join(words for label, words in _facts(photo, zone, short=True) if label != "Camera’s tilt")


def _facts(photo: Photo, zone: ZoneInfo, *, short: bool = False) -> list[tuple[str, str]]:
    """The label and what is said. `short`: each word must be understood without its label."""
    said = "" if photo.flash is None else ("with flash" if photo.flash else "no flash")
    length = f"{photo.hair_length_cm.normalize():f} cm" if photo.hair_length_cm else ""
    found = [
        ("Hair", "wet" if photo.is_wet else "dry"),
        ("Parting", f"parting {photo.parting}" if short and photo.parting else photo.parting),
        ("Lighting", photo.lighting),
        ("Flash", said),
        ("Distance", f"{photo.distance_cm} cm" if photo.distance_cm else ""),
        ("Hair length", f"hair {length}" if short and length else length),
        ("Product in the hair", photo.product),
        ("Last dyed", _dyed(photo.last_dyed_on, local_day(photo.taken_at, zone), short)),
        ("Camera’s tilt", f"{photo.tilt:.0f}°" if photo.tilt is not None else ""),
    ]
    return [(label, words) for label, words in found if words]


def _dyed(dyed_on: date | None, taken_on: date, short: bool) -> str:
    if dyed_on is None:
        return ""
    days = (taken_on - dyed_on).days
    if days < 0:
        return "" if short else day_words(dyed_on)
    before = "the same day" if days == 0 else f"{days} day{'' if days == 1 else 's'} before"
    return f"dyed {before}" if short else f"{day_words(dyed_on)}, {before}"
