"""A patient's coming appointments, with what she may do about each and what she has asked for already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from patients.models import Patient
from plans.models import Appointment, PatientRequest
from plans.models.appointment import LIVE
from plans.models.own_facts import own_choices_of
from plans.rules.own_choices import OwnChoices
from plans.rules.states import RequestKind
from plans.rules.waiting import EXPECTED


@dataclass(frozen=True, slots=True)
class OwnTime:
    """`moving`, `cancelling`: what she asked for and nobody has answered yet."""

    appointment: Appointment
    zone: ZoneInfo
    choices: OwnChoices
    moving: PatientRequest | None
    cancelling: PatientRequest | None

    @property
    def is_expected(self) -> bool:
        return self.appointment.state in EXPECTED

    @property
    def window(self) -> tuple[date, date] | None:
        """The days between which its session belongs."""
        session = self.appointment.session
        return (session.earliest, session.latest) if session else None


def own_times(patient: Patient, requests: Iterable[PatientRequest], *, now: datetime) -> tuple[OwnTime, ...]:
    """All that is not over, soonest first. One query."""
    rows = Appointment.objects.filter(patient=patient, state__in=LIVE, ends__gt=now)
    asked = {(one.appointment_id, one.kind): one for one in requests}
    found = rows.select_related("location", "practitioner", "session", "review").order_by("starts")
    return tuple(_time(row, asked, now) for row in found)


def own_time(patient: Patient, appointment_id: UUID, *, now: datetime) -> OwnTime:
    """DoesNotExist for anybody else's, and for one that is not to come any more."""
    rows = Appointment.objects.filter(patient=patient, state__in=LIVE, ends__gt=now)
    row = rows.select_related("location", "practitioner", "session", "review").get(pk=appointment_id)
    open_ones = PatientRequest.objects.open().filter(appointment=row)
    return _time(row, {(one.appointment_id, one.kind): one for one in open_ones}, now)


def _time(row: Appointment, asked: dict[tuple[UUID | None, str], PatientRequest], now: datetime) -> OwnTime:
    moving, cancelling = asked.get((row.pk, RequestKind.MOVE)), asked.get((row.pk, RequestKind.CANCEL))
    return OwnTime(row, row.location.zone, own_choices_of(row, now), moving, cancelling)
