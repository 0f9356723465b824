"""The day and the week on paper, and the lists of what is to be booked."""

from __future__ import annotations

from django.http import HttpResponse

from clinic import clock
from clinic.rules.asked import id_in
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from plans.queries.day_sheet import day_sheet, week_sheet
from plans.queries.to_book import Kind, to_book
from plans.rules.calendar_look import day_of
from plans.rules.wording import day_words


@staff_page(Deed.SEE_PATIENT)
def day_sheet_page(request: StaffRequest) -> HttpResponse:
    ask = request.GET
    sheet = day_sheet(
        request.user,
        day=day_of(ask.get("day", "")),
        location_id=id_in(ask.get("location", "")),
        who_id=id_in(ask.get("who", "")),
        now=clock.now(),
    )
    chosen = sheet.places.chosen
    more = (f"&location={chosen.pk}" if chosen else "") + (f"&who={sheet.who.pk}" if sheet.who else "")
    context = {"sheet": sheet, "more": more, "lines": range(4)}
    return staff_render(request, "plans/day_sheet.html", f"Day sheet, {day_words(sheet.day)}", context)


@staff_page(Deed.SEE_PATIENT)
def week_sheet_page(request: StaffRequest) -> HttpResponse:
    ask = request.GET
    sheet = week_sheet(request.user, day=day_of(ask.get("day", "")), who_id=id_in(ask.get("who", "")), now=clock.now())
    title = f"Week of {sheet.who or 'nobody'}, {day_words(sheet.first)}"
    return staff_render(request, "plans/week_sheet.html", title, {"sheet": sheet})


@staff_page(Deed.SEE_PATIENT)
def to_book_page(request: StaffRequest) -> HttpResponse:
    ask = request.GET
    kind = next((one for one in Kind if one.value == ask.get("kind")), None)
    after = ask.get("after", "") if kind else ""
    place = id_in(ask.get("location", ""))
    found = to_book(request.user, location_id=place, kind=kind, after=after, now=clock.now())
    chosen = found.places.chosen
    context = {
        "found": found,
        "kinds": tuple(Kind),
        "place": f"&location={chosen.pk}" if chosen else "",
        "more": f"kind={kind.value}" if kind else "",
        "is_later_page": bool(after),
        "may_book": request.user.can(Deed.BOOK),
    }
    return staff_render(request, "plans/to_book.html", "To book", context)
