"""A problem she reported, as she reads it again: what usually becomes of it, and when she hears from the clinic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from clinic.models import Location
from clinic.models.hour_facts import OpenBook
from clinic.rules.local_time import local_day
from clinic.rules.opening import Hours, opening
from patients.models import Patient
from plans.models import PatientRequest
from plans.rules.signs import SIGNS, Sign
from plans.rules.states import RequestKind

# A clinic that shuts for longer than this says so in its own words.
LOOKED_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class OwnReport:
    """`phone_by` None: no working day is known, so none is named."""

    request: PatientRequest
    signs: tuple[Sign, ...]
    phone_by: date | None


def own_report(patient: Patient, request_id: UUID) -> OwnReport:
    """DoesNotExist for anybody else's."""
    rows = PatientRequest.objects.select_related("location")
    request = rows.get(pk=request_id, patient=patient, kind=RequestKind.PROBLEM)
    noticed = tuple(SIGNS[key] for key in request.signs if key in SIGNS)
    return OwnReport(request, noticed, working_day_after(request.location, request.asked_at))


def working_day_after(location: Location, instant: datetime) -> date | None:
    """The next day on which the place is open, by its hours, holidays and closures. Three queries."""
    today = local_day(instant, location.zone)
    return working_day(OpenBook.read([location], first=today, last=today + LOOKED_AHEAD), location, today)


def working_day(book: OpenBook, location: Location, after: date) -> date | None:
    """The first open day after that one; None when the book knows of none."""
    hours = book.hours.get(location.pk) or Hours()
    days = (after + timedelta(days=number) for number in range(1, LOOKED_AHEAD.days + 1))
    return next((day for day in days if opening(day, location.zone, own=None, place=hours)), None)
