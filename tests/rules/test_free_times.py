from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.local_time import local_day
from clinic.rules.opening import open_periods
from plans.rules.diary import GRID_MINUTES, bits_of, local_day_of, open_bits, open_starts, reach_back, taken_bits

SINGAPORE, BERLIN = ZoneInfo("Asia/Singapore"), ZoneInfo("Europe/Berlin")
DAY = date(2026, 11, 23)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GRID = GRID_MINUTES * MINUTE


def free_starts(periods, taken, *, length, not_before):
    """The day's row of bits, read back as instants."""
    zone = BERLIN if any(local_day(opens, BERLIN) == date(2026, 3, 29) for opens, _ in periods) else SINGAPORE
    page, minutes = local_day_of(local_day(periods[0][0], zone), zone), length // MINUTE
    held = 0
    for begins, ends in taken:
        held |= taken_bits(begins, ends, page)
    starts = open_starts(open_bits(periods, page), minutes) & ~reach_back(held, minutes)
    return tuple(start for start in map(page.at, bits_of(starts)) if start >= not_before)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, tzinfo=SINGAPORE)


def words(starts, zone=SINGAPORE):
    return [f"{start.astimezone(zone):%H:%M}" for start in starts]


def test_the_last_start_ends_when_the_clinic_closes():
    periods = open_periods(DAY, [(time(9), time(10, 30))], SINGAPORE)
    assert words(free_starts(periods, [], length=45 * MINUTE, not_before=LONG_AGO)) == [
        "09:00",
        "09:15",
        "09:30",
        "09:45",
    ]


def test_back_to_back_is_free():
    periods = open_periods(DAY, [(time(9), time(12))], SINGAPORE)
    taken = [(at(10), at(11))]
    assert words(free_starts(periods, taken, length=60 * MINUTE, not_before=LONG_AGO)) == ["09:00", "11:00"]


def test_periods_that_touch_are_one():
    periods = open_periods(DAY, [(time(12), time(13)), (time(9), time(12))], SINGAPORE)
    assert periods == ((at(9), at(13)),)


def test_nothing_is_free_in_the_past():
    periods = open_periods(DAY, [(time(9), time(11))], SINGAPORE)
    assert words(free_starts(periods, [], length=60 * MINUTE, not_before=at(9, 50))) == ["10:00"]


def test_midnight_as_an_end_closes_the_day():
    periods = open_periods(DAY, [(time(22), time(0))], SINGAPORE)
    assert words(free_starts(periods, [], length=60 * MINUTE, not_before=LONG_AGO))[-1] == "23:00"


def test_a_day_of_23_hours_offers_no_time_that_does_not_exist():
    periods = open_periods(date(2026, 3, 29), [(time(1), time(4))], BERLIN)
    starts = free_starts(periods, [], length=15 * MINUTE, not_before=LONG_AGO)
    assert words(starts, BERLIN) == ["01:00", "01:15", "01:30", "01:45", "03:00", "03:15", "03:30", "03:45"]


@given(
    st.lists(st.tuples(st.integers(0, 95), st.integers(1, 12)), max_size=12),
    st.integers(1, 16).map(lambda quarters: quarters * GRID),
)
def test_no_free_start_runs_into_what_is_taken(busy, length):
    begin = at(0)
    taken = [(begin + start * GRID, begin + (start + quarters) * GRID) for start, quarters in busy]
    periods = open_periods(DAY, [(time(8), time(20))], SINGAPORE)
    for start in free_starts(periods, taken, length=length, not_before=LONG_AGO):
        assert at(8) <= start
        assert start + length <= at(20)
        assert all(start + length <= begins or ends <= start for begins, ends in taken)
