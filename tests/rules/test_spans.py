from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.spans import Span, Unit, earlier, later

days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
spans = st.builds(Span, st.integers(0, 60), st.sampled_from(list(Unit)))


def days_in_month(year, month):
    """Counted by walking, so that it shares nothing with the code it judges."""
    day, count = date(year, month, 1), 0
    while day.month == month:
        day, count = day + timedelta(days=1), count + 1
    return count


def walked_months(anchor, number):
    year, month = anchor.year, anchor.month
    for _ in range(number):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return date(year, month, min(anchor.day, days_in_month(year, month)))


@given(days, st.integers(0, 36))
def test_months_never_drift_from_their_anchor(anchor, number):
    assert later(anchor, Span(number, Unit.MONTHS)) == walked_months(anchor, number)


@given(days, st.integers(0, 36))
def test_a_month_earlier_never_lands_later(day, number):
    span = Span(number, Unit.MONTHS)
    back = earlier(day, span)
    assert timedelta(0) <= day - later(back, span) <= timedelta(days=3)


@given(days, st.integers(0, 300), st.sampled_from([Unit.DAYS, Unit.WEEKS]))
def test_days_and_weeks_go_back_where_they_came_from(day, number, unit):
    span = Span(number, unit)
    assert earlier(later(day, span), span) == day
    assert (later(day, span) - day).days == number * (7 if unit is Unit.WEEKS else 1)


@given(spans)
def test_what_is_written_can_be_read(span):
    assert Span.parse(str(span)) == span


@pytest.mark.parametrize(
    ("anchor", "number", "expected"),
    [
        (date(2027, 1, 31), 1, date(2027, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2027, 1, 31), 2, date(2027, 3, 31)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
    ],
)
def test_months_clamp_to_the_months_end(anchor, number, expected):
    assert later(anchor, Span(number, Unit.MONTHS)) == expected


def test_eight_weeks_are_not_two_months():
    day = date(2026, 7, 1)
    assert later(day, Span(8, Unit.WEEKS)) == date(2026, 8, 26)
    assert later(day, Span(2, Unit.MONTHS)) == date(2026, 9, 1)


@pytest.mark.parametrize("text", ["", "4", "weeks", "4 fortnights", "-1 weeks", "1.5 weeks", "four weeks"])
def test_what_is_no_length_of_time_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="4 weeks"):
        Span.parse(text)


def test_one_is_singular():
    assert [str(Span(n, Unit.WEEKS)) for n in (0, 1, 2)] == ["0 weeks", "1 week", "2 weeks"]


def test_hours_have_no_calendar():
    with pytest.raises(ValueError, match="elapsed"):
        later(date(2026, 10, 5), Span(24, Unit.HOURS))
