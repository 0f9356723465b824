"""The waiting list: who waits, who joins it, and to whom a freed time goes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.rules.local_time import local_day
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.waiting import EarlierForm, OfferForm
from plans.models import WaitingEntry
from plans.operations.offers import give_time, make_offers
from plans.operations.waiting import stop_waiting, want_earlier
from plans.queries.waiting import freed_story, waiting_list, wish_story
from plans.rules.wording import clock_words, day_words


@staff_page(Deed.SEE_PATIENT)
def waiting_page(request: StaffRequest) -> HttpResponse:
    found = waiting_list(request.user, now=clock.now())
    return staff_render(request, "plans/waiting.html", "Waiting list", {"waiting": found})


@staff_page(Deed.BOOK)
def waiting_add(request: StaffRequest, pk: UUID) -> HttpResponse:
    now = clock.now()
    story = wish_story(request.user, pk, now=now)
    form = EarlierForm(
        request.POST if request.method == "POST" else None, story=story, today=local_day(now, story.zone)
    )
    if request.method == "POST" and form.is_valid():
        said = {"wishes": form.wishes, "not_before": form.cleaned_data["not_before"]}
        if attempt(form, lambda: want_earlier(appointment_id=pk, **said, by=request.user, now=clock.now())):
            messages.success(request, f"{story.appointment.patient} is on the waiting list.")
            return redirect("plans:waiting")
    context = {"story": story, "wishes": form, "patient": story.appointment.patient}
    return staff_render(request, "plans/waiting_add.html", "Would come earlier", context)


@require_POST
@staff_page(Deed.BOOK)
def waiting_end(request: StaffRequest, pk: UUID) -> HttpResponse:
    entry: WaitingEntry = stop_waiting(entry_id=pk, by=request.user, now=clock.now())
    messages.success(request, f"{entry.patient} does not wait any more. What is booked stays booked.")
    return redirect("plans:waiting")


@staff_page(Deed.MOVE)
def waiting_offer(request: StaffRequest, pk: UUID) -> HttpResponse:
    story = freed_story(request.user, pk, now=clock.now())
    form = OfferForm(request.POST if request.method == "POST" else None, story=story)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["entry"]
        made = attempt(
            form,
            lambda: make_offers(freed_appointment_id=pk, entry_ids=chosen, by=request.user, now=clock.now()),
        )
        if made:
            whom = made[0].entry.patient.name if len(made) == 1 else f"{len(made)} patients"
            messages.success(request, f"Offered to {whom} by mail. The first who says yes gets it.")
            return redirect("plans:waiting-offer", pk)
    freed = story.freed
    when = f"{day_words(local_day(freed.starts, story.zone))}, {clock_words(freed.starts, story.zone)}" if freed else ""
    title = f"Offer {when}" if when else "Offer a freed time"
    return staff_render(request, "plans/waiting_offer.html", title, {"story": story, "form": form})


@require_POST
@staff_page(Deed.MOVE)
def waiting_give(request: StaffRequest, pk: UUID, entry: UUID) -> HttpResponse:
    new = give_time(freed_appointment_id=pk, entry_id=entry, by=request.user, now=clock.now())
    zone = new.location.zone
    when = f"{day_words(local_day(new.starts, zone))}, {clock_words(new.starts, zone)}"
    messages.success(request, f"{new.patient} comes on {when}. Her earlier appointment is given up.")
    return redirect("plans:appointment", new.pk)
