"""When somebody works, against an oracle that walks the day minute by minute and looks at the clock on the wall."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clinic.rules.local_time import at_local, start_of_day
from clinic.rules.opening import Hours, both, less, open_periods, opening, room_opening

CAIRO, LONDON, NEW_YORK = ZoneInfo("Africa/Cairo"), ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# The day the clocks go forward, the day they go back, and one on which they do nothing.
JUMPS = {
    CAIRO: (date(2026, 4, 24), date(2026, 10, 29)),
    LONDON: (date(2026, 3, 29), date(2026, 10, 25)),
    NEW_YORK: (date(2026, 3, 8), date(2026, 11, 1)),
}
PLAIN = date(2026, 6, 16)
WHERE = [(zone, day) for zone, days in JUMPS.items() for day in (*days, PLAIN)]


# -- the oracle ------------------------------------------------------------------------------------------------------
@cache
def minutes_of(zone: ZoneInfo, day: date) -> tuple[datetime, ...]:
    """Every minute at which the zone's calendar shows the day, in the order they come."""
    began = datetime.combine(day, time.min, tzinfo=UTC) - 15 * HOUR
    every = (began + number * MINUTE for number in range(60 * 54))
    return tuple(one for one in every if one.astimezone(zone).date() == day)


@cache
def first_shown(zone: ZoneInfo, day: date) -> dict[time, datetime]:
    """The first minute at which the clock on the wall shows each time."""
    shown: dict[time, datetime] = {}
    for minute in minutes_of(zone, day):
        shown.setdefault(minute.astimezone(zone).time(), minute)
    return shown


def shown_at(zone: ZoneInfo, day: date, clock: time) -> datetime:
    """A time the clock leaps over is an hour later."""
    shown = first_shown(zone, day)
    return shown[clock] if clock in shown else shown[clock.replace(hour=clock.hour + 1)]


def walked(zone: ZoneInfo, day: date, clocks) -> set[datetime]:
    open_minutes = set()
    for opens, closes in clocks:
        begins = shown_at(zone, day, opens)
        # Midnight ends the day, whatever its last minute was.
        ends = minutes_of(zone, day)[-1] + MINUTE if closes == time.min else shown_at(zone, day, closes)
        open_minutes |= {minute for minute in minutes_of(zone, day) if begins <= minute < ends}
    return open_minutes


def shut(minutes, closed) -> set[datetime]:
    return {minute for minute in minutes if not any(start <= minute < end for start, end in closed)}


def walked_opening(zone: ZoneInfo, day: date, own: Hours, place: Hours) -> set[datetime]:
    if day in own.special:
        found = walked(zone, day, own.special[day])
    elif own.weekly:
        found = walked(zone, day, own.weekly.get(day.weekday(), ()))
        if day in place.special:
            found &= walked(zone, day, place.special[day])
    elif day in place.special:
        found = walked(zone, day, place.special[day])
    else:
        found = walked(zone, day, place.weekly.get(day.weekday(), ()))
    return shut(found, [*place.closed, *own.closed])


def covered(zone: ZoneInfo, day: date, periods) -> set[datetime]:
    near = (*minutes_of(zone, day - DAY)[-180:], *minutes_of(zone, day), *minutes_of(zone, day + DAY)[:180])
    return {minute for minute in near if any(start <= minute < end for start, end in periods)}


def in_order(periods) -> bool:
    """Apart from each other, none empty: those that touch are one."""
    flat = [edge for period in periods for edge in period]
    return all(before < after for before, after in pairwise(flat))


# -- what is drawn ---------------------------------------------------------------------------------------------------
# Around the hours at which clocks jump far more often than a clinic would open.
clocks = st.one_of(
    st.sampled_from([time(0), time(0, 30), time(1), time(1, 30), time(2), time(2, 30), time(3), time(23, 30)]),
    st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15)),
)
hours = st.lists(
    st.tuples(clocks, clocks).filter(lambda pair: pair[0] < pair[1] or pair[1] == time.min), max_size=3
).map(tuple)
places = st.sampled_from(WHERE)


@st.composite
def kept(draw, zone: ZoneInfo, day: date) -> Hours:
    weekly = draw(st.dictionaries(st.sampled_from([day.weekday(), (day.weekday() + 1) % 7]), hours, max_size=2))
    special = draw(st.dictionaries(st.sampled_from([day, day + DAY]), hours, max_size=1))
    begins = minutes_of(zone, day)[0]
    starts = st.integers(-90, 25 * 60).map(lambda minute: begins + minute * MINUTE)
    pieces = st.tuples(starts, st.integers(1, 600)).map(lambda one: (one[0], one[0] + one[1] * MINUTE))
    whole = st.just((start_of_day(day, zone), start_of_day(day + DAY, zone)))
    return Hours(weekly, special, draw(st.lists(st.one_of(pieces, pieces, whole), max_size=2)))


@st.composite
def situations(draw):
    zone, day = draw(places)
    return zone, day, draw(kept(zone, day)), draw(kept(zone, day))


# -- promises --------------------------------------------------------------------------------------------------------
@given(places, hours)
@example((NEW_YORK, date(2026, 3, 8)), ((time(2, 30), time(2, 45)), (time(3), time(3, 15))))
@example((CAIRO, date(2026, 4, 24)), ((time(0), time(0, 30)), (time(23), time(0))))
def test_a_day_is_open_at_the_minutes_its_hours_name(where, named) -> None:
    zone, day = where
    periods = open_periods(day, named, zone)
    assert covered(zone, day, periods) == walked(zone, day, named)
    assert in_order(periods)


@given(situations())
def test_somebody_can_be_booked_at_exactly_the_minutes_the_oracle_walks(situation) -> None:
    zone, day, own, place = situation
    periods = opening(day, zone, own=own, place=place)
    assert covered(zone, day, periods) == walked_opening(zone, day, own, place)
    assert in_order(periods)


@given(situations())
def test_a_room_is_open_at_its_own_hours_or_all_day(situation) -> None:
    zone, day, own, place = situation
    periods = room_opening(day, zone, own=own, place=place)
    mine = own.special.get(day, own.weekly.get(day.weekday(), ()) if own.weekly else None)
    whole = minutes_of(zone, day)
    found = set(whole) if mine is None else walked(zone, day, mine)
    expected = shut(found, [*place.closed, *own.closed])
    if periods is None:
        assert mine is None and expected == set(whole), "only a room without hours and closures asks for nothing"
    else:
        assert covered(zone, day, periods) == expected
        assert in_order(periods)


@given(situations())
def test_what_is_in_both_and_what_is_left_are_the_minutes_of_sets(situation) -> None:
    zone, day, own, place = situation
    some = open_periods(day, own.weekly.get(day.weekday(), ()), zone)
    others = open_periods(day, place.weekly.get(day.weekday(), ()), zone)
    mine, theirs = covered(zone, day, some), covered(zone, day, others)
    assert covered(zone, day, both(some, others)) == mine & theirs
    assert covered(zone, day, less(some, others)) == mine - theirs
    assert in_order(both(some, others)) or not mine & theirs
    assert in_order(less(some, others)) or mine <= theirs


@pytest.mark.parametrize(
    ("zone", "day", "length"),
    [(zone, day, length) for zone, days in JUMPS.items() for day, length in zip(days, (23, 25), strict=True)],
    ids=lambda one: str(one),
)
def test_a_room_that_is_always_open_is_so_for_all_hours_of_a_day_on_which_clocks_jump(zone, day, length) -> None:
    noon = at_local(day, time(12), zone)
    periods = room_opening(day, zone, own=Hours(closed=[(noon, noon + HOUR)]), place=Hours())
    assert sum((end - start for start, end in periods), timedelta()) == (length - 1) * HOUR


def test_a_saturday_opened_for_once_is_for_those_who_keep_the_places_hours() -> None:
    saturday = date(2026, 12, 5)
    place = Hours(weekly={day: [(time(9), time(17))] for day in range(5)}, special={saturday: [(time(10), time(14))]})
    assert opening(saturday, LONDON, own=None, place=place) == open_periods(saturday, [(time(10), time(14))], LONDON)
    part_time = Hours(weekly={0: [(time(9), time(13))]})
    assert opening(saturday, LONDON, own=part_time, place=place) == ()


def test_closing_early_for_once_binds_those_with_hours_of_their_own() -> None:
    eve = date(2026, 12, 24)
    place = Hours(weekly={3: [(time(9), time(19))]}, special={eve: [(time(9), time(13))]})
    own = Hours(weekly={3: [(time(11), time(19))]})
    assert opening(eve, LONDON, own=own, place=place) == open_periods(eve, [(time(11), time(13))], LONDON)
    stays = Hours(weekly=own.weekly, special={eve: [(time(11), time(16))]})
    assert opening(eve, LONDON, own=stays, place=place) == open_periods(eve, [(time(11), time(16))], LONDON)
