from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.opening import open_periods
from plans.rules.booking import OVERRIDABLE, overlaps, why_not_book, why_not_cancel, why_not_complete, why_not_no_show
from plans.rules.states import AppointmentState
from plans.rules.windows import Window

SINGAPORE = ZoneInfo("Asia/Singapore")
NOW = datetime(2026, 10, 20, 3, tzinfo=UTC)
HOURS = [(time(9), time(12)), (time(13), time(18))]
WINDOW = Window(
    2, date(2026, 11, 2), date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 9),
    basis="Exosome: 4 weeks to 6 weeks after session 1 (Mon 5 Oct 2026)",
)  # fmt: skip


def refused(day, clock=time(10), minutes=45, *, hours=HOURS, window=None, now=NOW, zone=SINGAPORE):
    starts = datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
    ends = starts + timedelta(minutes=minutes)
    opening = open_periods(day, hours, zone)
    refusal = why_not_book(starts=starts, ends=ends, now=now, opening=opening, zone=zone, window=window)
    return refusal and (refusal.code, refusal.sentence)


IN_WINDOW = date(2026, 11, 9)

moments = st.integers(0, 50).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(moments, moments, moments, moments)
def test_two_periods_overlap_when_they_share_a_minute(a, b, c, d):
    (a, b), (c, d) = sorted((a, b)), sorted((c, d))
    minutes = {NOW + timedelta(minutes=n) for n in range(51)}
    assert overlaps(a, b, c, d) == any(a <= m < b and c <= m < d for m in minutes) or a == b or c == d


def test_back_to_back_is_allowed():
    assert not overlaps(NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=1), NOW + timedelta(hours=2))


@pytest.mark.parametrize(("clock", "minutes"), [(time(9), 180), (time(10), 45), (time(13), 300), (time(17), 60)])
def test_inside_the_hours_and_the_window_one_may_book(clock, minutes):
    assert refused(IN_WINDOW, clock, minutes, window=WINDOW) is None


@pytest.mark.parametrize(
    ("clock", "minutes"), [(time(8, 45), 45), (time(11, 30), 45), (time(12), 30), (time(17, 30), 31)]
)
def test_outside_the_hours_is_refused_with_the_hours(clock, minutes):
    code, sentence = refused(IN_WINDOW, clock, minutes, window=WINDOW)
    assert code == "outside_hours"
    assert sentence.endswith("outside the hours of that day: 09:00 to 12:00, 13:00 to 18:00.")


def test_a_day_off_is_said_as_one():
    assert refused(IN_WINDOW, hours=[]) == ("outside_hours", "Nobody works on Mon 9 Nov 2026.")


def test_hours_that_touch_are_one():
    assert refused(IN_WINDOW, time(11, 30), 60, hours=[(time(12), time(18)), (time(9), time(12))]) is None


def test_hours_may_end_at_midnight():
    assert refused(IN_WINDOW, time(23), 60, hours=[(time(20), time(0))]) is None
    assert refused(IN_WINDOW, time(23), 61, hours=[(time(20), time(0))])[0] == "outside_hours"


def test_hours_are_the_clinics_on_the_day_the_clocks_change():
    new_york = ZoneInfo("America/New_York")
    sunday = date(2026, 11, 1)
    assert refused(sunday, time(17), 60, zone=new_york) is None
    assert refused(sunday, time(17, 30), 60, zone=new_york)[0] == "outside_hours"


def test_too_early_names_the_first_day_and_the_rule():
    assert refused(date(2026, 11, 1), window=WINDOW) == (
        "too_early",
        "Session 2 may not be before Mon 2 Nov 2026. Exosome: 4 weeks to 6 weeks after session 1 (Mon 5 Oct 2026).",
    )
    assert refused(date(2026, 11, 2), window=WINDOW) is None


def test_too_late_names_the_last_day():
    code, sentence = refused(date(2026, 11, 17), window=WINDOW)
    assert code == "too_late"
    assert sentence.startswith("Session 2 should be by Mon 16 Nov 2026.")
    assert refused(date(2026, 11, 16), window=WINDOW) is None


def test_the_window_is_days_of_the_clinic_not_of_greenwich():
    """Mon 2 Nov 07:00 in Singapore is still Sunday in UTC."""
    assert refused(date(2026, 11, 2), time(7), hours=[(time(6), time(9))], window=WINDOW) is None


def test_the_past_is_never_booked():
    assert refused(date(2026, 10, 20), time(10, 59)) == ("past", "Tue 20 Oct 2026, 10:59, is in the past.")
    assert refused(date(2026, 10, 20), time(11)) is None
    assert "past" not in OVERRIDABLE


def test_an_appointment_has_a_length():
    assert refused(IN_WINDOW, minutes=0)[0] == "wrong_times"


S = AppointmentState
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("question", "state", "starts", "code"),
    [
        (why_not_cancel, S.BOOKED, NOW + HOUR, None),
        (why_not_cancel, S.CONFIRMED, NOW - HOUR, None),
        (why_not_cancel, S.BOOKED, NOW - 24 * HOUR, "over"),
        (why_not_cancel, S.CANCELLED, NOW + HOUR, "wrong_state"),
        (why_not_cancel, S.NO_SHOW, NOW - HOUR, "wrong_state"),
        (why_not_cancel, S.DONE, NOW - HOUR, "wrong_state"),
        (why_not_no_show, S.BOOKED, NOW, None),
        (why_not_no_show, S.CONFIRMED, NOW - HOUR, None),
        (why_not_no_show, S.BOOKED, NOW + HOUR, "not_yet"),
        (why_not_no_show, S.ARRIVED, NOW - HOUR, "wrong_state"),
        (why_not_complete, S.ARRIVED, NOW - HOUR, None),
        (why_not_complete, S.BOOKED, NOW + HOUR, None),
        (why_not_complete, S.BOOKED, NOW + 13 * HOUR, "not_yet"),
        (why_not_complete, S.NO_SHOW, NOW - HOUR, "wrong_state"),
    ],
)
def test_what_may_happen_to_an_appointment(question, state, starts, code):
    refusal = question(state, starts=starts, now=NOW)
    assert (refusal.code if refusal else None) == code


def test_a_refusal_reads_as_a_sentence():
    assert why_not_cancel(S.NO_SHOW, NOW, NOW).sentence == "This appointment is “no-show” and cannot be cancelled."
