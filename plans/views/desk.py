"""The calendar: the day, the week or the list, and what changed of it since somebody looked."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from clinic import clock
from clinic.models import Staff
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from plans.queries.calendar import Calendar, calendar, calendar_token
from plans.queries.desk import Desk, desk_day, desk_token
from plans.rules.calendar_look import LIST, WEEK, Look
from plans.rules.wording import day_words
from plans.views.calendar_bar import bar_of

# A fragment of the page: "live" what is looked at again and again, "list" the telephone's list beside a grid.
PARTS = ("live", "list")
NIL = UUID(int=0)


@staff_page(Deed.SEE_PATIENT)
def desk(request: StaffRequest) -> HttpResponse:
    is_phone, now = _is_phone(request), clock.now()
    part = request.GET.get("part", "")
    kept = request.user.calendar_view
    look = Look.read(dict(request.GET.lists()), kept, is_phone=is_phone)
    if part == "list":
        look = replace(look, view=LIST)
    if part == "live" and request.GET.get("token") == _token(request.user, look, now):
        return HttpResponse(status=204)
    found = desk_day(request.user, look, now=now) if look.view == LIST else calendar(request.user, look, now=now)
    if part not in PARTS:
        _remember(request.user, look, request, is_phone=is_phone)
    bar = bar_of(look, found, by=request.user)
    context = {"cal": found, "look": look, "bar": bar, "part": part, "open_at": _open_at()}
    if part in PARTS:
        return render(request, f"plans/calendar/_{part}.html", context)
    return staff_render(request, "plans/desk.html", _title(look, found), context)


def _token(by: Staff, look: Look, now: datetime) -> str:
    return (desk_token if look.view == LIST else calendar_token)(by, look, now=now)


def _remember(by: Staff, look: Look, request: HttpRequest, *, is_phone: bool) -> None:
    """How somebody looks is kept with them, written only where it was asked for and is not as before.

    A telephone has the list because it is small, not because anybody chose it for the desk's screen as well.
    """
    if not {"view", "location", "by", "who"} & set(request.GET):
        return
    new = look.to_json()
    if is_phone:
        new["view"] = Look.from_json(by.calendar_view).view
    if new != by.calendar_view:
        Staff.objects.filter(pk=by.pk).update(calendar_view=new)


def _is_phone(request: HttpRequest) -> bool:
    """What the browser says of itself; a narrow window is seen to by the style sheet."""
    hint = request.headers.get("Sec-CH-UA-Mobile", "")
    return hint == "?1" or (not hint and "Mobi" in request.headers.get("User-Agent", ""))


def _open_at() -> str:
    """The address of an appointment up to its id: made once, for a day may have a thousand."""
    return reverse("plans:appointment", args=[NIL]).partition(str(NIL))[0]


def _title(look: Look, found: Calendar | Desk) -> str:
    if isinstance(found, Calendar) and look.view == WEEK:
        first, last = day_words(found.days[0]), day_words(found.days[-1])
        return f"{first.rsplit(' ', 1)[0] if first[-4:] == last[-4:] else first} to {last}"
    return day_words(found.day)
