"""When letters may leave, how many, and which of a patient's many goes first. Plain arithmetic, told the time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from plans.rules.letter_kinds import LetterKind

FAILURES_IN_A_ROW = 5
LEFT_ALONE = timedelta(minutes=5)
# One letter tries; the others wait as long as one try may take at most, so that a probe that died is tried again.
ONE_PROBE = timedelta(minutes=2)

LONG_AWAY = timedelta(days=7)
CLOCK_SLACK = timedelta(hours=1)
CLOSE_TOGETHER = timedelta(minutes=10)
# What may come due within one tick without anybody having erred: the nine o'clock letters. A day on which a clinic
# treated sixty people puts all their letters of one kind on one minute, also when hardly any others are open any more.
# So a small number is never a surge, whatever its share; and the largest clinics, with a few thousand letters at nine,
# have a hundred times as many planned. What is left are due times rewritten in bulk: by a script, or by wrong data.
SURGE_FROM = 500
SURGE_SHARE = 0.25

LATE = timedelta(minutes=15)
APART = timedelta(hours=1)
# Reminders of one appointment say the same: when the later one is due as well, the earlier one need not go.
_LADDER = (LetterKind.WEEK_REMINDER, LetterKind.SESSION_REMINDER, LetterKind.DAY_REMINDER)

_OURS_TO_MEND = re.compile(
    r"\b53[0458]\b|\b5\.7\.\d|certificate|secure connection|no TLS|no login|password|authenticat|credential", re.I
)


@dataclass(frozen=True, slots=True)
class Tick:
    """What is known when a turn begins. `surge`: letters planned before the last tick that came due since;
    `open_letters`: all that are planned, counted only as far as it matters."""

    now: datetime
    last: datetime | None
    any_due: bool
    surge: int = 0
    open_letters: int = 0


@dataclass(frozen=True, slots=True)
class Breaker:
    """The connection's recent luck. Closed: the mail server is left alone."""

    failures: int = 0
    closed_until: datetime | None = None

    def is_closed(self, now: datetime) -> bool:
        # A clock set back must not close it for hours.
        return self.closed_until is not None and now < self.closed_until <= now + LEFT_ALONE

    @property
    def is_tripped(self) -> bool:
        return self.failures >= FAILURES_IN_A_ROW

    def after_failure(self, now: datetime) -> Breaker:
        failures = min(self.failures + 1, 1000)
        return Breaker(failures, now + LEFT_ALONE if failures >= FAILURES_IN_A_ROW else None)

    def while_probing(self, now: datetime) -> Breaker:
        return Breaker(self.failures, now + ONE_PROBE)


@dataclass(frozen=True, slots=True)
class DueLetter:
    id: UUID
    kind: LetterKind
    about: UUID
    due_at: datetime
    useful_until: datetime


@dataclass(frozen=True, slots=True)
class Queue:
    """One patient's letters after an outage. `goes`: at most one, now. `later`: when each other one is due instead.
    `needless`: a newer one about the same appointment says it better."""

    goes: UUID | None
    later: tuple[tuple[UUID, datetime], ...]
    needless: tuple[UUID, ...]


def why_hold(tick: Tick) -> str:
    """Why nothing may leave until a human has looked; "" when all is as it should be.

    Three days without a tick are no reason: what is useless by then expires, and the rest is still true.
    """
    if tick.last is None:
        return ""
    away = tick.now - tick.last
    if away < -CLOCK_SLACK:
        return f"the clock is {_words(-away)} behind the last tick"
    if away > LONG_AWAY and tick.any_due:
        return f"no tick for {_words(away)}: the program was off, or the clock was put forward"
    if timedelta(0) <= away <= CLOSE_TOGETHER and is_surge(tick.surge, tick.open_letters):
        return f"{tick.surge} letters planned long before came due within {_words(away)}"
    return ""


def is_surge(count: int, open_letters: int) -> bool:
    return count > SURGE_FROM and count > SURGE_SHARE * open_letters


def left_in_minute(now: datetime, began: datetime | None, count: int, limit: int) -> int:
    """Return how many letters this minute of the clock still allows."""
    return limit if began != minute_of(now) else max(0, limit - count)


def minute_of(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)


def needs_a_hand(trouble: str) -> bool:
    """Whether what the mail server said will not pass by itself: our password, our certificate, our right to send."""
    return bool(_OURS_TO_MEND.search(trouble))


def queue_up(letters: Sequence[DueLetter], *, now: datetime, free_at: datetime | None) -> Queue:
    """Put one patient's due letters an hour apart, the soonest useless first.

    `free_at`: when an hour has passed since the patient's last letter; None or past means now.
    """
    needless = _needless(letters)
    urgent = sorted((one for one in letters if one.id not in needless), key=lambda one: (one.useful_until, one.due_at))
    turn = free_at if free_at and free_at > now else now
    goes, later = None, []
    for one in urgent:
        if turn == now:
            goes = one.id
        elif turn < one.useful_until:
            later.append((one.id, turn))
        else:
            # It will be useless when its turn comes. It keeps that hour, and expires there by itself.
            later.append((one.id, one.useful_until))
            continue
        turn += APART
    return Queue(goes, tuple(later), tuple(one.id for one in letters if one.id in needless))


def _needless(letters: Sequence[DueLetter]) -> frozenset[UUID]:
    top: dict[UUID, int] = {}
    for one in letters:
        if one.kind in _LADDER:
            top[one.about] = max(top.get(one.about, 0), _LADDER.index(one.kind))
    return frozenset(one.id for one in letters if one.kind in _LADDER and _LADDER.index(one.kind) < top[one.about])


def _words(span: timedelta) -> str:
    minutes = max(1, round(span.total_seconds() / 60))
    if minutes < 120:
        return f"{minutes} minute{'s' * (minutes != 1)}"
    hours = round(minutes / 60)
    return f"{hours} hours" if hours < 48 else f"{round(hours / 24)} days"
