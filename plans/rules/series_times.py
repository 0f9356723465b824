"""Which hour and with whom, once a series has its days: the same clock and the same person as often as can be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from plans.rules.finder import Vacancy

NEAR = timedelta(hours=1)
Rhythm = tuple[UUID, time]


def rhythm_of(
    days: Iterable[Sequence[Vacancy]], *, zone: ZoneInfo, usual: UUID | None, kept: Iterable[Vacancy]
) -> Rhythm | None:
    """Return the person and the clock that most days have in common; what was chosen by hand counts most."""
    chosen = Counter((one.practitioner, _clock(one, zone)) for one in kept)
    if chosen:
        return chosen.most_common(1)[0][0]
    votes = Counter(one for day in days for one in {(v.practitioner, _clock(v, zone)) for v in day})
    people = Counter(one for day in days for one in {v.practitioner for v in day})
    if not votes:
        return None
    return min(votes, key=lambda one: (-votes[one], one[0] != usual, -people[one[0]], one[1], str(one[0])))


def by_rhythm(times: Iterable[Vacancy], rhythm: Rhythm | None, *, zone: ZoneInfo) -> list[Vacancy]:
    """Return times, best first: about the same clock, the same person, then the nearer clock."""
    if rhythm is None:
        return sorted(times, key=lambda one: one.starts)
    who, clock = rhythm

    def worth(one: Vacancy) -> tuple[bool, bool, int]:
        off = abs(_minutes(_clock(one, zone)) - _minutes(clock))
        return off >= NEAR // timedelta(minutes=1), one.practitioner != who, off

    return sorted(times, key=worth)


def clash(one: Vacancy, other: Vacancy, buffers: Mapping[UUID, int]) -> bool:
    """Return whether the same patient cannot have both: they overlap, or somebody or a room has too little between."""
    shared = {one.practitioner, one.room} & {other.practitioner, other.room} - {None}
    between = timedelta(minutes=max((buffers.get(who, 0) for who in shared if who), default=0))
    return one.starts < other.ends + between and other.starts < one.ends + between


def without_clash(times: Iterable[Vacancy], taken: Sequence[Vacancy], buffers: Mapping[UUID, int]) -> list[Vacancy]:
    return [one for one in times if not any(clash(one, other, buffers) for other in taken)]


def _clock(one: Vacancy, zone: ZoneInfo) -> time:
    return one.starts.astimezone(zone).time()


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute
