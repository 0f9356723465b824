"""After an outage: at most one letter per patient and hour, the soonest useless first.

Only for patients who have a letter that waited for over a quarter of an hour, or one that was put off here: in ordinary
running the letters of one hour all leave when they are due.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q

from plans.models import Reminder
from plans.operations.moves import move
from plans.operations.postroom_row import lock_postroom
from plans.rules.letter_kinds import LetterKind
from plans.rules.letter_times import TIMINGS
from plans.rules.postroom import APART, LATE, DueLetter, queue_up
from plans.rules.states import ReminderState

PUT_OFF = "put off: one letter an hour after an outage"
NEEDLESS = "a newer reminder of the same appointment went instead"
PATIENTS_AT_ONCE = 200
ANSWERS = tuple(kind for kind, timing in TIMINGS.items() if not timing.waits)


def put_off_crowded(*, now: datetime) -> int:
    """Put off all but one letter of each crowded patient, and return how many letters do not go now."""
    count, after = 0, None
    while True:
        some, after = _some(now, after)
        count += some
        if after is None:
            return count


@transaction.atomic
def _some(now: datetime, after: UUID | None) -> tuple[int, UUID | None]:
    crowded = _crowded(now, after)
    if not crowded:
        return 0, None
    # Two dispatchers that each put the same patient's letters in order would let two of them go.
    lock_postroom()
    rows = defaultdict(list)
    due = Reminder.objects.due(now).filter(patient__in=crowded, useful_until__gt=now)
    # What answers somebody who has just done something does not queue behind old letters.
    due = due.exclude(kind__in=ANSWERS, planned_at__gte=now - LATE)
    for row in (
        due.select_related("patient", "location").defer("mime").select_for_update(of=("self",), skip_locked=True)
    ):
        rows[row.patient_id].append(row)
    free = _free_at(crowded, now)
    count = sum(_put_in_order(letters, now, free.get(patient)) for patient, letters in rows.items())
    return count, crowded[-1] if len(crowded) == PATIENTS_AT_ONCE else None


def _crowded(now: datetime, after: UUID | None) -> list[UUID]:
    planned = Reminder.objects.filter(state=ReminderState.PLANNED)
    waiting = planned.filter(patient=OuterRef("patient_id"), state_reason=PUT_OFF)
    # A letter that was only planned just now, for an hour that is past, has not waited.
    waited = Q(due_at__lt=now - LATE, planned_at__lt=now - LATE)
    late = Reminder.objects.due(now).filter(waited | Exists(waiting), useful_until__gt=now)
    if after:
        late = late.filter(patient__gt=after)
    found = late.order_by("patient_id").values_list("patient_id", flat=True).distinct()
    return list(found[:PATIENTS_AT_ONCE])


def _free_at(patients: list[UUID], now: datetime) -> dict[UUID, datetime]:
    """When an hour has passed since each patient's last letter. One that is on its way counts as sent now."""
    mine = Reminder.objects.filter(patient__in=patients).order_by()
    sent = mine.filter(state=ReminderState.SENT, sent_at__gt=now - APART, sent_at__lte=now)
    free = {row["patient"]: row["last"] + APART for row in sent.values("patient").annotate(last=Max("sent_at"))}
    leaving = mine.filter(state__in=(ReminderState.CLAIMED, ReminderState.HANDED_OFF))
    return free | dict.fromkeys(leaving.values_list("patient", flat=True), now + APART)


def _put_in_order(letters: list[Reminder], now: datetime, free_at: datetime | None) -> int:
    by_id = {row.pk: row for row in letters}
    queue = queue_up([_due_letter(row) for row in letters], now=now, free_at=free_at)
    for pk in queue.needless:
        move(by_id[pk], ReminderState.SKIPPED, now=now, reason=NEEDLESS)
    for pk, due_at in queue.later:
        # The reason of a letter that is in doubt stands: it says that it goes once more at most.
        reason = PUT_OFF if by_id[pk].handed_off_at is None else None
        move(by_id[pk], ReminderState.PLANNED, now=now, reason=reason, due_at=due_at)
    return len(queue.needless) + len(queue.later)


def _due_letter(row: Reminder) -> DueLetter:
    return DueLetter(row.pk, LetterKind(row.kind), row.about_id, row.due_at, row.useful_until)
