"""How long a letter waits after the mail server refused it for now."""

from __future__ import annotations

from datetime import timedelta

from plans.rules.reminders import backoff

# A full mailbox is not emptied within minutes: such a letter skips the short waits.
_FULL = "4.2.2"
_SHORT_WAITS = 3


def wait_before_retry(attempt: int, enhanced: str, seed: int) -> timedelta:
    """Return the wait after the `attempt`-th try, from 1, by what the server's enhanced status ("4.2.2") says.

    1, 5, 15, 60, 240 minutes, then 6 hours: a greylisting server sees two tries within a quarter of an hour. A fifth
    more or less by `seed`, so that letters refused together do not come back together.
    """
    wait = backoff(attempt + (_SHORT_WAITS if enhanced == _FULL else 0))
    return wait * (0.8 + 0.4 * (seed % 1000) / 1000)
