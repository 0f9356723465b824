"""The check-in board, its buttons, and what follows when somebody does not come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.rules.asked import id_in
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from plans.models import Appointment
from plans.operations.visits import begin_treatment, call_back, check_in, finish_visit, mark_no_show, mark_numbed
from plans.queries.board import board
from plans.queries.missed_story import missed_story
from plans.rules.wording import day_words

Deal = Callable[..., Appointment]
# By the step's name in the address: what is done, and what is said of it afterwards.
STEPS: Mapping[str, tuple[Deal, str]] = MappingProxyType(
    {
        "arrive": (check_in, "{} is checked in."),
        "numb": (mark_numbed, "{}: numbing cream noted."),
        "not-numbed": (partial(mark_numbed, is_on=False), "{}: numbing cream taken back."),
        "begin": (begin_treatment, "{} is in treatment."),
        "back": (call_back, "{} is one step back."),
        "finish": (finish_visit, "{} is done."),
    }
)


@staff_page(Deed.SEE_PATIENT)
def board_page(request: StaffRequest) -> HttpResponse:
    """Asked again every few seconds with what it shows already: nothing new is an empty answer."""
    place = id_in(request.GET.get("location", ""))
    found = board(request.user, location_id=place, now=clock.now())
    if request.GET.get("seen") == found.mark:
        return HttpResponse(status=204)
    chosen = found.places.chosen
    context = {"board": found, "place": f"location={chosen.pk}" if chosen else ""}
    return staff_render(request, "plans/board.html", f"Board, {day_words(found.today)}", context)


@require_POST
@staff_page(Deed.CHECK_IN)
def board_step(request: StaffRequest, pk: UUID, step: str) -> HttpResponse:
    if step not in STEPS:
        raise Http404
    deal, said = STEPS[step]
    try:
        row = deal(appointment_id=pk, by=request.user, now=clock.now())
    except Refusal as refusal:
        # Somebody else was quicker, or the hour is wrong: the board shows how it stands now.
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, said.format(row.patient))
    return _to_board(request, pk)


@staff_page(Deed.CHECK_IN)
def missed_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Mark a no-show, and see at once how to make good for it."""
    if request.method == "POST":
        row = mark_no_show(appointment_id=pk, by=request.user, now=clock.now())
        messages.success(request, f"{row.patient} did not come: it is counted.")
        return redirect("plans:missed", pk)
    story = missed_story(request.user, pk, now=clock.now())
    one = story.appointment
    title = f"{one.patient} did not come" if story.is_marked else f"Did {one.patient} not come?"
    # A token for each: a double click books once.
    offers = [(best, local_day(best.vacancy.starts, story.zone), uuid4()) for best in story.offers]
    context = {"story": story, "one": one, "patient": one.patient, "offers": offers}
    return staff_render(request, "plans/board_missed.html", title, context)


def _to_board(request: StaffRequest, pk: UUID) -> HttpResponseRedirect:
    """Back to the same part of the board, at the patient's card."""
    place = id_in(request.POST.get("location", ""))
    ask = f"?location={place}" if place else ""
    return redirect(f"{reverse('plans:board')}{ask}#card-{pk}")
