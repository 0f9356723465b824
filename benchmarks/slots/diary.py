"""The bookings everybody is measured on, as plain tuples: the same ones whoever reads them, drawn by one seed.

Rooms first: each is filled to four fifths with visits, whoever is free then holding them. That gives the practitioners
two fifths only, so the rest of their days is filled with appointments that need no room.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from random import Random

PEOPLE, ROOMS = 20, 10
OPENS, CLOSES = 9 * 60, 18 * 60
QUARTER, QUARTERS = 15, (CLOSES - OPENS) // 15
FULL = 0.8


@dataclass(frozen=True, slots=True)
class Booking:
    """`day` counts from the first one, `minute` from midnight. `room` None: none is needed."""

    day: int
    person: int
    room: int | None
    minute: int
    minutes: int


def fill(days: int, seed: int = 1) -> list[Booking]:
    dice = Random(seed)
    return [booking for day in range(days) for booking in _day(day, dice)]


def as_rows(bookings: list[Booking]) -> list[dict[str, int | None]]:
    return [asdict(one) for one in bookings]


def load(bookings: list[Booking], days: int) -> tuple[float, float]:
    """How full practitioners and rooms are, from 0 to 1."""
    open_ = (CLOSES - OPENS) * days
    held = sum(one.minutes for one in bookings)
    in_rooms = sum(one.minutes for one in bookings if one.room is not None)
    return held / (open_ * PEOPLE), in_rooms / (open_ * ROOMS)


def _day(day: int, dice: Random) -> Iterator[Booking]:
    people, rooms = [0] * PEOPLE, [0] * ROOMS
    for room in range(ROOMS):
        yield from _visits(day, room, people, rooms, dice)
    for person in range(PEOPLE):
        while people[person].bit_count() < FULL * QUARTERS:
            begin, bits = _draw(dice, (1, 2, 3))
            if not people[person] & bits:
                people[person] |= bits
                yield _booking(day, person, None, begin, bits)


def _visits(day: int, room: int, people: list[int], rooms: list[int], dice: Random) -> Iterator[Booking]:
    lengths: tuple[int, ...] = (2, 3, 4)
    for tries in range(3_000):
        if rooms[room].bit_count() >= FULL * QUARTERS:
            return
        if tries > 400:
            lengths = (2,)  # only small gaps are left
        begin, bits = _draw(dice, lengths)
        free = [person for person in range(PEOPLE) if not people[person] & bits]
        if rooms[room] & bits or not free:
            continue
        person = dice.choice(free)
        rooms[room] |= bits
        people[person] |= bits
        yield _booking(day, person, room, begin, bits)


def _draw(dice: Random, lengths: tuple[int, ...]) -> tuple[int, int]:
    length = dice.choice(lengths)
    begin = dice.randrange(QUARTERS - length + 1)
    return begin, ((1 << length) - 1) << begin


def _booking(day: int, person: int, room: int | None, begin: int, bits: int) -> Booking:
    return Booking(day, person, room, OPENS + QUARTER * begin, QUARTER * bits.bit_count())
