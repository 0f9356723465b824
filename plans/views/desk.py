"""The day at the desk."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.http import HttpResponse

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from plans.queries.desk import desk_day
from plans.rules.wording import day_words


@staff_page(Deed.SEE_PATIENT)
def desk(request: StaffRequest) -> HttpResponse:
    asked_day, asked_place = request.GET.get("day", ""), request.GET.get("location", "")
    found = desk_day(request.user, day=_day(asked_day), location_id=_id(asked_place), now=clock.now())
    context = {"desk": found, "place": f"&location={found.location.pk}" if found.location else ""}
    return staff_render(request, "plans/desk.html", day_words(found.day), context)


def _day(text: str) -> date | None:
    """An address somebody mistyped shows today rather than an error."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
