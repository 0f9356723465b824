"""The waiting list: who would rather come earlier than she is booked."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.operations.deadlock import again_after_a_deadlock
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from plans.models import Offer, WaitingEntry
from plans.operations.booking import locked_appointment
from plans.operations.reminders import lock_patient, replan_many
from plans.rules.happened import Happened
from plans.rules.states import OfferState, WaitingState
from plans.rules.waiting import EXPECTED
from plans.rules.wishes import Wishes


@again_after_a_deadlock
@transaction.atomic
def want_earlier(
    *, appointment_id: UUID, wishes: Wishes, not_before: date | None = None, by: Staff, now: datetime
) -> WaitingEntry:
    """Put a patient on the list with an appointment she has; asked again, her wishes are written anew.

    Refusals: not_to_come (the appointment is over, or began), not_earlier (nothing earlier is left to wish for).
    """
    allow(by, Deed.BOOK)
    row = locked_appointment(appointment_id, by)
    if row.state not in EXPECTED or row.starts <= now:
        raise Refusal("not_to_come", "Only somebody with an appointment to come can wait for an earlier one.")
    if not_before and not_before >= local_day(row.starts, row.location.zone):
        raise Refusal("not_earlier", "“Not before” is not before the appointment itself: choose an earlier day.")
    wanted = {"wishes": wishes.to_json(), "not_before": not_before}
    entry, is_new = WaitingEntry.objects.update_or_create(
        appointment=row,
        state=WaitingState.WAITING,
        defaults=wanted,
        create_defaults={
            **wanted, "patient_id": row.patient_id, "location": row.location, "asked_at": now, "made_by": by,
        },
    )  # fmt: skip
    _record(Happened.WAITING_BEGUN, entry, by=by, now=now, details={"again": not is_new})
    return entry


@again_after_a_deadlock
@transaction.atomic
def stop_waiting(*, entry_id: UUID, by: Staff, now: datetime) -> WaitingEntry:
    """She does not want to come earlier any more; what she was offered is not hers to take any more."""
    allow(by, Deed.BOOK)
    rows = WaitingEntry.objects.visible_to(by)
    patient = lock_patient(rows.only("patient").get(pk=entry_id).patient_id)
    entry = rows.select_related("location").select_for_update(of=("self",)).get(pk=entry_id)
    if entry.state != WaitingState.WAITING:
        return entry
    end_waiting(entry, WaitingState.WITHDRAWN, now)
    replan_many([patient], now=now)
    _record(Happened.WAITING_ENDED, entry, by=by, now=now)
    return entry


def end_waiting(entry: WaitingEntry, state: WaitingState, now: datetime) -> None:
    """Write it down. What she was offered and has not answered is not hers to take any more."""
    entry.state, entry.ended_at = state, now
    entry.save(update_fields=["state", "ended_at"])
    Offer.objects.open().filter(entry=entry).update(state=OfferState.DECLINED, answered_at=now)


def _record(
    happened: Happened, entry: WaitingEntry, *, by: Staff, now: datetime, details: dict[str, object] | None = None
) -> None:
    record(happened, about=entry, by=by, now=now, patient_id=entry.patient_id, location=entry.location, details=details)
