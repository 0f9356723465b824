"""Restrictions worked out by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic.rules.local_time import at_local, start_of_day
from clinic.rules.spans import Span
from plans.rules.course import CarePhase, Modality
from plans.rules.restrictions import (
    Occasion,
    Reason,
    current_and_coming,
    forbidden_at,
    free_days_between,
    may_do,
    no_free_day_sentence,
    restrictions,
    union,
)
from tests.rules.courses import HAT, NO_CHEMICAL, NO_DYE, NO_HEAT, NO_WASH

SINGAPORE = ZoneInfo("Asia/Singapore")
EXO = (Modality.EXOSOME,)
LONG_FOR_EXOSOME = replace(NO_DYE, modalities=EXO)
SHORT_FOR_PRP = replace(NO_DYE, key="no-dye-prp", ends=Span.parse("3 days"), modalities=(Modality.PRP,))


def session(number, day, clock=time(14, 15), *, zone=SINGAPORE, minutes=45, certain=True, modalities=EXO):
    starts = at_local(day, clock, zone)
    return Occasion(number, starts, starts + timedelta(minutes=minutes), modalities, certain)


def at(*parts, zone=SINGAPORE):
    return datetime(*parts, tzinfo=zone).astimezone(UTC)


MONDAY = date(2026, 10, 5)


def test_no_dye_for_four_weeks_after_a_session():
    (period,) = restrictions([NO_DYE, HAT], [session(1, MONDAY)], zone=SINGAPORE)
    assert (period.begins, period.ends) == (at(2026, 10, 5, 15), at(2026, 11, 3))
    assert period.safe_on == date(2026, 11, 3)
    assert period.reasons == (Reason("no-dye", 1, CarePhase.AFTER),)
    assert (period.texts, period.sources) == (("No dye for 4 weeks.",), ("owner",))


def test_no_washing_ends_with_the_hour():
    (period,) = restrictions([NO_WASH], [session(1, MONDAY)], zone=SINGAPORE)
    assert period.ends == at(2026, 10, 6, 15)
    assert period.safe_on == date(2026, 10, 7)
    assert forbidden_at([period], at(2026, 10, 6, 14, 59))
    assert not forbidden_at([period], at(2026, 10, 6, 15))


def test_before_a_session_the_whole_local_day_counts():
    (period,) = restrictions([NO_CHEMICAL], [session(1, date(2026, 11, 16))], zone=SINGAPORE)
    assert (period.begins, period.ends) == (at(2026, 11, 9), at(2026, 11, 16, 15))
    assert period.safe_on == date(2026, 11, 17)


def test_six_weeks_apart_there_are_six_days_for_dye():
    sessions = [session(1, MONDAY), session(2, date(2026, 11, 16))]
    periods = restrictions([NO_DYE, NO_CHEMICAL], sessions, zone=SINGAPORE)
    free = free_days_between("dye", periods, MONDAY, date(2026, 11, 16), SINGAPORE)
    assert free == tuple(date(2026, 11, day) for day in range(3, 9))
    assert [period.safe_on for period in periods] == [date(2026, 11, 3), date(2026, 12, 15)]
    assert no_free_day_sentence("dye", periods, MONDAY, date(2026, 11, 16), SINGAPORE) is None


@pytest.mark.parametrize(("second", "free"), [(9, []), (10, []), (11, [date(2026, 11, 3)])])
def test_up_to_36_days_apart_no_day_is_left_for_dye(second, free):
    sessions = [session(1, MONDAY), session(2, date(2026, 11, second))]
    periods = restrictions([NO_DYE, NO_CHEMICAL], sessions, zone=SINGAPORE)
    days = free_days_between("dye", periods, MONDAY, date(2026, 11, second), SINGAPORE)
    assert list(days) == free
    assert len(periods) == (2 if free else 1)
    if not free:
        assert no_free_day_sentence("dye", periods, MONDAY, date(2026, 11, second), SINGAPORE) == (
            f"From Mon 5 Oct 2026 to {'Mon' if second == 9 else 'Tue'} {second} Nov 2026 there is no day on which "
            "dyeing is allowed: No dye for a week before and No dye for 4 weeks."
        )


def test_the_strictest_end_decides_and_is_named():
    short = replace(NO_DYE, key="no-dye-short", ends=Span.parse("1 week"))
    (period,) = restrictions([short, NO_DYE], [session(1, MONDAY), session(2, date(2026, 10, 19))], zone=SINGAPORE)
    assert period.decided_by == Reason("no-dye", 2, CarePhase.AFTER)
    assert period.safe_on == date(2026, 11, 17)
    assert len(period.reasons) == 4


def test_a_short_rule_later_never_ends_a_long_one_sooner():
    sessions = [session(1, MONDAY), session(2, date(2026, 10, 12), modalities=(Modality.PRP,))]
    (period,) = restrictions([LONG_FOR_EXOSOME, SHORT_FOR_PRP], sessions, zone=SINGAPORE)
    assert period.safe_on == date(2026, 11, 3)
    assert period.decided_by == Reason("no-dye", 1, CarePhase.AFTER)


def test_a_gap_without_a_whole_day_is_no_day_to_dye():
    hours = replace(NO_DYE, ends=Span.parse("48 hours"))
    sessions = [session(1, MONDAY), session(2, date(2026, 10, 8))]
    first, second = restrictions([hours], sessions, zone=SINGAPORE)
    assert first.ends == at(2026, 10, 7, 15)
    assert first.safe_on == second.safe_on == date(2026, 10, 11)


def test_a_rule_without_an_end_never_promises_a_day():
    (period,) = restrictions([NO_HEAT], [session(1, MONDAY)], zone=SINGAPORE)
    assert (period.ends, period.safe_on, period.ongoing) == (None, None, False)
    answer = may_do("heat", date(2030, 1, 1), [period], SINGAPORE)
    assert (answer.allowed, answer.free_on) == (False, None)
    assert may_do("dye", MONDAY, [period], SINGAPORE).allowed


def test_a_rule_for_another_treatment_or_not_in_force_forbids_nothing():
    rules = [replace(NO_DYE, modalities=(Modality.PRP,)), replace(NO_WASH, in_force=False), HAT]
    assert restrictions(rules, [session(1, MONDAY)], zone=SINGAPORE) == ()
    assert restrictions(rules, [session(1, MONDAY, modalities=(Modality.PRP,))], zone=SINGAPORE)


def test_an_estimate_is_marked_as_one():
    sessions = [session(1, MONDAY), session(2, date(2026, 11, 2), certain=False)]
    (period,) = restrictions([NO_DYE], sessions, zone=SINGAPORE)
    assert period.estimated
    assert not restrictions([NO_DYE], sessions[:1], zone=SINGAPORE)[0].estimated


def test_a_session_that_ends_at_midnight_where_midnight_is_missing():
    cairo = ZoneInfo("Africa/Cairo")
    late = session(1, date(2026, 3, 26), time(23, 15), zone=cairo)
    (period,) = restrictions([NO_DYE], [late], zone=cairo)
    assert period.begins == start_of_day(date(2026, 3, 27), cairo)
    assert period.safe_on == date(2026, 4, 24)
    assert period.ends.astimezone(cairo).time() == time(1)


def test_may_i_dye_my_hair_on_friday():
    periods = restrictions([NO_DYE], [session(1, MONDAY)], zone=SINGAPORE)
    answer = may_do("dye", date(2026, 10, 30), periods, SINGAPORE)
    assert not answer.allowed
    assert answer.free_on == date(2026, 11, 3)
    assert answer.because == (Reason("no-dye", 1, CarePhase.AFTER),)
    assert may_do("dye", date(2026, 11, 6), periods, SINGAPORE).allowed


def test_what_is_over_is_no_longer_shown():
    periods = restrictions([NO_DYE, NO_WASH], [session(1, MONDAY)], zone=SINGAPORE)
    assert [p.act for p in current_and_coming(periods, at(2026, 10, 5, 16))] == ["dye", "wash"]
    assert [p.act for p in current_and_coming(periods, at(2026, 10, 6, 15))] == ["dye"]
    assert current_and_coming(periods, at(2026, 11, 3)) == ()


def test_two_plans_of_one_patient_make_one_restriction():
    plans = [[session(1, MONDAY)], [session(5, date(2026, 10, 19))]]
    (period,) = union([restrictions([NO_DYE], plan, zone=SINGAPORE) for plan in plans], zone=SINGAPORE)
    assert [reason.session for reason in period.reasons] == [1, 5]
    assert (period.decided_by.session, period.safe_on) == (5, date(2026, 11, 17))


def test_a_week_before_begins_on_the_earlier_day_when_the_clocks_go_forward():
    """A week of hours before Sun 15 Mar 00:30 is Sat 7 Mar 23:30 in New York; by the wall clock it is Sunday."""
    new_york = ZoneInfo("America/New_York")
    night = session(1, date(2026, 3, 15), time(0, 30), zone=new_york)
    (period,) = restrictions([NO_CHEMICAL], [night], zone=new_york)
    assert period.begins == start_of_day(date(2026, 3, 7), new_york)


def test_a_rule_that_stops_before_the_session_holds_to_the_end_of_its_day():
    rule = replace(NO_CHEMICAL, ends=Span.parse("1 day"))
    (period,) = restrictions([rule], [session(1, date(2026, 11, 16))], zone=SINGAPORE)
    assert (period.begins, period.ends) == (at(2026, 11, 9), at(2026, 11, 16))
