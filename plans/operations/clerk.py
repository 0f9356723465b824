"""One clerk writes everything about letters on their way, for all connections: what waits is one transaction.

Only its own thread calls it, for the database is that thread's.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection

from clinic.post import Outcome, OutcomeKind
from plans.models import Reminder
from plans.operations.claim import give_back
from plans.operations.handoff import Letter, mark_leaving, settle
from plans.operations.marks import write_sent
from plans.operations.pen import Pen, one_transaction
from plans.rules.states import ReminderState

logger = logging.getLogger(__name__)

# A database that restarts is back within seconds. What is known about letters must not be forgotten meanwhile, or it
# would be in doubt; the lease ends later than this.
PATIENCE = 30.0
BREATH = 0.25

Done = tuple[Letter, Outcome]
Written = TypeVar("Written", bool, list[bool])


class Clerk:
    def __init__(self, now: Callable[[], datetime], ends: Counter[str]) -> None:
        self._now, self._ends = now, ends
        self._kept: list[Done] = []
        self._claimed: list[Reminder] = []
        self.broken: BaseException | None = None
        self.trouble: Outcome | None = None
        self.has_worked = False
        self.sent = 0

    def answers_for(self, rows: Sequence[Reminder]) -> None:
        """Rows that are claimed for this turn: what becomes of none of them is given back at its end."""
        self._claimed = [row for row in self._claimed if row.state == ReminderState.CLAIMED] + list(rows)

    def may_leave(self, letter: Letter) -> bool:
        """Write the mark that it leaves, together with what was kept back since the last one."""
        return self.write([], [letter])[0]

    def note(self, letter: Letter, outcome: Outcome) -> None:
        """Keep "sent" for the transaction of the next mark; anything else is written at once."""
        self._kept.append((letter, outcome))
        if outcome.kind is not OutcomeKind.SENT:
            self.write([], [])

    def write(self, done: Sequence[Done], leaving: Sequence[Letter]) -> list[bool]:
        """Write outcomes, then marks. Return for each mark whether its mail may leave."""
        kept, self._kept = [*self._kept, *done], []
        if self.broken or not (kept or leaving):
            return [False] * len(leaving)
        for _, outcome in kept:
            self._judge(outcome)
        try:
            return self._patiently(kept, leaving)
        except DatabaseError as error:
            logger.exception("the database does not take the marks of %s letters", len(kept) + len(leaving))
            self.fail(error)
            return [False] * len(leaving)

    def fail(self, error: BaseException) -> None:
        """Something is wrong that no letter is to blame for: nothing more leaves, and the turn ends with the error."""
        self.broken = self.broken or error

    def give_back(self) -> None:
        """What was claimed and has not left is due again, at its old hour."""
        if left := [row for row in self._claimed if row.state == ReminderState.CLAIMED]:
            give_back(left)

    def _judge(self, outcome: Outcome) -> None:
        if outcome.kind is OutcomeKind.OURS:
            self.trouble = outcome
        elif outcome.code is not None:
            self.has_worked = True
        if outcome.is_policy:
            logger.error("the mail server refuses by policy: %s", outcome.text)

    def _patiently(self, done: Sequence[Done], leaving: Sequence[Letter]) -> list[bool]:
        """Write what needs a transaction of its own, then the rest together; again while the database is away."""
        sent = []
        for letter, outcome in done:
            if outcome.kind is OutcomeKind.SENT and letter.has_left:
                sent.append((letter, outcome))
            elif self._again(partial(_settle, letter, outcome, now=self._now())):
                self._ends[letter.row.state] += 1
        if not sent and not leaving:
            return []
        try:
            return self._again(partial(self._together, sent, leaving))
        except (OperationalError, InterfaceError):
            raise
        except DatabaseError:
            if len(sent) + len(leaving) == 1:
                # Its lease runs out, and the sweep sees to it.
                logger.exception("the mark of a letter could not be written")
                return [False] * len(leaving)
        # One row is the trouble, and the others are not to blame.
        for one in sent:
            self._patiently([one], [])
        return [self._patiently([], [letter]) == [True] for letter in leaving]

    def _again(self, write: Callable[[], Written]) -> Written:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return write()
            except (OperationalError, InterfaceError):
                if connection.in_atomic_block or time.monotonic() > until:
                    raise
                connection.close()
                time.sleep(BREATH)

    def _together(self, sent: Sequence[Done], leaving: Sequence[Letter]) -> list[bool]:
        """One transaction, the rows in the order in which everybody locks them."""
        now = self._now()
        marks: list[tuple[Letter, Outcome | None]] = [*sent, *((letter, None) for letter in leaving)]
        marks.sort(key=lambda mark: mark[0].row.pk)
        with one_transaction() as pen:
            places = [_mark(pen, letter, outcome, now) for letter, outcome in marks]
        written = {letter.row.pk: pen.count(place) == 1 for (letter, _), place in zip(marks, places, strict=True)}
        self.sent += len(sent)
        for letter, _ in sent:
            if written[letter.row.pk]:
                letter.row.state = ReminderState.SENT
                self._ends[ReminderState.SENT] += 1
        for letter in leaving:
            if written[letter.row.pk]:
                letter.row.state = ReminderState.HANDED_OFF
        return [written[letter.row.pk] for letter in leaving]


def _mark(pen: Pen, letter: Letter, outcome: Outcome | None, now: datetime) -> int:
    if outcome is None:
        return mark_leaving(pen, letter, now=now)
    return write_sent(pen, letter.row, outcome.code, outcome.text, now=now)


def _settle(letter: Letter, outcome: Outcome, *, now: datetime) -> bool:
    before = dict(vars(letter.row))
    try:
        return settle(letter, outcome, now=now)
    except DatabaseError:
        # The transaction is undone; the row in memory must say what the row in the database says.
        vars(letter.row).update(before)
        raise
