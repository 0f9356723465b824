"""What becomes of one plan's copy of a changed rule, and what the change means for one patient."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.spans import Span, Unit
from plans.rules.care_change import (
    Fate,
    copy_in,
    fate,
    force_words,
    reach,
    rule_from_json,
    rule_to_json,
    settled,
    window_words,
    with_rule,
    write_copy,
)
from plans.rules.care_effect import begun_by_now, effect
from plans.rules.course import CareKind, CarePhase, CareRule, Course, Modality
from plans.rules.restrictions import Occasion, restrictions
from tests.operations.letter_cast import COURSE

SINGAPORE = ZoneInfo("Asia/Singapore")
NOW = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
NO_DYE = CareRule("no-dye", CarePhase.AFTER, CareKind.AVOID, "dye", "No dye.", "OWNER", ends=Span(4, Unit.WEEKS))
FIVE = replace(NO_DYE, ends=Span(5, Unit.WEEKS))
PRE = CareRule("no-chemical", CarePhase.PRE, CareKind.AVOID, "dye", "No dye.", "S3", starts=Span(1, Unit.WEEKS))
spans = st.none() | st.builds(Span, st.integers(0, 99), st.sampled_from(Unit))
rules = st.builds(
    replace, st.sampled_from(COURSE.care_rules), text=st.text(min_size=1, max_size=20), starts=spans, ends=spans,
    in_force=st.booleans(), ongoing=st.booleans(), modalities=st.sampled_from([(), (Modality.PRP,)]),
)  # fmt: skip


@given(rule=rules)
def test_a_rule_is_read_as_it_was_written(rule: CareRule) -> None:
    assert rule_from_json(rule_to_json(rule)) == rule


@given(rule=rules)
def test_a_written_course_changes_in_this_rule_and_in_nothing_else(rule: CareRule) -> None:
    written = COURSE.to_json()
    changed = write_copy(written, rule)
    assert copy_in(changed, rule.key) == rule
    assert Course.from_json(changed) == with_rule(COURSE, rule)
    assert written == COURSE.to_json(), "the course it came from is untouched"


def test_what_a_rule_is_about_stays_whatever_is_asked() -> None:
    asked = replace(FIVE, act="wash", modalities=(Modality.PRP,), conflicts_with="other", key="other")
    assert settled(NO_DYE, asked) == FIVE


@pytest.mark.parametrize(
    ("copy", "found"),
    [
        (NO_DYE, Fate.CHANGES),
        (FIVE, Fate.SAME),
        (replace(NO_DYE, ends=Span(6, Unit.WEEKS)), Fate.ADAPTED),
        (replace(NO_DYE, modalities=(Modality.PRP,)), Fate.ADAPTED),
        (None, Fate.ABSENT),
    ],
)
def test_a_copy_changes_only_when_it_says_what_the_house_said(copy: CareRule | None, found: Fate) -> None:
    assert fate(copy, {NO_DYE}, FIVE) is found


@given(copy=rules, wanted=rules)
def test_what_has_changed_once_says_so_afterwards(copy: CareRule, wanted: CareRule) -> None:
    assert fate(settled(copy, wanted), {copy}, wanted) is Fate.SAME


def test_how_long_a_rule_reaches_is_never_too_short() -> None:
    assert reach([NO_DYE, FIVE]) >= timedelta(weeks=5)
    assert reach([replace(NO_DYE, ends=Span(2, Unit.MONTHS))]) >= timedelta(days=62)
    assert reach([PRE, replace(NO_DYE, ends=None)]) == timedelta(0)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (NO_DYE, "for 4 weeks after the session"),
        (replace(NO_DYE, starts=Span(2, Unit.DAYS)), "from 2 days to 4 weeks after the session"),
        (replace(NO_DYE, ends=None), "from the session on; no end is set"),
        (replace(NO_DYE, ends=None, ongoing=True), "from the session on, for good"),
        (replace(NO_DYE, ends=None, starts=Span(1, Unit.DAYS), ongoing=True), "from 1 day after the session, for good"),
        (PRE, "from 1 week before the session"),
        (replace(PRE, starts=None), "from booking to the session"),
        (replace(PRE, starts=Span(0, Unit.DAYS)), "on the day of the session"),
        (replace(PRE, ends=Span(1, Unit.DAYS)), "from 1 week to 1 day before the session"),
    ],
)
def test_a_window_reads_as_people_say_it(rule: CareRule, words: str) -> None:
    assert window_words(rule) == force_words(rule) == words
    assert force_words(replace(rule, in_force=False)) == "not in force"


def held(number: int, day: date, *, certain: bool = True) -> Occasion:
    """From 14:00 to 15:00 in Singapore."""
    starts = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
    return Occasion(number, starts, starts + timedelta(hours=1), (Modality.EXOSOME,), certain)


def moved(old: CareRule, new: CareRule, *occasions: Occasion, others: tuple[CareRule, ...] = ()) -> tuple[str, ...]:
    before, after = (restrictions([rule, *others], occasions, zone=SINGAPORE) for rule in (old, new))
    return effect("dye", before, after, occasions, zone=SINGAPORE, now=NOW).words


FIRST = held(1, date(2026, 9, 28))


def test_a_date_that_moves_is_said_with_both_days() -> None:
    assert moved(NO_DYE, FIVE, FIRST) == ("No dyeing until Tue 27 Oct → Tue 3 Nov 2026",)
    assert moved(FIVE, NO_DYE, FIRST) == ("No dyeing until Tue 3 Nov → Tue 27 Oct 2026",)
    assert moved(NO_DYE, NO_DYE, FIRST) == ()


def test_a_rule_that_begins_or_ends_to_count_says_so() -> None:
    off = replace(NO_DYE, in_force=False)
    assert moved(off, NO_DYE, FIRST) == ("No dyeing from Mon 28 Sep 2026 until Tue 27 Oct 2026: that is new",)
    assert moved(NO_DYE, off, FIRST) == ("Dyeing allowed: not forbidden until Tue 27 Oct 2026 any more",)
    assert moved(NO_DYE, replace(NO_DYE, ends=None), FIRST) == ("No dyeing until Tue 27 Oct 2026 → no end",)


def test_what_is_over_is_not_spoken_of() -> None:
    over = held(1, date(2026, 8, 3))
    assert moved(NO_DYE, FIVE, over) == ()
    begun = held(1, date(2026, 10, 7))
    assert moved(PRE, replace(PRE, starts=Span(2, Unit.WEEKS)), begun) == (), "both began before today"


def test_two_periods_that_grow_together_are_one_that_moves() -> None:
    second = held(2, date(2026, 11, 4), certain=False)
    words = moved(NO_DYE, FIVE, FIRST, second, others=(PRE,))
    assert words == ("No dyeing until Tue 27 Oct → Thu 10 Dec 2026, as far as planned",)
    assert moved(FIVE, NO_DYE, FIRST, second, others=(PRE,)) == (
        "No dyeing until Thu 10 Dec → Tue 27 Oct 2026",
        "And none from Wed 28 Oct 2026 until Thu 3 Dec 2026, as far as planned",
    )


def test_only_sessions_that_lose_their_last_free_day_are_crowded() -> None:
    occasions = (FIRST, held(2, date(2026, 11, 5)), held(3, date(2026, 12, 30)))
    before, after = (restrictions([rule, PRE], occasions, zone=SINGAPORE) for rule in (NO_DYE, FIVE))
    assert effect("dye", before, after, occasions, zone=SINGAPORE, now=NOW).crowded == (2,)
    assert effect("dye", after, after, occasions, zone=SINGAPORE, now=NOW).crowded == ()
    assert effect("dye", after, before, occasions, zone=SINGAPORE, now=NOW).crowded == ()


@pytest.mark.parametrize(
    ("days", "certain", "found"), [(10, True, (1,)), (10, False, ()), (20, True, ()), (5, True, ())]
)
def test_care_begins_too_early_only_for_booked_sessions_it_reaches_now(
    days: int, certain: bool, found: tuple[int, ...]
) -> None:
    session = held(1, NOW.date() + timedelta(days=days), certain=certain)
    longer = replace(PRE, starts=Span(2, Unit.WEEKS))
    assert begun_by_now(PRE, longer, [session], zone=SINGAPORE, now=NOW) == found
