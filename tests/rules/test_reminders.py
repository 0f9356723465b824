from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.local_time import at_local
from clinic.rules.spans import Span
from plans.rules.letter_times import KindTimes
from plans.rules.reminders import (
    KIND_POLICY,
    AppointmentFacts,
    BoosterFacts,
    DoneSessionFacts,
    Doubt,
    LetterGroup,
    LetterKind,
    LetterTimes,
    OfferFacts,
    ReviewFacts,
    Wanted,
    backoff,
    wanted_letters,
)
from plans.rules.restrictions import Occasion, forbidden_at, restrictions
from plans.rules.states import AppointmentPurpose, AppointmentState
from tests.rules.courses import NO_CHEMICAL, NO_DYE, NO_WASH, Modality

SINGAPORE = ZoneInfo("Asia/Singapore")
K, S = LetterKind, AppointmentState
RULES = [NO_DYE, NO_CHEMICAL, NO_WASH]
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MONDAY = date(2026, 10, 5)


def uid(number):
    return UUID(int=number)


def at(*parts, zone=SINGAPORE):
    return datetime(*parts, tzinfo=zone).astimezone(UTC)


def letters(
    *, now=LONG_AGO, appointments=(), done=(), booked=(), reviews=(), offers=(), zone=SINGAPORE, rules=RULES, **more
):
    """`done` and `booked` are occasions; a session's id is its number."""
    return wanted_letters(
        appointments=appointments,
        done_sessions=[DoneSessionFacts(uid(o.number), o.number, o.ends) for o in done],
        restrictions=restrictions(rules, [*done, *booked], zone=zone),
        reviews=reviews,
        offers=offers,
        zone=zone,
        now=now,
        **more,
    )


def of_kind(found, kind):
    return [letter for letter in found if letter.kind is kind]


def session(number, day, clock=time(14, 15), *, zone=SINGAPORE):
    starts = at_local(day, clock, zone)
    return Occasion(number, starts, starts + timedelta(minutes=45), (Modality.EXOSOME,), certain=True)


# --- Appointments --------------------------------------------------------------------------------------------------

STARTS = at(2026, 11, 9, 10)
BOOKED = AppointmentFacts(
    uid(7),
    AppointmentPurpose.SESSION,
    STARTS,
    STARTS + timedelta(minutes=45),
    S.BOOKED,
    "booked",
    at(2026, 10, 6, 9),
    2,
)


def test_a_booked_session_brings_three_letters():
    stated = STARTS.isoformat()
    assert letters(appointments=[BOOKED]) == (
        Wanted(K.APPOINTMENT_BOOKED, uid(7), at(2026, 10, 6, 9), STARTS, stated),
        Wanted(K.PRE_CARE, uid(7), at(2026, 11, 6, 10), at(2026, 11, 8, 10), stated),
        Wanted(K.SESSION_REMINDER, uid(7), at(2026, 11, 7, 10), at(2026, 11, 9, 8), stated),
    )


def test_a_booked_review_needs_no_pre_care():
    review = replace(BOOKED, purpose=AppointmentPurpose.REVIEW)
    assert [letter.kind for letter in letters(appointments=[review])] == [K.APPOINTMENT_BOOKED, K.REVIEW_REMINDER]


def test_booked_late_the_reminders_are_due_with_the_booking():
    late = replace(BOOKED, changed_at=at(2026, 11, 8, 9))
    found = letters(appointments=[late], now=at(2026, 11, 8, 9))
    assert {letter.kind: letter.due_at for letter in found} == dict.fromkeys(
        [K.APPOINTMENT_BOOKED, K.PRE_CARE, K.SESSION_REMINDER], at(2026, 11, 8, 9)
    )


def test_booked_too_late_for_pre_care_it_is_not_sent():
    late = replace(BOOKED, changed_at=at(2026, 11, 8, 10))
    found = letters(appointments=[late], now=at(2026, 11, 8, 10))
    assert [letter.kind for letter in found] == [K.APPOINTMENT_BOOKED, K.SESSION_REMINDER]


def test_a_moved_appointment_says_so_and_states_its_new_time():
    moved = replace(BOOKED, announced="moved", starts=STARTS + timedelta(days=1))
    found = letters(appointments=[moved])
    assert [letter.kind for letter in found] == [K.APPOINTMENT_MOVED, K.PRE_CARE, K.SESSION_REMINDER]
    assert {letter.facts for letter in found} == {(STARTS + timedelta(days=1)).isoformat()}


def test_a_cancelled_appointment_brings_only_its_cancellation():
    cancelled = replace(BOOKED, state=S.CANCELLED, announced="cancelled", changed_at=at(2026, 11, 1, 9))
    assert letters(appointments=[cancelled]) == (
        Wanted(K.APPOINTMENT_CANCELLED, uid(7), at(2026, 11, 1, 9), STARTS, STARTS.isoformat()),
    )


@pytest.mark.parametrize("announced", ["", "booked", "moved"])
def test_an_appointment_given_up_for_another_is_silent(announced):
    assert letters(appointments=[replace(BOOKED, state=S.CANCELLED, announced=announced)]) == ()


@pytest.mark.parametrize("state", [S.NO_SHOW, S.DONE, S.ARRIVED])
def test_who_came_or_was_missed_needs_no_reminder(state):
    assert letters(appointments=[replace(BOOKED, state=state)]) == ()


def test_a_confirmed_appointment_is_still_reminded_of():
    confirmed = replace(BOOKED, state=S.CONFIRMED)
    assert letters(appointments=[confirmed]) == letters(appointments=[BOOKED])


def test_nothing_is_planned_that_is_useless_by_now():
    assert letters(appointments=[BOOKED], now=STARTS) == ()
    assert [w.kind for w in letters(appointments=[BOOKED], now=at(2026, 11, 9, 9))] == [K.APPOINTMENT_BOOKED]


def test_who_was_missed_is_written_to_an_hour_after_the_start_and_not_at_night():
    missed = replace(BOOKED, state=S.NO_SHOW, announced="missed", changed_at=STARTS + timedelta(minutes=10))
    until = STARTS + timedelta(days=5)
    assert letters(appointments=[missed]) == (
        Wanted(K.APPOINTMENT_MISSED, uid(7), STARTS + timedelta(hours=1), until, STARTS.isoformat()),
    )
    (late,) = letters(appointments=[replace(missed, changed_at=STARTS + timedelta(hours=5))])
    assert late.due_at == STARTS + timedelta(hours=5)
    (night,) = letters(appointments=[replace(missed, changed_at=STARTS + timedelta(hours=20))])
    assert night.due_at == at(2026, 11, 10, 8)
    assert letters(appointments=[replace(missed, changed_at=STARTS + timedelta(days=6))]) == ()


def test_who_was_missed_and_came_after_all_is_not_written_to():
    assert letters(appointments=[replace(BOOKED, state=S.ARRIVED, announced="missed")]) == ()


SERIES = uid(70)


def together(*weeks, series=SERIES):
    """Booked at once, each so many weeks after the first."""
    return [replace(BOOKED, id=uid(80 + week), starts=STARTS + timedelta(weeks=week), series=series) for week in weeks]


def announced(rows, **more):
    kinds = {K.SERIES_BOOKED, K.APPOINTMENT_BOOKED, K.APPOINTMENT_MOVED, K.APPOINTMENT_CANCELLED}
    return [letter for letter in letters(appointments=rows, **more) if letter.kind in kinds]


def test_what_is_booked_together_is_told_in_one_letter_until_the_last_of_it_begins():
    (letter,) = announced(together(0, 4, 8))
    assert (letter.kind, letter.about) == (K.SERIES_BOOKED, uid(70))
    assert (letter.due_at, letter.useful_until) == (BOOKED.changed_at, STARTS + timedelta(weeks=8))
    assert len(letter.facts) <= 120


def test_each_of_a_series_keeps_its_own_reminders():
    found = letters(appointments=together(0, 4))
    assert [w.about for w in of_kind(found, K.SESSION_REMINDER)] == [uid(80), uid(84)]
    assert [w.about for w in of_kind(found, K.PRE_CARE)] == [uid(80), uid(84)]


def test_dates_that_pass_or_join_later_do_not_make_it_another_letter():
    assert {announced(together(*weeks))[0].facts for weeks in ((0, 4, 8), (4, 8), (8,), (0, 4, 8, 12))} == {SERIES.hex}


def test_two_series_are_two_letters_and_one_beside_them_has_its_own():
    rows = [*together(0, 4), *together(1, 5, series=uid(71)), replace(BOOKED, id=uid(99))]
    assert sorted((w.kind, w.about) for w in announced(rows)) == [
        (K.APPOINTMENT_BOOKED, uid(99)),
        (K.SERIES_BOOKED, uid(70)),
        (K.SERIES_BOOKED, uid(71)),
    ]


ENDS = st.sampled_from(["booked", "confirmed", "silent", "moved away", "cancelled", "missed", "done"])


def become(row, end):
    changes = {
        "booked": {},
        "confirmed": {"state": S.CONFIRMED},
        "silent": {"announced": ""},
        "moved away": {"state": S.CANCELLED, "announced": ""},
        "cancelled": {"state": S.CANCELLED, "announced": "cancelled", "changed_at": row.changed_at + timedelta(days=1)},
        "missed": {"state": S.NO_SHOW, "announced": "missed"},
        "done": {"state": S.DONE},
    }
    return replace(row, **changes[end])


@given(st.lists(ENDS, min_size=2, max_size=6))
def test_whatever_becomes_of_a_series_its_letter_stays_the_same_one(ends):
    rows = together(*range(len(ends)))
    (first,) = announced(rows)
    later_on = [become(row, end) for row, end in zip(rows, ends, strict=True)]
    found = announced(later_on)
    series = [letter for letter in found if letter.kind is K.SERIES_BOOKED]
    standing = [row for row, end in zip(rows, ends, strict=True) if end in ("booked", "confirmed")]
    assert [(w.about, w.facts, w.due_at) for w in series] == [(first.about, first.facts, first.due_at)][: len(standing)]
    assert not [w for w in found if w.kind is K.APPOINTMENT_BOOKED], "none of them is told twice"
    told = [w.about for w in found if w.kind is K.APPOINTMENT_CANCELLED]
    assert sorted(told) == sorted(row.id for row, end in zip(rows, ends, strict=True) if end == "cancelled")


def test_an_offer_is_told_at_once_while_there_is_time_to_come():
    made = at(2026, 11, 8, 12)
    offer = OfferFacts(uid(5), STARTS, made, until=at(2026, 11, 9, 9))
    assert letters(offers=[offer]) == (
        Wanted(K.WAITING_OFFER, uid(5), made, STARTS - timedelta(hours=2), STARTS.isoformat()),
    )
    (sooner,) = letters(offers=[replace(offer, until=at(2026, 11, 8, 20))])
    assert sooner.useful_until == at(2026, 11, 8, 20)
    assert letters(offers=[replace(offer, made_at=STARTS - timedelta(hours=2))]) == ()


# --- Care ----------------------------------------------------------------------------------------------------------


def test_a_done_session_brings_its_care_letters_at_their_hours():
    """Held Mon 5 Oct until 15:00. No washing until Tue 15:00; no dye until Tue 3 Nov 0:00, which is 28 days and 9 hours
    later: half of it is over on Mon 19 Oct, 19:30."""
    ended, washes = at(2026, 10, 5, 15), at(2026, 10, 6, 15)
    assert letters(done=[session(1, MONDAY)]) == (
        Wanted(K.AFTER_CARE, uid(1), at(2026, 10, 5, 15, 30), at(2026, 10, 8, 15), ended.isoformat()),
        Wanted(K.NO_DYE, uid(1), washes, at(2026, 10, 31), "2026-11-03"),
        Wanted(K.WASH_AGAIN, uid(1), washes, at(2026, 10, 8, 15), washes.isoformat()),
        Wanted(K.SWELLING_CHECK, uid(1), at(2026, 10, 8, 10), at(2026, 10, 10, 10), "2026-10-08"),
        Wanted(K.NO_DYE_HALF, uid(1), at(2026, 10, 19, 9), at(2026, 10, 21, 9), "2026-11-03"),
        Wanted(K.DYE_AGAIN, uid(1), at(2026, 11, 3, 9), at(2026, 11, 17, 9), "2026-11-03"),
    )


def test_where_it_is_switched_on_washing_has_a_letter_of_its_own():
    times = LetterTimes({K.NO_WASH: KindTimes(True, Span.parse("1 hour"))})
    (notice,) = of_kind(letters(done=[session(1, MONDAY)], times=times), K.NO_WASH)
    assert (notice.due_at, notice.useful_until) == (at(2026, 10, 5, 16), at(2026, 10, 6, 13))


def test_dye_again_is_false_once_the_next_session_forbids_it():
    found = letters(done=[session(1, MONDAY)], booked=[session(2, date(2026, 11, 16))])
    (again,) = of_kind(found, K.DYE_AGAIN)
    assert (again.due_at, again.useful_until) == (at(2026, 11, 3, 9), at(2026, 11, 9))


def test_while_the_next_session_keeps_dye_forbidden_nobody_is_told_to_dye():
    found = letters(done=[session(1, MONDAY)], booked=[session(2, date(2026, 11, 9))])
    assert of_kind(found, K.DYE_AGAIN) == []
    (notice,) = of_kind(found, K.NO_DYE)
    assert (notice.about, notice.facts) == (uid(1), "2026-12-08")


def test_after_the_next_session_one_letter_speaks_for_both():
    found = letters(done=[session(1, MONDAY), session(2, date(2026, 11, 9))])
    assert [(w.about, w.due_at) for w in of_kind(found, K.DYE_AGAIN)] == [(uid(2), at(2026, 12, 8, 9))]
    assert [(w.about, w.facts) for w in of_kind(found, K.NO_DYE)] == [(uid(2), "2026-12-08")]
    assert [w.about for w in of_kind(found, K.WASH_AGAIN)] == [uid(1), uid(2)]
    assert [(w.about, w.due_at) for w in of_kind(found, K.NO_DYE_HALF)] == [(uid(2), at(2026, 11, 23, 9))]


def test_two_restrictions_without_a_free_day_between_them_bring_one_letter():
    found = letters(
        done=[session(1, MONDAY), session(2, date(2026, 10, 8))],
        rules=[replace(NO_DYE, ends=Span.parse("48 hours"))],
    )
    assert [(w.about, w.facts) for w in of_kind(found, K.DYE_AGAIN)] == [(uid(2), "2026-10-11")]


def test_a_session_that_is_only_booked_brings_no_aftercare():
    assert letters(booked=[session(1, MONDAY)]) == ()


def test_nine_in_the_morning_is_the_clinics_nine():
    new_york = ZoneInfo("America/New_York")
    found = letters(done=[session(1, MONDAY, zone=new_york)], zone=new_york)
    (again,) = of_kind(found, K.DYE_AGAIN)
    assert again.due_at == datetime(2026, 11, 3, 14, tzinfo=UTC)


def test_a_session_at_midnight_where_midnight_is_missing():
    cairo = ZoneInfo("Africa/Cairo")
    found = letters(done=[session(1, date(2026, 3, 26), time(23, 15), zone=cairo)], zone=cairo)
    (again,) = of_kind(found, K.DYE_AGAIN)
    assert (again.facts, again.due_at) == ("2026-04-24", datetime(2026, 4, 24, 6, tzinfo=UTC))


@st.composite
def courses_under_way(draw):
    zone = ZoneInfo(draw(st.sampled_from(["Africa/Cairo", "America/New_York", "Asia/Singapore", "Europe/Lisbon"])))
    day, found = draw(st.dates(date(2026, 1, 1), date(2028, 12, 31))), []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        clock = draw(st.sampled_from([time(9), time(14, 15), time(23, 15)]))
        found.append(session(number, day, clock, zone=zone))
        day += timedelta(days=draw(st.integers(7, 60)))
    split = draw(st.integers(0, len(found)))
    return zone, found[:split], found[split:]


@given(courses_under_way(), st.integers(0, 400))
def test_no_letter_ever_says_dye_while_dye_is_forbidden(course, hours):
    zone, done, booked = course
    periods = restrictions(RULES, [*done, *booked], zone=zone)
    for letter in of_kind(letters(done=done, booked=booked, zone=zone), K.DYE_AGAIN):
        moment = letter.due_at + timedelta(hours=hours)
        if moment < letter.useful_until:
            assert not [p for p in forbidden_at(periods, moment) if p.act == "dye"]


@given(courses_under_way())
def test_there_is_one_letter_per_kind_and_subject_and_the_clock_moves_none_of_them(course):
    zone, done, booked = course
    found = letters(done=done, booked=booked, zone=zone)
    assert len({(w.kind, w.about) for w in found}) == len(found)
    for letter in found:
        later_on = letters(done=done, booked=booked, zone=zone, now=letter.due_at + timedelta(minutes=5))
        assert set(later_on) <= set(found)


# --- Reviews -------------------------------------------------------------------------------------------------------


def review(months, due, **changes):
    opens, closes = due - timedelta(weeks=2), due + timedelta(weeks=4)
    return ReviewFacts(uid(100 + months), months, due, opens, closes, **changes)


THIRD, SIXTH = review(3, date(2027, 1, 5)), review(6, date(2027, 4, 5))


def test_reviews_are_invited_to_two_weeks_ahead_and_once_more_when_nobody_came():
    assert letters(reviews=[review(0, MONDAY), THIRD, SIXTH]) == (
        Wanted(K.REVIEW_INVITATION, uid(103), at(2026, 12, 22, 9), at(2027, 1, 12, 9), "2027-01-05"),
        Wanted(K.REVIEW_OVERDUE, uid(103), at(2027, 1, 12, 9), at(2027, 2, 4, 9), "2027-01-05"),
        Wanted(K.REVIEW_INVITATION, uid(106), at(2027, 3, 22, 9), at(2027, 4, 12, 9), "2027-04-05"),
        Wanted(K.REVIEW_OVERDUE, uid(106), at(2027, 4, 12, 9), at(2027, 5, 5, 9), "2027-04-05"),
    )


def test_where_nobody_nudges_the_invitation_stays_open_longer():
    (invitation,) = letters(reviews=[THIRD], times=LetterTimes({K.REVIEW_OVERDUE: KindTimes(False)}))
    assert invitation.useful_until == at(2027, 2, 4, 9)


@pytest.mark.parametrize("fact", ["decided", "booked", "estimated"])
def test_no_invitation_to_what_is_settled_or_only_estimated(fact):
    found = letters(reviews=[replace(THIRD, **{fact: True}), SIXTH])
    assert {letter.about for letter in found} == {uid(106)}


def test_an_older_invitation_ends_when_a_newer_is_due():
    soon_after = review(4, date(2027, 1, 20))
    first, second, _ = letters(reviews=[THIRD, soon_after])
    assert first.useful_until == second.due_at == at(2027, 1, 6, 9)
    assert second.about == soon_after.id, "the older review is not nudged about any more"


def test_a_booster_is_invited_to_three_weeks_before_its_best_day():
    booster = BoosterFacts(uid(9), target=date(2027, 8, 2), latest=date(2027, 9, 2))
    assert letters(boosters=[booster]) == (
        Wanted(K.BOOSTER_DUE, uid(9), at(2027, 7, 12, 9), at(2027, 9, 2, 9), "2027-08-02"),
    )


# --- Policy --------------------------------------------------------------------------------------------------------


def test_every_kind_has_a_policy_and_what_allows_something_or_nudges_asks_in_doubt():
    assert set(KIND_POLICY) == set(K)
    asks = {kind for kind in K if KIND_POLICY[kind].in_doubt is Doubt.ASK}
    assert asks == {K.WASH_AGAIN, K.DYE_AGAIN, K.MEDICINE_AGAIN, K.REVIEW_OVERDUE}
    reviews = {kind for kind in K if KIND_POLICY[kind].group is LetterGroup.REVIEWS}
    assert reviews == {K.REVIEW_INVITATION, K.REVIEW_OVERDUE, K.BOOSTER_DUE}


def test_waiting_grows_to_six_hours():
    minutes = [backoff(attempt) / timedelta(minutes=1) for attempt in range(1, 9)]
    assert minutes == [1, 5, 15, 60, 240, 360, 360, 360]
