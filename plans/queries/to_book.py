"""What the front desk has to book or to phone about, soonest first: six lists, each a page of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Window

from clinic.models import Staff
from plans.queries.day_rows import Places, places_of
from plans.queries.to_book_lines import Line, LineOf
from plans.queries.to_book_lists import Asked, late, missed, outside, reviews, soon, to_phone

SHOWN, PAGE = 5, 50


class Kind(StrEnum):
    LATE = "late"
    MISSED = "missed"
    PHONE = "phone"
    SOON = "soon"
    REVIEWS = "reviews"
    OUTSIDE = "outside"

    @property
    def label(self) -> str:
        return {
            "late": "Overdue sessions",
            "missed": "No-shows not booked again",
            "phone": "To phone for tomorrow",
            "soon": "Sessions to book",
            "reviews": "Reviews to book",
            "outside": "Booked outside the window",
        }[self.value]

    @property
    def empty(self) -> str:
        return {
            "late": "No session is past its last day.",
            "missed": "Everybody who did not come has another time.",
            "phone": "Mails reach everybody who is expected tomorrow.",
            "soon": "Every session that can be held within two weeks is booked.",
            "reviews": "Every review due within two weeks is booked.",
            "outside": "Every session is booked inside its window.",
        }[self.value]


# How each list is read, and how one of its rows is said.
LISTS: dict[Kind, tuple[Callable[[Asked], QuerySet[Any]], LineOf]] = {
    Kind.LATE: (late, Line.of_session),
    Kind.MISSED: (missed, Line.of_missed),
    Kind.PHONE: (to_phone, Line.of_call),
    Kind.SOON: (soon, Line.of_session),
    Kind.REVIEWS: (reviews, Line.of_review),
    Kind.OUTSIDE: (outside, Line.of_misplaced),
}


@dataclass(frozen=True, slots=True)
class Section:
    """`after` leads to the rest of it, "" when all of it is here."""

    kind: Kind
    count: int
    lines: Sequence[Line]
    after: str


@dataclass(frozen=True, slots=True)
class ToBook:
    """`kind` None: the first few of every list."""

    today: date
    places: Places
    kind: Kind | None
    sections: tuple[Section, ...]

    @property
    def is_empty(self) -> bool:
        return not any(section.lines for section in self.sections)


def to_book(by: Staff, *, location_id: UUID | None, kind: Kind | None = None, after: str = "", now: datetime) -> ToBook:
    """Return the lists of the viewer's places. One query for each list and one for the places.

    `after` is what the page before gave: a row's place in its order, so that a long list stays quick and nothing is
    left out when something before it is booked meanwhile.
    """
    places = places_of(by, location_id)
    asked = Asked(by, places.looked_at, now)
    kinds = (kind,) if kind else tuple(Kind)
    sections = tuple(_section(one, asked, after if kind else "", PAGE if kind else SHOWN) for one in kinds)
    return ToBook(places.today(now), places, kind, sections)


def _section(kind: Kind, asked: Asked, after: str, size: int) -> Section:
    read, line_of = LISTS[kind]
    rows = read(asked).order_by("sort", "pk").annotate(how_many=Window(Count("pk")))
    if place := _place_in_order(after):
        rows = rows.filter(Q(sort__gt=place[0]) | Q(sort=place[0], pk__gt=place[1]))
    found = list(rows[: size + 1])
    shown = found[:size]
    last = shown[-1] if len(found) > size else None
    lines = [line_of(row, asked.now) for row in shown]
    return Section(kind, found[0].how_many if found else 0, lines, f"{last.sort.isoformat()}~{last.pk}" if last else "")


def _place_in_order(after: str) -> tuple[date | datetime, UUID] | None:
    """A mistyped address begins at the beginning."""
    sort, _, key = after.partition("~")
    try:
        return (datetime.fromisoformat(sort) if "T" in sort else date.fromisoformat(sort)), UUID(key)
    except ValueError:
        return None
