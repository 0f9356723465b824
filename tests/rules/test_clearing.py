"""What clears by itself clears on the day its source allows: never earlier, and for good."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.rules.clearing import (
    Found,
    Standing,
    clears_on,
    holding,
    standing,
    standing_words,
    why_not_last_on,
    why_not_recheck_on,
)
from patients.rules.contraindications import CONTRAINDICATIONS, Strength

MON = date(2026, 10, 5)
DAYS = st.dates(date(2020, 1, 1), date(2032, 12, 31))
FOUND = st.builds(
    Found, code=st.sampled_from(sorted(CONTRAINDICATIONS)), last_on=st.none() | DAYS, recheck_on=st.none() | DAYS
)


@pytest.mark.parametrize(
    ("code", "last_on", "clears"),
    [
        ("nsaid-recent", date(2026, 10, 5), date(2026, 10, 8)),
        ("systemic-steroid-recent", date(2026, 10, 5), date(2026, 10, 20)),
        ("steroid-injection-recent", date(2026, 10, 5), date(2026, 11, 6)),
        ("steroid-injection-recent", date(2026, 1, 31), date(2026, 3, 1)),
        ("steroid-injection-recent", date(2028, 1, 31), date(2028, 3, 1)),
        ("nsaid-recent", date(2026, 12, 30), date(2027, 1, 2)),
    ],
)
def test_it_clears_on_the_first_day_wholly_past_its_time(code, last_on, clears):
    found = Found(code, last_on=last_on)
    assert clears_on(found) == clears
    assert standing(found, clears - timedelta(days=1)) is Standing.HOLDS
    assert standing(found, clears) is Standing.CLEARED


def test_only_the_three_rows_with_a_time_clear_by_arithmetic():
    cleared = {code for code in CONTRAINDICATIONS if clears_on(Found(code, last_on=MON))}
    assert cleared == {"nsaid-recent", "steroid-injection-recent", "systemic-steroid-recent"}


def test_a_day_to_look_again_never_clears_by_itself():
    found = Found("pregnancy", recheck_on=MON)
    assert standing(found, MON - timedelta(days=1)) is Standing.HOLDS
    for day in (MON, date(2200, 1, 1)):
        assert standing(found, day) is Standing.LOOK_AGAIN
        assert holding([found], day) == {"pregnancy"}


@given(FOUND, DAYS, st.integers(0, 3000))
def test_once_cleared_stays_cleared(found, day, later):
    if standing(found, day) is Standing.CLEARED:
        assert standing(found, day + timedelta(days=later)) is Standing.CLEARED
    assert holding([found], day + timedelta(days=later)) <= holding([found], day)


@given(FOUND, DAYS)
def test_nothing_is_cleared_early(found, day):
    """At least the whole span lies between the end of the last day and the start of the first clear one."""
    if found.code in holding([found], day):
        return
    assert found.last_on is not None
    whole_days = (day - found.last_on).days - 1
    least = {"nsaid-recent": 2, "steroid-injection-recent": 28, "systemic-steroid-recent": 14}
    assert whole_days >= least[found.code]


@given(FOUND, DAYS, st.integers(0, 400))
def test_a_later_last_time_never_clears_earlier(found, day, later):
    if found.last_on is None:
        return
    newer = Found(found.code, last_on=found.last_on + timedelta(days=later), recheck_on=found.recheck_on)
    assert holding([found], day) <= holding([newer], day)


@given(FOUND, DAYS)
def test_what_is_absolute_or_has_no_day_always_counts(found, day):
    if CONTRAINDICATIONS[found.code].strength is Strength.ABSOLUTE or found.last_on is None:
        assert holding([found], day) == {found.code}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Found("nsaid-recent", last_on=MON), "It clears on Thu 8 Oct 2026."),
        (Found("nsaid-recent", last_on=date(2026, 10, 1)), "Cleared on Sun 4 Oct 2026."),
        (Found("nsaid-recent"), "It clears 48 hours after the last time, once that day is recorded."),
        (Found("pregnancy", recheck_on=date(2026, 11, 3)), "To be looked at again on Tue 3 Nov 2026."),
        (Found("pregnancy", recheck_on=MON), "It is time to look again: make a new assessment."),
        (Found("pregnancy"), "No day to look again is set."),
        (Found("exosome-allergy"), ""),
    ],
)
def test_how_it_stands_is_said_in_words(found, words):
    assert standing_words(found, MON) == words


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (Found("nsaid-recent", last_on=date(2026, 10, 6)), "cannot lie in the future"),
        (Found("nsaid-recent", last_on=date(1900, 1, 1)), "more than five years ago"),
        (Found("tobacco", last_on=MON), "No source says how long"),
        (Found("nsaid-recent", last_on=MON), ""),
        (Found("nsaid-recent"), ""),
    ],
)
def test_a_last_day_that_cannot_be_is_refused(found, fault):
    assert fault in why_not_last_on(found, MON)
    assert bool(fault) == bool(why_not_last_on(found, MON))


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        (Found("pregnancy", recheck_on=MON), "This day has come"),
        (Found("pregnancy", recheck_on=date(2200, 1, 1)), "more than three years ahead"),
        (Found("exosome-allergy", recheck_on=date(2026, 11, 3)), "does not pass"),
        (Found("pregnancy", recheck_on=date(2026, 10, 6)), ""),
        (Found("recent-fever", recheck_on=date(2026, 10, 6)), ""),
    ],
)
def test_a_day_to_look_again_that_cannot_be_is_refused(found, fault):
    assert fault in why_not_recheck_on(found, MON)
    assert bool(fault) == bool(why_not_recheck_on(found, MON))


def test_every_temporary_row_may_be_looked_at_again_and_no_absolute_one():
    for row in CONTRAINDICATIONS.values():
        if row.strength in (Strength.TEMPORARY, Strength.ABSOLUTE):
            assert row.may_recheck == (row.strength is Strength.TEMPORARY)
