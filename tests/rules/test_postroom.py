"""When letters may leave, how many, and in which order: promises of plain arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.rules.letter_kinds import LetterKind
from plans.rules.postroom import (
    APART,
    Breaker,
    DueLetter,
    Tick,
    is_surge,
    left_in_minute,
    needs_a_hand,
    queue_up,
    why_hold,
)

NOW = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
LADDER = [LetterKind.WEEK_REMINDER, LetterKind.SESSION_REMINDER, LetterKind.DAY_REMINDER]

letters = st.lists(
    st.builds(
        DueLetter,
        id=st.uuids(),
        kind=st.sampled_from([*LADDER, LetterKind.NO_DYE, LetterKind.APPOINTMENT_BOOKED]),
        about=st.sampled_from([UUID(int=1), UUID(int=2)]),
        due_at=st.integers(0, 72).map(lambda hours: NOW - hours * HOUR),
        useful_until=st.integers(1, 600).map(lambda minutes: NOW + minutes * MINUTE),
    ),
    max_size=8,
    unique_by=lambda one: one.id,
)


@given(letters, st.integers(-90, 60).map(lambda minutes: NOW + minutes * MINUTE))
def test_a_queue_loses_nothing_and_sends_one_an_hour_the_soonest_useless_first(found, free_at):
    queue = queue_up(found, now=NOW, free_at=free_at)
    by_id = {one.id: one for one in found}
    kept = [*([queue.goes] if queue.goes else []), *(pk for pk, _ in queue.later)]
    assert sorted([*kept, *queue.needless]) == sorted(by_id)

    hours = dict(queue.later)
    leaving = sorted([NOW] * bool(queue.goes) + [at for pk, at in hours.items() if at < by_id[pk].useful_until])
    assert all(after - before >= APART for before, after in pairwise(leaving))
    assert all(at >= free_at for at in leaving)
    assert all(at <= by_id[pk].useful_until for pk, at in hours.items())
    if queue.goes:
        assert by_id[queue.goes].useful_until == min(by_id[pk].useful_until for pk in kept)
    for pk in queue.needless:
        assert any(
            one.about == by_id[pk].about
            and one.kind in LADDER
            and LADDER.index(one.kind) > LADDER.index(by_id[pk].kind)
            for one in (by_id[pk] for pk in kept)
        )


@pytest.mark.parametrize(
    ("away", "word"),
    [
        (-1.5 * HOUR, "the clock is 90 minutes behind"),
        (-2 * HOUR, "the clock is 2 hours behind"),
        (-59 * MINUTE, ""),
        (3 * 24 * HOUR, ""),
        (7 * 24 * HOUR, ""),
        (7 * 24 * HOUR + MINUTE, "no tick for 7 days"),
        (400 * 24 * HOUR, "no tick for 400 days"),
    ],
)
def test_only_a_clock_set_back_or_a_week_without_a_tick_holds_the_letters(away, word):
    found = why_hold(Tick(NOW, NOW - away, any_due=True))
    assert found.startswith(word) if word else not found


def test_where_nothing_is_due_or_nothing_ever_ticked_there_is_nothing_to_hold():
    assert not why_hold(Tick(NOW, NOW - timedelta(days=400), any_due=False))
    assert not why_hold(Tick(NOW, None, any_due=True, surge=10_000, open_letters=10_000))


def test_only_a_large_part_of_all_letters_due_at_once_is_a_surge():
    assert why_hold(Tick(NOW, NOW - MINUTE, any_due=True, surge=501, open_letters=900)).startswith("501 letters")
    assert not is_surge(60, 60), "sixty treated on one day: all that is open may be due in one minute"
    assert not is_surge(3_000, 100_000), "the nine o'clock letters of a very large clinic"
    assert not why_hold(Tick(NOW, NOW - HOUR, any_due=True, surge=5_000, open_letters=5_000)), "an hour's backlog"


def test_five_failures_in_a_row_leave_the_server_alone_for_five_minutes():
    breaker = Breaker()
    for _ in range(4):
        breaker = breaker.after_failure(NOW)
        assert not breaker.is_closed(NOW)
    breaker = breaker.after_failure(NOW)
    assert breaker.is_closed(NOW)
    assert breaker.is_closed(NOW + 5 * MINUTE - timedelta(seconds=1))
    assert not breaker.is_closed(NOW + 5 * MINUTE)
    assert not breaker.is_closed(NOW - 2 * HOUR), "a clock set back does not close it for hours"
    assert breaker.while_probing(NOW + 5 * MINUTE).is_closed(NOW + 6 * MINUTE), "one probe at a time"


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 900)), max_size=30))
def test_no_minute_of_the_clock_allows_more_than_its_limit(asked):
    began, count, taken = None, 0, {}
    for seconds, wanted in sorted(asked):
        now = NOW + timedelta(seconds=seconds)
        minute = now.replace(second=0)
        some = min(wanted, left_in_minute(now, began, count, 600))
        began, count = minute, (count if began == minute else 0) + some
        taken[minute] = taken.get(minute, 0) + some
    assert all(count <= 600 for count in taken.values())


@pytest.mark.parametrize(
    ("trouble", "ours"),
    [
        ("535 5.7.8 Error: authentication failed", True),
        ("No secure connection: certificate verify failed", True),
        ("The server offers no TLS, so nothing was sent", True),
        ("Cannot connect: Connection refused", False),
        ("421 try again later", False),
        ("450 4.7.1 greylisted for 300 seconds", False),
    ],
)
def test_what_does_not_pass_by_itself_is_told_apart(trouble, ours):
    assert needs_a_hand(trouble) is ours
