"""Whether letters may leave now, and how many: asked before every turn by whoever sends.

Held: a human has to look first. Closed: the mail server is left alone for a while. Both stand in one row, so that all
dispatchers of the house obey the same word.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import record
from plans.models import Postroom, Reminder
from plans.operations.crowd import put_off_crowded
from plans.operations.postroom_mark import Mark, read_mark, this_house, write_mark
from plans.operations.postroom_row import lock_postroom
from plans.rules.happened import Happened
from plans.rules.postroom import (
    CLOSE_TOGETHER,
    LATE,
    SURGE_FROM,
    SURGE_SHARE,
    Breaker,
    Tick,
    left_in_minute,
    minute_of,
    why_hold,
)
from plans.rules.states import ReminderState

__all__ = [
    "Turn",
    "close_turn",
    "connection_failed",
    "connection_worked",
    "hold_now",
    "lock_postroom",
    "open_turn",
    "put_off_crowded",
]

NO_LIMIT = 1_000_000
# Beside those due at the start: what the sweep finds, and what comes due meanwhile.
SPARE = 100
LONGEST_WHY = 200


@dataclass(frozen=True, slots=True)
class Turn:
    """What a dispatcher may do now. `is_held`: touch nothing at all, for the clock itself may be wrong.

    `is_late`: letters have waited for over a quarter of an hour, so the soonest useless should go first.
    """

    may_send: bool
    allowance: int
    why: str = ""
    is_held: bool = False
    is_late: bool = False


@transaction.atomic
def open_turn(*, now: datetime) -> Turn:
    """Count a turn and say what it may do. Holds the letters by itself when something is badly out of order."""
    row = lock_postroom()
    mark = read_mark()
    house = this_house()
    ahead = mark if mark and mark.house == house and mark.serial > row.serial else None
    if row.held_since is None and (why := _restored(row, ahead) or why_hold(_tick(row, now))):
        hold_now(row, why=why, by=None, now=now)
    row.serial = max(row.serial, ahead.serial if ahead else 0) + 1
    row.last_tick_at = now
    turn = _turn(row, now)
    row.save()
    # After the commit: a mark must never be ahead of the database it speaks of.
    transaction.on_commit(partial(write_mark, Mark(row.serial, now, house)))
    return turn


@transaction.atomic
def close_turn(*, now: datetime, sent: int, turn: Turn | None = None) -> None:
    """Say what has left. With the `turn`, what it did not use is free again for others in the same minute."""
    if not sent and not turn:
        return
    row = lock_postroom()
    if turn and settings.MAIL_PER_MINUTE and row.minute_began == minute_of(now):
        row.minute_count = max(0, row.minute_count - max(0, turn.allowance - sent))
    if sent:
        # A backup from the middle of the turn would not know these letters: it has to count as older than they are.
        row.serial += 1
        transaction.on_commit(partial(write_mark, Mark(row.serial, now, this_house())))
    row.save(update_fields=["minute_count", "serial"])


@transaction.atomic
def connection_failed(*, now: datetime, reason: str) -> None:
    """The mail server could not be used, through no fault of a letter. Five times in a row, and it is left alone."""
    row = lock_postroom()
    breaker = _breaker(row).after_failure(now)
    row.failures, row.closed_until = breaker.failures, breaker.closed_until
    row.trouble = reason[:LONGEST_WHY]
    row.save(update_fields=["failures", "closed_until", "trouble"])


def connection_worked(*, now: datetime) -> None:
    """It took a letter, or refused one for the letter's own sake. Cheap when there was no trouble."""
    troubled = Postroom.objects.filter(pk=1, failures__gt=0)
    if troubled.exists():
        troubled.update(failures=0, closed_until=None, trouble="")


def hold_now(row: Postroom, *, why: str, by: Staff | None, now: datetime, by_name: str = "") -> None:
    """Nothing leaves from here on. The caller holds the row's lock and saves it."""
    row.held_since, row.hold_reason = now, why[:LONGEST_WHY]
    row.released_at = row.released_by = None
    record(Happened.LETTERS_HELD, about=row, by=by, by_name=by_name, now=now, reason=row.hold_reason)


def _turn(row: Postroom, now: datetime) -> Turn:
    if row.held_since:
        return Turn(False, 0, f"held: {row.hold_reason}", is_held=True)
    breaker = _breaker(row)
    if breaker.is_closed(now):
        return Turn(False, 0, f"the mail server is left alone for a while: {row.trouble}")
    is_late = Reminder.objects.due(now - LATE).filter(planned_at__lt=now - LATE).exists()
    allowance = _reserve(row, now, most=1 if breaker.is_tripped else NO_LIMIT)
    if not allowance:
        return Turn(False, 0, "this minute's letters have left", is_late=is_late)
    if breaker.is_tripped:
        row.closed_until = breaker.while_probing(now).closed_until
        return Turn(True, allowance, "one letter tries whether the mail server is back", is_late=is_late)
    return Turn(True, allowance, is_late=is_late)


def _reserve(row: Postroom, now: datetime, *, most: int) -> int:
    limit = settings.MAIL_PER_MINUTE
    if not limit:
        return most
    left = left_in_minute(now, row.minute_began, row.minute_count, limit)
    if row.minute_began != minute_of(now):
        row.minute_began, row.minute_count = minute_of(now), 0
    wanted = Reminder.objects.due(now).order_by()[:left].count() + SPARE
    taken = min(left, wanted, most)
    row.minute_count += taken
    return taken


def _breaker(row: Postroom) -> Breaker:
    return Breaker(row.failures, row.closed_until)


def _restored(row: Postroom, ahead: Mark | None) -> str:
    if ahead is None:
        return ""
    return f"the database is older than this machine remembers: turn {row.serial} of {ahead.serial}, a backup put back"


def _tick(row: Postroom, now: datetime) -> Tick:
    due = Reminder.objects.due(now).order_by()
    if row.last_tick_at is None:
        return Tick(now, None, any_due=False)
    if not row.last_tick_at < now <= row.last_tick_at + CLOSE_TOGETHER:
        return Tick(now, row.last_tick_at, any_due=due.exists())
    # Never tried and not put off: retries and what an outage left behind come in crowds, as they should.
    fresh = due.filter(due_at__gt=row.last_tick_at, planned_at__lt=row.last_tick_at, attempt=0, state_reason="")
    surge = fresh.count()
    planned = Reminder.objects.filter(state=ReminderState.PLANNED).order_by()
    enough = int(surge / SURGE_SHARE) + 1
    open_letters = planned[:enough].count() if surge > SURGE_FROM else 0
    return Tick(now, row.last_tick_at, any_due=surge > 0, surge=surge, open_letters=open_letters)
