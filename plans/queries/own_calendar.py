"""A patient's appointments for her calendar: the same entries, by the same names, as those in her mails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from clinic.models import Location
from patients.models import Patient
from plans.models import Appointment
from plans.models.appointment import LIVE
from plans.rules.feed import FeedEvent
from plans.rules.states import AppointmentState

TOLD_FOR = timedelta(days=30)


def own_events(
    patient: Patient, *, domain: Callable[[Location], str], summary: Callable[[Location], str], now: datetime
) -> tuple[FeedEvent, ...]:
    """All to come, and what was cancelled of it lately, so that a calendar drops it. A moved one is one entry.

    `domain` is what stands behind an entry's @, `summary` its words: neither names a treatment.
    """
    rows = Appointment.objects.filter(patient=patient, ends__gt=now).select_related("location").order_by("starts")
    told = rows.filter(state__in=[*LIVE, AppointmentState.CANCELLED]).order_by("calendar_sequence")
    newest = {row.calendar_uid: row for row in told}
    kept = [row for row in newest.values() if row.state in LIVE or row.changed_at > now - TOLD_FOR]
    return tuple(_event(row, domain, summary) for row in sorted(kept, key=lambda row: row.starts))


def _event(row: Appointment, domain: Callable[[Location], str], summary: Callable[[Location], str]) -> FeedEvent:
    return FeedEvent(
        uid=f"{row.calendar_uid}@{domain(row.location)}",
        sequence=row.calendar_sequence,
        changed_at=row.changed_at,
        starts=row.starts,
        ends=row.ends,
        summary=summary(row.location),
        place=row.location.address or row.location.name,
        is_cancelled=row.state == AppointmentState.CANCELLED,
    )
