"""The plain way, for equal answers: every quarter of every day, compared with what is held, one after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from diary import CLOSES, OPENS, PEOPLE, QUARTER, ROOMS, Booking

Found = tuple[int, int, int]  # day, minute, person
Held = dict[tuple[int, int], list[tuple[int, int]]]


def index(bookings: Iterable[Booking]) -> tuple[Held, Held]:
    """What each person and each room holds, by day."""
    people: Held = defaultdict(list)
    rooms: Held = defaultdict(list)
    for one in bookings:
        span = one.minute, one.minute + one.minutes
        people[one.day, one.person].append(span)
        if one.room is not None:
            rooms[one.day, one.room].append(span)
    return people, rooms


def free_times(
    held: tuple[Held, Held], days: Iterable[int], minutes: int, people: Sequence[int] = range(PEOPLE), *, room: bool
) -> Iterator[Found]:
    """Yield every start on the quarter at which somebody, and some room when one is needed, is free."""
    of_people, of_rooms = held
    for day in days:
        for minute in range(OPENS, CLOSES - minutes + 1, QUARTER):
            until = minute + minutes
            if room and not any(_is_free(of_rooms[day, number], minute, until) for number in range(ROOMS)):
                continue
            for person in people:
                if _is_free(of_people[day, person], minute, until):
                    yield day, minute, person


def has_series(
    held: tuple[Held, Held], visits: int, near: tuple[int, int], minutes: int, first: range, people: Sequence[int]
) -> bool:
    """Whether some chain of days exists, each `near` so many days behind the one before: every one of them is tried."""
    reachable = {day for day in first if _any_on(held, day, minutes, people)}
    for _ in range(visits - 1):
        wanted = {day + step for day in reachable for step in range(near[0], near[1] + 1)}
        reachable = {day for day in wanted if _any_on(held, day, minutes, people)}
    return bool(reachable)


def _any_on(held: tuple[Held, Held], day: int, minutes: int, people: Sequence[int]) -> bool:
    return next(free_times(held, [day], minutes, people, room=True), None) is not None


def _is_free(spans: Iterable[tuple[int, int]], begin: int, until: int) -> bool:
    return not any(start < until and begin < end for start, end in spans)
