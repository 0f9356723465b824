"""Letters after a session, held against dates found in another way: by walking over the hours."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.local_time import at_local
from clinic.rules.spans import Span
from plans.rules.course import CareKind, CarePhase, CareRule, Modality
from plans.rules.letter_times import HOUSE_TIMES, TIMINGS, LetterTimes
from plans.rules.reminders import (
    DoneSessionFacts,
    FirstHeld,
    House,
    LetterKind,
    PreCare,
    ReviewFacts,
    wanted_letters,
)
from plans.rules.restrictions import Occasion, restrictions
from plans.rules.states import AppointmentPurpose, AppointmentState
from tests.rules.courses import NO_CHEMICAL, NO_DYE, NO_WASH
from tests.rules.test_coming_letters import VISIT

K = LetterKind
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SINGAPORE = ZoneInfo("Asia/Singapore")
NO_MEDICINE = CareRule(
    "no-medicine", CarePhase.AFTER, CareKind.AVOID, "regrowth_medicine", "Wait.", "S1", ends=Span.parse("3 weeks")
)
RULES = (NO_DYE, NO_CHEMICAL, NO_WASH, NO_MEDICINE)
ZONES = ("Africa/Cairo", "Asia/Singapore", "Europe/London", "America/New_York", "America/St_Johns",
         "Australia/Lord_Howe")  # fmt: skip
# Around the days on which one of the zones changes its clocks, in spring and in autumn.
CHANGES = (date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 4, 24), date(2026, 10, 4),
           date(2026, 10, 25), date(2026, 10, 30), date(2026, 11, 1))  # fmt: skip


def held(number, day, clock=time(14, 15), *, zone=SINGAPORE):
    starts = at_local(day, clock, zone)
    return Occasion(number, starts, starts + timedelta(minutes=45), (Modality.EXOSOME,), certain=True)


def letters(done, booked=(), *, zone=SINGAPORE, rules=RULES, times=HOUSE_TIMES, **more):
    given = {"appointments": (), "reviews": (), "now": LONG_AGO} | more
    return wanted_letters(
        done_sessions=[DoneSessionFacts(UUID(int=o.number), o.number, o.ends) for o in done],
        restrictions=restrictions(rules, [*done, *booked], zone=zone),
        zone=zone,
        times=times,
        **given,
    )


def stated(found, kind):
    return [(letter.about.int, letter.facts) for letter in found if letter.kind is kind]


def test_medicine_may_begin_again_three_weeks_after_the_last_session():
    """Mon 5 Oct 15:00 and Mon 19 Oct 15:00: the second's three weeks end Mon 9 Nov 15:00, so Tue 10 Nov."""
    first, second = held(1, date(2026, 10, 5)), held(2, date(2026, 10, 19))
    assert stated(letters([first, second]), K.MEDICINE_AGAIN) == [(2, "2026-11-10")]
    assert stated(letters([first], [second]), K.MEDICINE_AGAIN) == [], "the second is only booked"
    assert stated(letters([first], rules=(NO_DYE,)), K.MEDICINE_AGAIN) == [], "the course has no such rule"


def test_washing_is_never_told_before_its_end_and_waits_for_the_morning():
    """Held until 21:45: the 24 hours end at 21:45, when letters do not leave any more."""
    (wash,) = [w for w in letters([held(1, date(2026, 10, 5), time(21))]) if w.kind is K.WASH_AGAIN]
    assert wash.due_at == at_local(date(2026, 10, 7), time(8), SINGAPORE)
    assert wash.facts == at_local(date(2026, 10, 6), time(21, 45), SINGAPORE).isoformat()


def test_the_letter_after_a_session_does_not_wait_for_the_morning():
    (letter,) = [w for w in letters([held(1, date(2026, 10, 5), time(21))]) if w.kind is K.AFTER_CARE]
    assert letter.due_at == at_local(date(2026, 10, 5), time(22, 15), SINGAPORE)


def test_a_short_time_without_dye_has_no_half_time():
    week = replace(NO_DYE, ends=Span.parse("1 week"))
    assert stated(letters([held(1, date(2026, 10, 5))], rules=(week,)), K.NO_DYE_HALF) == []


def test_two_sessions_in_two_days_leave_one_swelling_check_and_one_dye_date():
    found = letters([held(1, date(2026, 10, 5)), held(2, date(2026, 10, 7))])
    assert stated(found, K.SWELLING_CHECK) == [(2, "2026-10-10")]
    for kind in (K.NO_DYE, K.NO_DYE_HALF, K.DYE_AGAIN):
        assert stated(found, kind) == [(2, "2026-11-05")]


def test_what_to_expect_counts_from_the_first_session():
    found = letters([], first_held=[FirstHeld(UUID(int=1), date(2026, 8, 31))])
    assert [(w.kind, f"{w.due_at.astimezone(SINGAPORE):%Y-%m-%d %H:%M}") for w in found] == [
        (K.EXPECT_2_WEEKS, "2026-09-14 10:00"),
        (K.EXPECT_6_WEEKS, "2026-10-12 10:00"),
        (K.EXPECT_3_MONTHS, "2026-11-30 10:00"),
        (K.EXPECT_6_MONTHS, "2027-02-28 10:00"),
    ]
    assert {w.facts for w in found} == {"2026-08-31"}


@st.composite
def courses(draw):
    zone, number, found = ZoneInfo(draw(st.sampled_from(ZONES))), 0, []
    day = draw(st.sampled_from(CHANGES)) - timedelta(days=draw(st.integers(-3, 32)))
    for number in range(1, draw(st.integers(1, 4)) + 1):
        clock = draw(st.sampled_from([time(8), time(14, 15), time(20, 30), time(23, 15)]))
        found.append(held(number, day, clock, zone=zone))
        day += timedelta(days=draw(st.sampled_from([1, 3, 14, 21, 27, 28, 34, 35, 36, 60])))
    split = draw(st.integers(1, len(found)))
    return zone, found[:split], found[split:]


def forbidden_by_hand(sessions, instant, zone):
    """Dye, by the clock on the wall and by elapsed time, whichever is longer; a week before, from midnight on."""
    for one in sessions:
        local_end = one.ends.astimezone(zone).replace(tzinfo=None)
        if one.ends <= instant < one.ends + timedelta(weeks=4):
            return True
        wall = instant.astimezone(zone).replace(tzinfo=None)
        if one.ends <= instant and wall < local_end + timedelta(weeks=4):
            return True
        week_before = one.starts.astimezone(zone).date() - timedelta(weeks=1)
        if wall.date() >= week_before and instant < one.ends:
            return True
    return False


@given(courses())
def test_no_letter_names_a_dye_date_on_which_dye_is_still_forbidden(course):
    zone, done, booked = course
    for letter in letters(done, booked, zone=zone):
        if letter.kind in (K.NO_DYE, K.NO_DYE_HALF, K.DYE_AGAIN):
            safe_on = datetime.fromisoformat(letter.facts)
            hours = [safe_on.replace(tzinfo=zone).astimezone(UTC) + timedelta(minutes=30 * i) for i in range(46)]
            assert not any(forbidden_by_hand([*done, *booked], hour, zone) for hour in hours)
        if letter.kind is K.DYE_AGAIN:
            assert not forbidden_by_hand([*done, *booked], letter.due_at, zone)
            last = letter.useful_until - timedelta(seconds=1)
            assert not forbidden_by_hand([*done, *booked], last, zone), "false before it is useless"


@st.composite
def houses(draw):
    """A house with any quiet hours, at times of its own for kinds that have them."""
    clock = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
    own = {}
    for kind in draw(st.sets(st.sampled_from(list(K)))):
        usual = TIMINGS[kind]
        lead = draw(st.sampled_from(usual.spans)) if usual.spans else usual.times.lead
        own[kind] = replace(usual.times, is_on=draw(st.booleans()), lead=lead,
                            hour=draw(clock) if usual.has_hour else None)  # fmt: skip
    return LetterTimes(own, draw(clock), draw(clock))


@given(courses(), houses(), st.integers(0, 900))
def test_whatever_a_house_sets_letters_are_useful_when_due_and_never_leave_in_its_quiet_hours(course, times, hours):
    zone, done, booked = course
    house = House(zone, times)
    visits = [
        replace(VISIT, id=UUID(int=100 + one.number), starts=one.starts, ends=one.ends, announced="booked",
                changed_at=one.starts - timedelta(hours=hours), care=PreCare(one.starts.date() - timedelta(days=7)),
                state=AppointmentState.BOOKED, purpose=AppointmentPurpose(purpose))
        for one, purpose in zip(booked, ("session", "review", "consultation"), strict=False)
    ]  # fmt: skip
    due = done[0].ends.date() + timedelta(days=90)
    world = {
        "appointments": visits,
        "reviews": [ReviewFacts(UUID(int=200), 3, due, due - timedelta(days=14), due + timedelta(days=28))],
        "first_held": [FirstHeld(UUID(int=1), done[0].starts.astimezone(zone).date())],
    }
    found = letters(done, booked, zone=zone, times=times, **world)
    assert letters(done, booked, zone=zone, times=times, **world) == found
    assert len({(w.kind, w.about) for w in found}) == len(found), "one letter of a kind about one thing"
    for letter in found:
        assert times.of(letter.kind).is_on
        assert letter.due_at < letter.useful_until
        assert not TIMINGS[letter.kind].waits or house.quiet_at(letter.due_at) is None
    if found:
        later = letters(done, booked, zone=zone, times=times, **world, now=found[0].due_at)
        assert set(later) <= set(found), "the clock only lets letters fall away"


@pytest.mark.parametrize(
    ("clock", "quiet", "expected"),
    [
        ("20:59", ("21:00", "08:00"), "20:59"),
        ("21:00", ("21:00", "08:00"), "08:00"),
        ("07:59", ("21:00", "08:00"), "08:00"),
        ("08:00", ("21:00", "08:00"), "08:00"),
        ("13:00", ("12:00", "14:00"), "14:00"),
        ("11:59", ("12:00", "14:00"), "11:59"),
        ("03:00", ("00:00", "00:00"), "03:00"),
    ],
)
def test_quiet_hours_move_what_can_wait_to_their_end(clock, quiet, expected):
    first, last = (time.fromisoformat(one) for one in quiet)
    house = House(SINGAPORE, LetterTimes({}, first, last))
    due = at_local(date(2026, 10, 5), time.fromisoformat(clock), SINGAPORE)
    letter = house.wish(K.SWELLING_CHECK, UUID(int=1), "x", due=due, until=due + timedelta(days=2))
    assert f"{letter.due_at.astimezone(SINGAPORE):%H:%M}" == expected


def test_what_cannot_wait_for_the_morning_goes_before_the_night_or_not_at_all():
    house = House(SINGAPORE)
    due, until = (at_local(date(2026, 10, 6), time(hour), SINGAPORE) for hour in (6, 7))
    wish = {"about": UUID(int=1), "facts": "x", "due": due, "until": until}
    evening = at_local(date(2026, 10, 5), time(20, 45), SINGAPORE)
    assert house.wish(K.SESSION_REMINDER, **wish, not_before=evening).due_at == evening
    assert house.wish(K.SESSION_REMINDER, **wish, not_before=evening + timedelta(minutes=1)) is None
    assert house.wish(K.WAITING_OFFER, **wish).due_at == due, "an answer does not wait"
