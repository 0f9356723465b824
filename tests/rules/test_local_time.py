from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clinic.rules.local_time import after, at_local, before, first_safe_date, local_day, start_of_day
from clinic.rules.spans import Span, Unit, later

SINGAPORE, CAIRO, NEW_YORK = ZoneInfo("Asia/Singapore"), ZoneInfo("Africa/Cairo"), ZoneInfo("America/New_York")
ZONES = [
    CAIRO,
    NEW_YORK,
    SINGAPORE,
    ZoneInfo("Europe/Lisbon"),
    ZoneInfo("Australia/Lord_Howe"),
    ZoneInfo("America/St_Johns"),
    ZoneInfo("Pacific/Apia"),
    ZoneInfo("America/Havana"),
]
FOUR_WEEKS, DAY = Span(4, Unit.WEEKS), Span(24, Unit.HOURS)

zones = st.sampled_from(ZONES)
days = st.dates(date(2024, 1, 1), date(2035, 12, 31))
# Sessions end at midnight and around clock changes far more often here than in a clinic.
clocks = st.one_of(
    st.sampled_from([time(0), time(0, 1), time(0, 30), time(1), time(1, 59), time(2, 30), time(23), time(23, 59)]),
    st.times().map(lambda clock: clock.replace(microsecond=0)),
)
calendar_spans = st.one_of(
    st.builds(Span, st.integers(0, 60), st.just(Unit.DAYS)),
    st.builds(Span, st.integers(0, 9), st.just(Unit.WEEKS)),
    st.builds(Span, st.integers(0, 7), st.just(Unit.MONTHS)),
)


def at(zone, *parts):
    return datetime(*parts, tzinfo=zone).astimezone(UTC)


def instants_of(day, zone, step=timedelta(minutes=15)):
    """Every quarter of an hour at which the zone's calendar shows `day`, found by looking at each of three days."""
    instant = datetime.combine(day, time.min, tzinfo=UTC) - timedelta(hours=30)
    found = []
    for _ in range(int(timedelta(hours=84) / step)):
        if instant.astimezone(zone).date() == day:
            found.append(instant)
        instant += step
    return found


def scanned_safe_date(end, span, zone):
    """The oracle: walk the calendar day by day, look at every quarter of an hour of it."""
    local = end.astimezone(zone)
    wall_end = datetime.combine(later(local.date(), span), local.time())
    elapsed_end = end + (wall_end.date() - local.date())
    day = wall_end.date() - timedelta(days=2)
    while True:
        moments = instants_of(day, zone)
        if moments and all(m >= elapsed_end and m.astimezone(zone).replace(tzinfo=None) >= wall_end for m in moments):
            return day
        day += timedelta(days=1)


def nearby(examples):
    def decorate(test):
        for zone, day, clock in examples:
            test = example(zone=zone, day=day, clock=clock, span=FOUR_WEEKS)(test)
        return test

    return decorate


@given(zone=zones, day=days, clock=clocks, span=calendar_spans)
@nearby(
    [
        (CAIRO, date(2026, 3, 27), time(0)),
        (CAIRO, date(2026, 3, 27), time(0, 30)),
        (CAIRO, date(2026, 10, 1), time(23, 30)),
        (CAIRO, date(2026, 10, 29), time(23, 30)),
        (NEW_YORK, date(2026, 2, 15), time(0)),
        (NEW_YORK, date(2026, 10, 11), time(0)),
    ]
)
def test_the_first_safe_date_is_the_one_a_walk_through_the_calendar_finds(zone, day, clock, span):
    end = at_local(day, clock, zone)
    assert first_safe_date(end, span, zone) == scanned_safe_date(end, span, zone)


@given(zone=zones, day=days, clock=clocks, hours=st.integers(0, 96))
def test_hours_are_over_before_the_first_safe_date_begins(zone, day, clock, hours):
    end = at_local(day, clock, zone)
    safe = first_safe_date(end, Span(hours, Unit.HOURS), zone)
    assert min(instants_of(safe, zone)) >= end + timedelta(hours=hours)
    assert min(instants_of(safe - timedelta(days=1), zone)) < end + timedelta(hours=hours)


@given(zones, days)
def test_a_day_starts_with_its_first_instant(zone, day):
    assert start_of_day(day, zone) == instants_of(day, zone)[0]


@given(zones, days, clocks)
def test_a_local_time_is_shown_by_the_local_clock_or_jumped_over(zone, day, clock):
    shown = at_local(day, clock, zone).astimezone(zone).replace(tzinfo=None)
    wanted = datetime.combine(day, clock)
    assert timedelta(0) <= shown - wanted <= timedelta(hours=1)


@given(zones, days, clocks, calendar_spans)
def test_a_longer_span_is_never_over_sooner(zone, day, clock, span):
    end = at_local(day, clock, zone)
    longer = Span(span.number + 1, span.unit)
    assert first_safe_date(end, longer, zone) >= first_safe_date(end, span, zone)


@pytest.mark.parametrize(
    ("zone", "end", "span", "safe"),
    [
        # The owner's rule, in a zone without clock changes.
        (SINGAPORE, (2026, 10, 5, 15), FOUR_WEEKS, date(2026, 11, 3)),
        (SINGAPORE, (2026, 10, 5, 0), FOUR_WEEKS, date(2026, 11, 2)),
        (SINGAPORE, (2026, 10, 5, 0, 1), FOUR_WEEKS, date(2026, 11, 3)),
        # 28 days later is the day whose midnight does not exist: it begins at 01:00, exactly when 28 x 24 h are over.
        (CAIRO, (2026, 3, 27, 0), FOUR_WEEKS, date(2026, 4, 24)),
        (CAIRO, (2026, 3, 27, 0, 30), FOUR_WEEKS, date(2026, 4, 25)),
        # The clocks go back an hour between: the wall clock's end is the later one.
        (CAIRO, (2026, 10, 2, 0), FOUR_WEEKS, date(2026, 10, 30)),
        # The clocks go forward between: at midnight only 27 days and 23 hours are over, so one day more.
        (NEW_YORK, (2026, 2, 15, 0), FOUR_WEEKS, date(2026, 3, 16)),
        (NEW_YORK, (2026, 10, 11, 0), FOUR_WEEKS, date(2026, 11, 8)),
        # A month from 31 Jan is 28 Feb, so its elapsed length is 28 days.
        (SINGAPORE, (2027, 1, 31, 0), Span(1, Unit.MONTHS), date(2027, 2, 28)),
        (SINGAPORE, (2027, 1, 31, 9), Span(1, Unit.MONTHS), date(2027, 3, 1)),
        (SINGAPORE, (2026, 10, 5, 15), DAY, date(2026, 10, 7)),
        (SINGAPORE, (2026, 10, 5, 0), DAY, date(2026, 10, 6)),
    ],
)
def test_safe_dates_worked_out_by_hand(zone, end, span, safe):
    assert first_safe_date(at(zone, *end), span, zone) == safe


def test_a_day_of_hours_may_end_an_hour_off_on_the_clock():
    noon = at(NEW_YORK, 2026, 3, 7, 12)
    assert after(noon, DAY, NEW_YORK) == at(NEW_YORK, 2026, 3, 8, 13)
    assert after(noon, Span(1, Unit.DAYS), NEW_YORK) == at(NEW_YORK, 2026, 3, 8, 12)
    assert before(at(NEW_YORK, 2026, 3, 8, 12), DAY, NEW_YORK) == at(NEW_YORK, 2026, 3, 7, 11)
    assert before(at(NEW_YORK, 2026, 3, 8, 12), Span(1, Unit.DAYS), NEW_YORK) == noon


def test_a_time_that_does_not_exist_moves_forward_by_the_gap():
    assert at_local(date(2026, 3, 8), time(2, 30), NEW_YORK) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def test_a_time_that_exists_twice_is_the_first():
    assert at_local(date(2026, 11, 1), time(1, 30), NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert at_local(date(2026, 11, 1), time(1, 30, fold=1), NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_cairo_begins_a_spring_day_at_one():
    begins = start_of_day(date(2026, 4, 24), CAIRO)
    assert begins == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert begins.astimezone(CAIRO).time() == time(1)
    assert local_day(begins - timedelta(seconds=1), CAIRO) == date(2026, 4, 23)


def test_a_jump_that_begins_before_midnight_starts_the_day_where_it_ends():
    toronto = ZoneInfo("America/Toronto")
    begins = start_of_day(date(1919, 3, 31), toronto)
    assert begins.astimezone(toronto).replace(tzinfo=None) == datetime(1919, 3, 31, 0, 30)


def test_a_date_that_a_zone_left_out_is_never_called_safe():
    apia = ZoneInfo("Pacific/Apia")
    assert first_safe_date(at(apia, 2011, 12, 29, 15), Span(0, Unit.DAYS), apia) == date(2011, 12, 31)
