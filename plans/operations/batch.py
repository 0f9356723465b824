"""From claimed rows to letters ready to leave: the world of all their patients read in one go.

What must not leave ends here, with its reason. What is written here is good until the mark that it leaves: whatever
changes the world in between takes the row back.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from datetime import datetime
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from uuid import UUID

from django.db import DatabaseError, transaction

from clinic.models import Location
from clinic.rules.refusal import Refusal
from patients.models import Patient
from plans.models import Reminder
from plans.operations.handoff import Compose, Composed, Letter, letter_key, write_anew
from plans.operations.moves import move
from plans.operations.reminders import key_of, lock_patient
from plans.operations.why_not import End, why_not
from plans.operations.world import Rows, World, family_of, read_rows, world_of
from plans.rules.states import ReminderState

logger = logging.getLogger(__name__)

ForBatch = Callable[[Sequence[Reminder]], Compose]
"""Reads, for rows that are about to be written, what all of them state, and returns what writes each."""

READ_AT_ONCE = 100


def prepare(
    rows: Sequence[Reminder], *, now: datetime, for_batch: ForBatch, ends: Counter[str]
) -> Iterator[Letter | None]:
    """Yield a letter for each row that may leave; None after a step that gave none, so that others get their turn.

    `ends` counts what ended here. A row that cannot be judged or written fails alone.
    """
    for begin in range(0, len(rows), READ_AT_ONCE):
        some = rows[begin : begin + READ_AT_ONCE]
        good = _judge(some, now, ends)
        yield None
        drafts = [_draft(row, now) for row in good if row.mime is None]
        compose = for_batch(drafts)
        yield None
        written = iter(drafts)
        for row in good:
            letter = _letter(row, next(written) if row.mime is None else None, compose, now, ends)
            yield letter


def _judge(rows: Sequence[Reminder], now: datetime, ends: Counter[str]) -> list[Reminder]:
    """Look at the world once for all of them; end what must not leave and return the rest."""
    people = read_people(rows)
    judged: list[tuple[Reminder, End]] = []
    asked = []
    for row in rows:
        row.patient = people[row.patient_id]
        if end := why_not(row, row.patient, now):
            judged.append((row, end))
        elif row.mime is not None and row.recipient != row.patient.email:
            _write_anew(row, now, ends)
        else:
            asked.append(row)
    good = []
    worlds = _Worlds(asked, now)
    for row in asked:
        if end := worlds.why_not(row):
            judged.append((row, end))
        else:
            good.append(row)
    _end(judged, now, ends)
    return good


def read_people(rows: Sequence[Reminder]) -> dict[UUID, Patient]:
    """Their patients. Hundreds share a few homes: those are read once."""
    people = Patient.objects.in_bulk({row.patient_id for row in rows})
    homes = Location.objects.in_bulk({one.home_location_id for one in people.values()})
    for one in people.values():
        one.home_location = homes[one.home_location_id]
    return people


class _Worlds:
    """What each patient's rows call for, worked out when first asked."""

    def __init__(self, rows: Sequence[Reminder], now: datetime) -> None:
        self._now = now
        self._worlds: dict[object, World] = {}
        families = {family_of(row.kind) for row in rows}
        people = list({row.patient_id: row.patient for row in rows}.values())
        only = families.pop() if len(families) == 1 else None
        read = read_rows(people, now=now, only=only) if people else []
        self._rows: dict[object, Rows] = {one.patient.pk: one for one in read}

    def why_not(self, row: Reminder) -> End | None:
        try:
            world = self._of(row)
            wanted = key_of(row) in world.wanted
            return None if wanted else (ReminderState.CANCELLED, world.why_unwanted(row))
        except DatabaseError:
            raise
        except Exception as error:
            return _poison(row, error)

    def _of(self, row: Reminder) -> World:
        if row.patient_id not in self._worlds:
            self._worlds[row.patient_id] = world_of(self._rows[row.patient_id], now=self._now)
        return self._worlds[row.patient_id]


def _draft(row: Reminder, now: datetime) -> Reminder:
    draft = copy(row)
    draft.handed_off_at, draft.recipient = now, row.patient.email
    return draft


def _letter(
    row: Reminder, draft: Reminder | None, compose: Compose, now: datetime, ends: Counter[str]
) -> Letter | None:
    try:
        if draft is None:
            return Letter(row, _same_again(row), row.handed_off_at or now)
        return Letter(row, compose(draft), now)
    except DatabaseError:
        raise
    except Exception as error:
        _end([(row, _poison(row, error))], now, ends)
        return None


def _poison(row: Reminder, error: Exception) -> End:
    logger.exception("letter %s could not be written", row.pk)
    reason = error.sentence if isinstance(error, Refusal) else f"it could not be written: {type(error).__name__}"
    return ReminderState.FAILED, reason


@transaction.atomic
def _end(judged: Sequence[tuple[Reminder, End]], now: datetime, ends: Counter[str]) -> None:
    # In the order in which everybody locks letters.
    for row, (state, reason) in sorted(judged, key=lambda one: one[0].pk):
        if move(row, state, now=now, reason=reason):
            ends[state] += 1


@transaction.atomic
def _write_anew(row: Reminder, now: datetime, ends: Counter[str]) -> None:
    lock_patient(row.patient_id)
    if write_anew(row, now=now):
        ends[row.state] += 1


def _same_again(row: Reminder) -> Composed:
    mime = bytes(row.mime or b"")
    sender = parseaddr(str(BytesHeaderParser().parsebytes(mime)["From"]))[1]
    return Composed(
        recipient=row.recipient,
        sender=sender,
        subject=row.subject,
        message_id=row.message_id,
        mime=mime,
        key=letter_key(row),
        language=row.language,
        wording_id=row.wording_id,
    )
