"""How long somebody waits, when numbing cream is due, and what follows from staying away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from plans.rules.no_shows import is_phoned_before, no_show_words, ordinal, phone_words
from plans.rules.numbing import Numb, numbing
from plans.rules.states import AppointmentState
from plans.rules.waiting_time import span_words, spell

SINGAPORE = ZoneInfo("Asia/Singapore")
STARTS = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # 10:00 in Singapore
ENDS = STARTS + timedelta(minutes=45)


def at(minutes: int) -> datetime:
    """So many minutes from the start."""
    return STARTS + timedelta(minutes=minutes)


def cream(now: int, since: int | None = None) -> tuple[Numb, str] | None:
    numbed_at = None if since is None else at(since)
    found = numbing(starts=STARTS, numbed_at=numbed_at, now=at(now), zone=SINGAPORE)
    return (found.state, found.sentence) if found else None


@pytest.mark.parametrize(
    ("now", "since", "state", "words"),
    [
        (-60, None, Numb.TO_DO, "Numbing cream: apply it between 09:00 and 09:30."),
        (-30, None, Numb.TO_DO, "Numbing cream: apply it between 09:00 and 09:30."),
        (-29, None, Numb.LATE, "Numbing cream is not on yet: applied now, it works from 10:01."),
        (20, None, Numb.LATE, "Numbing cream is not on yet: applied now, it works from 10:50."),
        (-54, -55, Numb.SOON, "Numbing cream since 09:05, works from 09:35."),
        (-25, -55, Numb.WORKS, "Numbing cream since 09:05: it works, begin by 10:05."),
        (5, -55, Numb.WORKS, "Numbing cream since 09:05: it works, begin by 10:05."),
        (6, -55, Numb.OVER, "Numbing cream since 09:05: too long ago, more than 60 minutes. The clinician decides."),
    ],
)
def test_the_cream_is_due_an_hour_to_half_an_hour_before_and_works_as_long(
    now: int, since: int | None, state: Numb, words: str
) -> None:
    assert cream(now, since) == (state, words)


def test_before_its_hour_nothing_is_said_of_the_cream() -> None:
    assert cream(-61) is None


@pytest.mark.parametrize(
    ("now", "since", "asks"), [(-60, None, True), (0, None, True), (0, -10, False), (0, -61, True)]
)
def test_only_a_cream_that_is_missing_or_spent_is_to_be_checked(now: int, since: int | None, asks: bool) -> None:
    numbed_at = None if since is None else at(since)
    found = numbing(starts=STARTS, numbed_at=numbed_at, now=at(now), zone=SINGAPORE)
    assert found is not None and found.is_to_check == asks


def passing(state: AppointmentState, now: int, arrived: int = 0, began: int = 0) -> tuple[str, bool] | None:
    found = spell(state, starts=STARTS, ends=ENDS, arrived_at=at(arrived), began_at=at(began), now=at(now))
    return (found.words, found.is_long) if found else None


@pytest.mark.parametrize(
    ("state", "now", "arrived", "words", "is_long"),
    [
        (AppointmentState.BOOKED, 8, 0, "late 8 min", False),
        (AppointmentState.CONFIRMED, 15, 0, "late 15 min", False),
        (AppointmentState.BOOKED, 16, 0, "late 16 min: phone", True),
        (AppointmentState.ARRIVED, -10, -40, "here 30 min, early", False),
        (AppointmentState.ARRIVED, 12, -40, "waits 12 min", False),
        (AppointmentState.ARRIVED, 15, 0, "waits 15 min", False),
        (AppointmentState.ARRIVED, 16, 0, "waits 16 min: too long", True),
        (AppointmentState.ARRIVED, 20, 10, "waits 10 min", False),
        (AppointmentState.IN_TREATMENT, 25, 0, "in treatment 25 min", False),
        (AppointmentState.IN_TREATMENT, 61, 0, "in treatment 1 h 01 min, 16 min over", True),
    ],
)
def test_waiting_counts_from_the_hour_and_too_long_has_its_own_word(
    state: AppointmentState, now: int, arrived: int, words: str, is_long: bool
) -> None:
    assert passing(state, now, arrived) == (words, is_long)


@pytest.mark.parametrize("state", [AppointmentState.DONE, AppointmentState.NO_SHOW, AppointmentState.CANCELLED])
def test_nothing_passes_once_it_is_over(state: AppointmentState) -> None:
    assert passing(state, 90) is None


def test_who_is_expected_later_is_not_late() -> None:
    assert passing(AppointmentState.BOOKED, 0) is None
    assert passing(AppointmentState.BOOKED, 1) == ("late 1 min", False)


def test_minutes_are_whole_and_never_negative() -> None:
    assert span_words(timedelta(seconds=119)) == "1 min"
    assert span_words(timedelta(minutes=-3)) == "0 min"
    assert span_words(timedelta(minutes=125)) == "2 h 05 min"


def test_from_the_second_no_show_the_desk_phones_the_day_before() -> None:
    assert [is_phoned_before(count) for count in (0, 1, 2, 5)] == [False, False, True, True]
    assert phone_words(2) == "Phone the day before (2 no-shows)"
    assert no_show_words(2) == "2nd no-show in 12 months"


@pytest.mark.parametrize(
    ("number", "word"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (12, "12th"), (21, "21st")]
)
def test_counting_as_people_do(number: int, word: str) -> None:
    assert ordinal(number) == word
