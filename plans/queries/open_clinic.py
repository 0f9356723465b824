"""Everybody and every room of a location, with their hours and what they hold, ready to be asked for free times."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from clinic.models import Location, Practitioner, Room, Staff
from clinic.models.hour_facts import OpenBook
from clinic.rules.local_time import local_day
from patients.models import Patient
from plans.models import Appointment
from plans.queries.taken_times import TakenTimes
from plans.rules.diary import Openings
from plans.rules.finder import Finder, Resource

# Nobody's hours are known further ahead; a window without an end must not be walked for ever.
HORIZON = timedelta(days=3 * 366)


def finder_at(
    location: Location,
    *,
    by: Staff | None,
    patient: Patient | None,
    first: date,
    last: date,
    around: date,
    now: datetime,
    span: int = 7,
    needs_room: bool = True,
    instead_of: Appointment | None = None,
    practitioners: Collection[UUID] | None = None,
    usual: UUID | None = None,
    usual_room: UUID | None = None,
) -> Finder | None:
    """Return who looks for times between two local days; None where nobody can be booked there.

    Six queries; one more for every `span` days that are looked at. `by` None: whoever may see the location already.
    """
    if not location.is_active:
        return None
    people = _people(location, by, practitioners, usual)
    rooms = _first(usual_room, _rooms(location)) if needs_room else None
    if not people or rooms == []:
        return None
    book = OpenBook.read([location], first=first, last=last)
    taken = TakenTimes(
        zone=location.zone,
        practitioners=[one.id for one in people],
        rooms=[one.id for one in rooms or ()],
        patients=[patient.pk] if patient else [],
        around=around,
        span=span,
        without=instead_of.pk if instead_of else None,
    )
    openings = Openings.of(book.hours, location.pk, location.zone)
    return Finder(location.zone, openings, taken, people, rooms, patient.pk if patient else None, now)


def days_to_look_at(location: Location, first: date, last: date, now: datetime) -> tuple[date, date] | None:
    """Return what is not over of these days, and not beyond any calendar; None when nothing is."""
    today = local_day(now, location.zone)
    first, last = max(first, today), min(last, today + HORIZON)
    return (first, last) if first <= last else None


def _people(
    location: Location, by: Staff | None, wanted: Collection[UUID] | None, usual: UUID | None
) -> list[Resource]:
    rows = Practitioner.objects.filter(location=location, is_active=True)
    if by is not None and not by.is_superuser:
        rows = rows.filter(location__staff=by)
    if wanted is not None:
        rows = rows.filter(pk__in=wanted)
    return _first(usual, [Resource(*row) for row in rows.order_by("name").values_list("pk", "buffer_minutes")])


def _rooms(location: Location) -> list[Resource]:
    rows = Room.objects.filter(location=location, is_active=True).order_by("name")
    return [Resource(*row) for row in rows.values_list("pk", "buffer_minutes")]


def _first(who: UUID | None, rows: list[Resource]) -> list[Resource]:
    """Whoever is usual before the others; the rest as they stood."""
    return sorted(rows, key=lambda row: row.id != who) if who else rows
