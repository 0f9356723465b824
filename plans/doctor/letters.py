"""Do letters leave? Judged by the outcome: a worker that lives and does nothing is dead to whoever waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from clinic.pulse import other_beat
from plans.doctor.finding import Finding
from plans.models import Postroom, Reminder
from plans.queries.postroom import NO_TICK, Mood, state_of
from plans.rules.postroom import LATE
from plans.rules.states import ReminderState

STUCK = timedelta(minutes=10)
# So many refused addresses in one day are no chance: the account, the sender or a list is wrong.
MANY_FAILED = 20


def look_at_letters(now: datetime) -> Iterator[Finding]:
    found = state_of(now)
    row, oldest = found.row, found.oldest
    if row.held_since:
        yield Finding("held", f"Letters are held: {row.hold_reason}. Look at the postroom, then release them.")
    if found.mood in (Mood.CLOSED, Mood.REFUSED) or (row.failures and row.closed_until):
        yield Finding("breaker", f"The mail server fails ({row.failures} in a row): {row.trouble}.")
    yield from _ticks(row, oldest, now)
    if found.mood is Mood.LATE and oldest:
        yield Finding("overdue", f"A letter has been due for {_minutes(now - oldest)} and has not left.")
    yield from _rows(now, is_held=row.held_since is not None)
    if other_beat():
        yield Finding("two_beats", "Two beats are running. Harmless for letters, but one of them should not be there.")


def _ticks(row: Postroom, oldest: datetime | None, now: datetime) -> Iterator[Finding]:
    if row.last_tick_at is None:
        if oldest and oldest < now - LATE:
            yield Finding("tick", "Nothing has ever ticked, and letters are due: start the worker and the beat.")
    elif now - row.last_tick_at > NO_TICK:
        yield Finding(
            "tick", f"The last tick was {_minutes(now - row.last_tick_at)} ago: the beat or the worker is dead."
        )


def _rows(now: datetime, *, is_held: bool) -> Iterator[Finding]:
    leased = Reminder.objects.filter(state__in=(ReminderState.CLAIMED, ReminderState.HANDED_OFF))
    stuck = leased.filter(lease_until__lt=now - STUCK).order_by().count()
    if stuck and not is_held:
        yield Finding("stuck", f"{stuck} letters are in nobody's hands any more and were not taken up again.")
    waiting = Reminder.objects.waiting_for_a_human().order_by()
    if unknown := waiting.filter(state=ReminderState.UNKNOWN).count():
        yield Finding("unknown", f"Of {unknown} letters nobody knows whether they arrived: look at the outbox.")
    if failed := waiting.filter(state=ReminderState.FAILED).count():
        lately = waiting.filter(state=ReminderState.FAILED, due_at__gt=now - timedelta(days=1)).count()
        words = f"{failed} letters failed and wait in the outbox, {lately} of them since yesterday."
        yield Finding("failed", words, is_fault=lately > MANY_FAILED)


def _minutes(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    return f"{minutes} minutes" if minutes < 120 else f"{round(minutes / 60)} hours"
