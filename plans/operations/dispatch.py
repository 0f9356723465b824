"""The dispatcher: whatever is due goes out. Harmless when it runs twice, late, or not at all for days."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clinic.post import Post
from plans.models import Reminder
from plans.operations.batch import ForBatch, prepare
from plans.operations.claim import claim_due, expire_useless, sweep
from plans.operations.clerk import Clerk
from plans.operations.handoff import Compose, Composed, Letter
from plans.operations.lines import Lines, send_on_one
from plans.operations.outbox import close_reminder, resend
from plans.operations.postroom import (
    Turn,
    close_turn,
    connection_failed,
    connection_worked,
    open_turn,
    put_off_crowded,
)
from plans.rules.states import ReminderState

__all__ = [
    "Composed",
    "claim_due",
    "close_reminder",
    "deliver_due",
    "expire_useless",
    "resend",
    "sweep",
]

logger = logging.getLogger(__name__)

CLAIMED_AT_ONCE = 200
# With the hard limit of one mail this stays under the lease: a claim's last letter begins while the row is still ours.
ONE_TURN = timedelta(seconds=50)


def deliver_due(
    *,
    now: Callable[[], datetime],
    post_factory: Callable[[], Post],
    compose: Compose | None = None,
    for_batch: ForBatch | None = None,
    limit: int = 200,
    lines: int = 1,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Counter[str]:
    """Send what is due, at most `limit` letters or a turn of 50 seconds. Return how many rows ended in each state.

    `compose` writes one letter; `for_batch` does the same for many at once. Over `lines` connections, each opened once
    by `post_factory`. It stops early when the fault is ours: hammering a server that refuses us helps nobody, and the
    next tick tries again.
    """
    began = now()
    turn = open_turn(now=began)
    ends: Counter[str] = Counter()
    if turn.is_held:
        return ends
    sweep(now=began)
    if expired := expire_useless(now=began):
        ends[ReminderState.EXPIRED] += expired
    if not turn.may_send:
        return ends
    put_off_crowded(now=began)
    round_ = _Round(
        turn=turn,
        now=now,
        began=began,
        left=min(limit, turn.allowance),
        for_batch=for_batch or (lambda _: _given(compose)),
        is_stopping=is_stopping,
        ends=ends,
    )
    if Reminder.objects.due(began).exists():
        _send(round_, post_factory, lines)
    close_turn(now=now(), sent=round_.clerk.sent, turn=turn)
    return ends


def _given(compose: Compose | None) -> Compose:
    if compose is None:
        raise ValueError("Letters need somebody who writes them.")
    return compose


@dataclass(slots=True, kw_only=True)
class _Round:
    """One turn: what it may send, until when, and what became of it."""

    turn: Turn
    now: Callable[[], datetime]
    began: datetime
    left: int
    for_batch: ForBatch
    is_stopping: Callable[[], bool]
    ends: Counter[str]
    clerk: Clerk = field(init=False)

    def __post_init__(self) -> None:
        self.clerk = Clerk(self.now, self.ends)

    def is_over(self) -> bool:
        return self.is_stopping() or self.now() - self.began >= ONE_TURN

    def letters(self) -> Iterator[Letter | None]:
        """Claim, look at the world and write, as long as there is something due and time left."""
        while self.left > 0 and not self.is_over():
            at = self.now()
            rows = claim_due(now=at, limit=min(self.left, CLAIMED_AT_ONCE), urgent_first=self.turn.is_late)
            if not rows:
                return
            self.left -= len(rows)
            self.clerk.answers_for(rows)
            yield None
            yield from prepare(rows, now=at, for_batch=self.for_batch, ends=self.ends)


def _send(round_: _Round, post_factory: Callable[[], Post], lines: int) -> None:
    clerk, letters = round_.clerk, round_.letters()
    try:
        if lines > 1:
            Lines(post_factory, letters, clerk, most=lines, is_over=round_.is_over).send()
        else:
            send_on_one(post_factory, letters, clerk, is_over=round_.is_over)
    finally:
        clerk.give_back()
    if clerk.has_worked:
        connection_worked(now=round_.now())
    if clerk.trouble:
        connection_failed(now=round_.now(), reason=clerk.trouble.text or str(clerk.trouble.code))
    if clerk.broken:
        raise clerk.broken
