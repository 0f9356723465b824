"""A before-and-after sheet: everything it says, as plain values for the typesetter.

A sheet for others than the patient says neither who she is nor when: how long apart the photos are is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from clinic.models import Location
from clinic.rules.local_time import local_day
from patients.models import Patient
from plans.models import Photo, Review
from plans.queries.photo_words import condition_line
from plans.queries.sheet import SheetStory
from plans.rules.photo_use import PhotoUse, apart_words
from plans.rules.wording import day_words, first_up

Reader = Callable[[Photo], bytes | None]


@dataclass(frozen=True, slots=True)
class SheetWish:
    """What was chosen: the use, the reviews in date order, the views by key."""

    use: PhotoUse
    reviews: Sequence[Review]
    views: Sequence[str]


def sheet_paper(
    story: SheetStory, wish: SheetWish, remarks: Mapping[str, Sequence[str]], read: Reader
) -> dict[str, object]:
    """Return what stands on the sheet, ready for JSON. `read` gives a photo's picture, None where its file is gone."""
    named = wish.use.names_patient
    return {
        "named": named,
        "clinic": _clinic(story.plan.location) if named else {"name": "", "contact": ""},
        "patient": _patient(story.patient) if named else "",
        "printed": story.today_words if named else "",
        "columns": [review.title for review in wish.reviews],
        "rows": [
            {
                "view": story.views[key],
                "cells": _cells(story, wish, key, read),
                "remarks": list(remarks.get(key, ())),
            }
            for key in story.views
            if key in wish.views
        ],
        "consent": _consent(story, wish.use),
    }


def _cells(story: SheetStory, wish: SheetWish, key: str, read: Reader) -> list[dict[str, object]]:
    shots = [story.photo(review, key) for review in wish.reviews]
    first = next((one for one in shots if one), None)
    return [_cell(one, first, story.zone, read, named=wish.use.names_patient) for one in shots]


def _cell(photo: Photo | None, first: Photo | None, zone: ZoneInfo, read: Reader, *, named: bool) -> dict[str, object]:
    if photo is None or first is None:
        return {"jpeg": [], "ratio": 0.75, "when": "", "how": "No photo"}
    picture = read(photo)
    day, began = local_day(photo.taken_at, zone), local_day(first.taken_at, zone)
    when = day_words(day) if named else ("Before" if photo is first else first_up(apart_words(began, day)))
    how = first_up(condition_line(photo, zone))
    ratio = photo.height / photo.width
    return {
        "jpeg": list(picture or b""),
        "ratio": ratio,
        "when": when,
        "how": how if picture else "The file is missing",
    }


def _consent(story: SheetStory, use: PhotoUse) -> str:
    answer = story.answers[use.topic]
    return f"{use.label}: “{use.topic.label}” agreed on {day_words(answer.told_on)}, form {answer.version}."


def _clinic(place: Location) -> dict[str, str]:
    return {"name": place.name, "contact": ", ".join(filter(None, [place.address, place.phone]))}


def _patient(patient: Patient) -> str:
    born = f", born {day_words(patient.birth_date)}" if patient.birth_date else ""
    return f"{patient.name}{born}"
