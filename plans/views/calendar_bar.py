"""The bar above the calendar: from day to day, how to look, and at whom."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.urls import NoReverseMatch, reverse

from clinic.models import Staff
from clinic.rules.roles import Deed
from plans.queries.calendar import Calendar
from plans.queries.calendar_rows import Thing
from plans.queries.desk import Desk
from plans.rules.calendar_look import DAY, LIST, PRACTITIONER, ROOM, WEEK, Look

_VIEWS = ((DAY, "Day", "d"), (WEEK, "Week", "w"), (LIST, "List", "l"))
_SIDES = ((PRACTITIONER, "Practitioners"), (ROOM, "Rooms"))
# Pages around the day; each stands here as soon as it exists.
_PAGES = (
    ("plans:board", "Check-in board"),
    ("plans:day-sheet", "Print the day"),
    ("plans:waiting", "Waiting list"),
    ("plans:hours", "Hours"),
)


@dataclass(frozen=True, slots=True)
class Way:
    """A link of the bar; `key` is the letter that follows it."""

    href: str
    words: str
    is_here: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    pk: UUID
    name: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """`here`: the page itself, as it can be sent to somebody. `chosen`: how many are filtered, 0 for all."""

    here: str
    before: str
    today: str
    after: str
    views: tuple[Way, ...]
    sides: tuple[Way, ...]
    places: tuple[Way, ...]
    who: tuple[Choice, ...]
    chosen: int
    everybody: str
    pages: tuple[Way, ...]
    phone: str
    may_book: bool


def bar_of(look: Look, found: Calendar | Desk, *, by: Staff) -> Bar:
    shown = {one.pk for one in found.things}
    chosen = [pk for pk in look.who if pk in shown]
    return Bar(
        here=look.ask(),
        before=look.ask(day=found.before),
        today=look.ask(day=None),
        after=look.ask(day=found.after),
        views=tuple(Way(look.ask(view=view), words, view == look.view, key) for view, words, key in _VIEWS),
        sides=tuple(Way(look.ask(by=side, who=()), words, side == look.by) for side, words in _SIDES),
        places=_places(look, found.locations),
        who=tuple(Choice(one.pk, _named(one, found), one.pk in chosen) for one in found.things),
        chosen=len(chosen),
        everybody=look.ask(who=()),
        pages=tuple(_pages()),
        phone=look.ask(view=LIST),
        may_book=by.can(Deed.BOOK),
    )


def _places(look: Look, places: tuple[Thing, ...]) -> tuple[Way, ...]:
    """Nothing to choose where there is one."""
    if len(places) < 2:
        return ()
    every = Way(look.ask(location=None, who=()), "All locations", look.location is None)
    return (
        every,
        *(Way(look.ask(location=place.pk, who=()), place.name, place.pk == look.location) for place in places),
    )


def _named(one: Thing, found: Calendar | Desk) -> str:
    """With the place where there are several."""
    place = next((place.name for place in found.locations if place.pk == one.place), "")
    return f"{one.name}, {place}" if len(found.locations) > 1 and found.location is None else one.name


def _pages() -> list[Way]:
    found = []
    for name, words in _PAGES:
        try:
            found.append(Way(reverse(name), words))
        except NoReverseMatch:
            continue
    return found
