"""Bits against plain loops over minutes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.local_time import local_day
from plans.rules.diary import (
    GRID_MINUTES,
    MINUTE,
    bits_of,
    clock_bits,
    local_day_of,
    open_bits,
    open_starts,
    reach_back,
    taken_bits,
)

CAIRO, LONDON = ZoneInfo("Africa/Cairo"), ZoneInfo("Europe/London")
NEW_YORK, SINGAPORE = ZoneInfo("America/New_York"), ZoneInfo("Asia/Singapore")
ODD_DAYS = [
    (CAIRO, date(2026, 4, 24), 23),
    (CAIRO, date(2026, 10, 29), 25),
    (LONDON, date(2026, 3, 29), 23),
    (LONDON, date(2026, 10, 25), 25),
    (NEW_YORK, date(2026, 3, 8), 23),
    (NEW_YORK, date(2026, 11, 1), 25),
    (SINGAPORE, date(2026, 11, 1), 24),
]
odd_days = st.sampled_from([local_day_of(day, zone) for zone, day, _ in ODD_DAYS])
rows = st.integers(0, (1 << 300) - 1)
lengths = st.integers(1, 90)


@pytest.mark.parametrize("zone, day, hours", ODD_DAYS)
def test_a_day_is_as_long_as_it_is(zone, day, hours):
    page = local_day_of(day, zone)
    assert page.minutes == hours * 60
    assert local_day(page.begins, zone) == day and local_day(page.begins - MINUTE, zone) == day - timedelta(days=1)
    assert local_day(page.at(page.minutes), zone) == day + timedelta(days=1)
    assert page.is_even == (hours == 24)


@given(rows, lengths)
def test_a_start_is_blocked_when_its_minutes_meet_one_that_is_taken(taken, minutes):
    blocked = reach_back(taken, minutes)
    for start in range(300):
        assert bool(blocked >> start & 1) == any(taken >> minute & 1 for minute in range(start, start + minutes))


@given(st.lists(st.tuples(st.integers(0, 280), st.integers(1, 120)), max_size=4), lengths)
def test_open_starts_stand_on_the_grid_of_their_own_opening(spans, minutes):
    open_ = 0
    for begin, length in spans:
        open_ |= ((1 << length) - 1) << begin
    expected = []
    minute = 0
    while minute < 420:
        end = minute
        while open_ >> end & 1:
            end += 1
        expected += [start for start in range(minute, end, GRID_MINUTES) if start + minutes <= end]
        minute = end + 1
    assert list(bits_of(open_starts(open_, minutes))) == expected


@given(odd_days, st.integers(-2000, 3000), st.integers(1, 4000))
def test_open_and_taken_are_rounded_to_the_safe_side(page, begin_seconds, seconds):
    starts = page.begins + timedelta(seconds=begin_seconds)
    ends = starts + timedelta(seconds=seconds)
    open_, taken = open_bits([(starts, ends)], page), taken_bits(starts, ends, page)
    for minute in range(130):
        first, after = page.at(minute), page.at(minute + 1)
        assert bool(open_ >> minute & 1) == (starts <= first and after <= ends)
        assert bool(taken >> minute & 1) == (starts < after and first < ends)


@given(st.sampled_from(ODD_DAYS), st.none() | st.times(), st.none() | st.times())
def test_an_hour_that_is_wished_is_one_on_the_wall_clock(odd, begins, until):
    zone, day, _ = odd
    page = local_day_of(day, zone)
    found = set(bits_of(clock_bits(begins, until, page, zone)))
    for minute in range(0, page.minutes, 7):
        clock = page.at(minute).astimezone(zone).time()
        assert (minute in found) == ((begins is None or clock >= begins) and (until is None or clock < until))


def test_an_end_of_midnight_is_the_end_of_the_day():
    page = local_day_of(date(2026, 10, 25), LONDON)
    assert open_bits([(datetime(2026, 10, 25, 22, tzinfo=UTC), page.at(page.minutes))], page).bit_length() == 25 * 60
    assert clock_bits(time(23), None, page, LONDON).bit_length() == 25 * 60
