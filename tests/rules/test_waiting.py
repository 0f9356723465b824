from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from plans.rules.states import AppointmentState
from plans.rules.waiting import FreedTime, freed_time, holds_until, is_free_to_offer

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TEN = datetime(2026, 10, 5, 10, tzinfo=UTC)
FREED = FreedTime(UUID(int=1), None, TEN, TEN + HOUR)


@pytest.mark.parametrize(
    ("now", "begins"),
    [
        (TEN - DAY, TEN),
        (TEN, TEN),
        (TEN + MINUTE, TEN + 5 * MINUTE),
        (TEN + 5 * MINUTE, TEN + 5 * MINUTE),
        (TEN + 52 * MINUTE, TEN + 55 * MINUTE),
    ],
)
def test_what_is_left_begins_on_a_round_minute_and_never_in_the_past(now: datetime, begins: datetime):
    left = freed_time(FREED, now)
    assert (left.starts, left.ends) == (begins, FREED.ends)


@pytest.mark.parametrize("late", [56 * MINUTE, HOUR, DAY])
def test_of_a_time_that_is_over_nothing_is_left(late: timedelta):
    assert freed_time(FREED, TEN + late) is None


def test_an_offer_holds_a_day_or_until_two_hours_before():
    assert holds_until(TEN, TEN - 3 * DAY) == TEN - 2 * DAY
    assert holds_until(TEN, TEN - 5 * HOUR) == TEN - 2 * HOUR
    assert holds_until(TEN, TEN - 2 * HOUR - 30 * MINUTE) == TEN - 2 * HOUR
    assert holds_until(TEN, TEN - 2 * HOUR - 29 * MINUTE) is None


def test_only_what_was_given_up_or_missed_is_free():
    free = {state for state in AppointmentState if is_free_to_offer(state)}
    assert free == {AppointmentState.CANCELLED, AppointmentState.NO_SHOW}
