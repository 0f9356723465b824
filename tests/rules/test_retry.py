"""How long a refused letter waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plans.rules.retry import wait_before_retry

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("status", "minutes"), [("4.7.1", (1, 5, 15, 60, 240, 360, 360)), ("4.2.2", (60, 240, 360))])
def test_each_wait_is_its_step_and_at_most_a_fifth_more_or_less(status: str, minutes: tuple[int, ...]) -> None:
    for attempt, step in enumerate(minutes, start=1):
        waits = [wait_before_retry(attempt, status, seed) for seed in range(0, 1000, 37)]
        assert step * 0.8 * MINUTE <= min(waits) < max(waits) <= step * 1.2 * MINUTE


def test_a_greylisting_server_sees_two_tries_within_a_quarter_of_an_hour() -> None:
    assert all(wait_before_retry(1, "", s) + wait_before_retry(2, "", s) < 15 * MINUTE for s in range(1000))
