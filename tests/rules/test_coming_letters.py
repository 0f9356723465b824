"""Letters before an appointment: which, when, and never two that say the same at once."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from clinic.rules.spans import Span
from plans.rules.course import CareBy, CareKind, CarePhase, CareRule, Modality
from plans.rules.letter_times import KindTimes
from plans.rules.reminders import AppointmentFacts, House, LetterKind, LetterTimes, PreCare, pre_care, wanted_letters
from plans.rules.states import AppointmentPurpose, AppointmentState
from tests.rules.courses import HAT, NO_CHEMICAL

K = LetterKind
SINGAPORE = ZoneInfo("Asia/Singapore")
STARTS = datetime(2026, 11, 9, 10, tzinfo=SINGAPORE)  # a Monday
VISIT = AppointmentFacts(
    id=UUID(int=7),
    purpose=AppointmentPurpose.SESSION,
    starts=STARTS,
    ends=STARTS + timedelta(minutes=45),
    state=AppointmentState.BOOKED,
    announced="",
    changed_at=STARTS - timedelta(days=60),
    care=PreCare(date(2026, 11, 2)),
)
ALL_ON = LetterTimes(
    {
        K.WEEK_REMINDER: KindTimes(True, Span.parse("7 days")),
        K.DAY_REMINDER: KindTimes(True, None, time(8)),
        K.PRE_CARE_EVE: KindTimes(True, None, time(9)),
    }
)


def local(day, clock):
    return datetime.combine(day, clock, tzinfo=SINGAPORE).astimezone(UTC)


def dues(row=VISIT, times=ALL_ON, zone=SINGAPORE):
    found = wanted_letters(
        appointments=[row],
        done_sessions=[],
        restrictions=[],
        reviews=[],
        zone=zone,
        times=times,
        now=datetime(2020, 1, 1, tzinfo=UTC),
    )
    assert all(letter.facts == row.starts.isoformat() and letter.about == row.id for letter in found)
    return {letter.kind: f"{letter.due_at.astimezone(zone):%d %b %H:%M}" for letter in found}


def booked(**before):
    return replace(VISIT, changed_at=STARTS - timedelta(**before))


def test_in_good_time_each_has_its_hour():
    # No dye from Mon 2 Nov on: the letter that says so goes the day before.
    assert dues() == {
        K.PRE_CARE_STOP: "01 Nov 09:00",
        K.WEEK_REMINDER: "02 Nov 10:00",
        K.PRE_CARE: "06 Nov 10:00",
        K.SESSION_REMINDER: "07 Nov 10:00",
        K.PRE_CARE_EVE: "08 Nov 09:00",
        K.DAY_REMINDER: "09 Nov 08:00",
    }
    assert dues(times=LetterTimes()).keys() == {K.PRE_CARE_STOP, K.PRE_CARE, K.SESSION_REMINDER}


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (5, {K.PRE_CARE_STOP: "04 Nov 10:00", K.WEEK_REMINDER: "04 Nov 10:00", K.PRE_CARE: "06 Nov 10:00",
             K.SESSION_REMINDER: "07 Nov 10:00", K.PRE_CARE_EVE: "08 Nov 09:00", K.DAY_REMINDER: "09 Nov 08:00"}),
        (2, {K.PRE_CARE: "07 Nov 10:00", K.SESSION_REMINDER: "07 Nov 10:00", K.PRE_CARE_EVE: "08 Nov 09:00",
             K.DAY_REMINDER: "09 Nov 08:00"}),
    ],
)  # fmt: skip
def test_booked_late_only_the_fuller_letter_goes(days, expected):
    assert dues(booked(days=days)) == expected


def test_booked_the_evening_before_the_list_is_too_late_and_the_eve_goes_before_the_night():
    assert dues(booked(hours=13, minutes=30)) == {  # Sun 8 Nov 20:30
        K.PRE_CARE_EVE: "08 Nov 20:30",
        K.SESSION_REMINDER: "08 Nov 20:30",
        K.DAY_REMINDER: "09 Nov 08:00",
    }


def test_booked_at_night_letters_wait_for_the_morning_while_that_is_soon_enough():
    assert dues(booked(days=2, hours=12)) == {  # Fri 6 Nov 22:00; the 48 hours are from Sat 7 Nov 10:00 on
        K.PRE_CARE: "07 Nov 08:00",
        K.SESSION_REMINDER: "07 Nov 10:00",
        K.PRE_CARE_EVE: "08 Nov 09:00",
        K.DAY_REMINDER: "09 Nov 08:00",
    }


def test_a_reminder_of_the_same_morning_leaves_two_hours_or_does_not_go():
    early = replace(VISIT, starts=STARTS - timedelta(hours=1))
    assert K.DAY_REMINDER not in dues(early)
    assert K.DAY_REMINDER in dues()


def test_a_review_is_reminded_of_in_its_own_letter_and_a_consultation_in_the_usual_one():
    review = replace(VISIT, purpose=AppointmentPurpose.REVIEW)
    assert dues(review).keys() == {K.WEEK_REMINDER, K.REVIEW_REMINDER, K.DAY_REMINDER}
    other = replace(VISIT, purpose=AppointmentPurpose.CONSULTATION)
    assert dues(other).keys() == {K.WEEK_REMINDER, K.SESSION_REMINDER, K.DAY_REMINDER}


def test_the_premises_it_is_at_decide_by_their_own_clock():
    london = House(ZoneInfo("Europe/London"), LetterTimes({K.PRE_CARE: KindTimes(False)}, time(22), time(7)))
    there = replace(VISIT, house=london)
    assert dues(there) == {
        K.PRE_CARE_STOP: "01 Nov 17:00",  # 9:00 in London
        K.SESSION_REMINDER: "07 Nov 15:00",  # 10:00 in Singapore is 2 at night in London: at 7 there
    }


def test_without_anything_to_stop_early_there_is_no_such_letter():
    assert K.PRE_CARE_STOP not in dues(replace(VISIT, care=PreCare(None)))


def rule(starts, kind=CareKind.AVOID, **changes):
    made = CareRule("rule", CarePhase.PRE, kind, "act", "Text.", "S1", starts=starts and Span.parse(starts))
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([NO_CHEMICAL, HAT], PreCare(date(2026, 11, 2), has_eve=True)),
        ([NO_CHEMICAL, rule("10 days")], PreCare(date(2026, 10, 30), has_eve=False)),
        ([rule("3 days")], PreCare(date(2026, 11, 6), has_eve=False)),
        ([rule("2 days")], PreCare(None, has_eve=False)),
        ([rule("1 day")], PreCare(None, has_eve=True)),
        ([rule(None, CareKind.ASK_DOCTOR)], PreCare(date(2026, 11, 2), has_eve=False)),
        ([rule("5 days", CareKind.ASK_DOCTOR)], PreCare(date(2026, 11, 4), has_eve=False)),
        ([rule("5 days", CareKind.DO)], PreCare(None, has_eve=False)),
        ([rule("7 days", in_force=False), rule("7 days", by=CareBy.STAFF)], PreCare(None, has_eve=False)),
        ([rule("7 days", modalities=(Modality.FILLER,))], PreCare(None, has_eve=False)),
        ([rule("7 days", modalities=(Modality.PRP, Modality.FILLER))], PreCare(date(2026, 11, 2), has_eve=False)),
    ],
)
def test_what_must_end_early_is_read_from_the_rules(rules, expected):
    given = (Modality.EXOSOME, Modality.PRP)
    assert pre_care(rules, given, starts=STARTS, ends=VISIT.ends, zone=SINGAPORE) == expected
