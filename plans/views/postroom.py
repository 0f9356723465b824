"""The postroom: whether letters leave, and the two things a human can do about it."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from clinic import clock
from clinic.models import Staff
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.postroom import WhyForm
from plans.operations.holding import hold_letters, release_letters
from plans.queries.postroom import Mood, PostroomState, ended_badly, queue, state_of, zone_of
from plans.rules.states import ReminderState

_CALM = {
    Mood.FINE: "Letters leave when they are due.",
    Mood.LATE: "Letters are late: some have been due for over a quarter of an hour.",
    Mood.CLOSED: "The mail server does not answer. One letter tries every five minutes; no letter is lost by it.",
    Mood.REFUSED: "The mail server refuses us. Somebody has to mend the settings of the mail account.",
    Mood.HELD: "No letter leaves until somebody has looked and releases them.",
}


@staff_page(Deed.SEE_OUTBOX)
def postroom(request: StaffRequest) -> HttpResponse:
    now = clock.now()
    found = state_of(now)
    context = {**_context(request.user, found, now), "bad": _bad(request.user)}
    return staff_render(request, "plans/postroom.html", "Postroom", context)


@staff_page(Deed.SEE_OUTBOX, Deed.CHANGE_CLINIC)
def postroom_hold(request: StaffRequest) -> HttpResponse:
    form = WhyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        if attempt(form, lambda: hold_letters(why=why, by=request.user, now=clock.now())):
            messages.success(request, "The letters are held. None leaves until they are released.")
            return redirect("plans:postroom")
    return _asked(request, "plans/postroom_hold.html", "Hold the letters", form)


@staff_page(Deed.SEE_OUTBOX, Deed.CHANGE_CLINIC)
def postroom_release(request: StaffRequest) -> HttpResponse:
    form = WhyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        why = form.cleaned_data["why"]
        if attempt(form, lambda: release_letters(why=why, by=request.user, now=clock.now())):
            messages.success(request, "The letters are released. They leave within a minute.")
            return redirect("plans:postroom")
    return _asked(request, "plans/postroom_release.html", "Release the letters", form)


def _asked(request: StaffRequest, template: str, title: str, form: WhyForm) -> HttpResponse:
    now = clock.now()
    return staff_render(request, template, title, {**_context(request.user, state_of(now), now), "form": form})


def _context(by: Staff, found: PostroomState, now: datetime) -> dict[str, object]:
    return {
        "postroom": found,
        "calm": _CALM[found.mood],
        "queue": queue(by, now),
        "zone": zone_of(by),
        "now": now,
        "may_change": by.can(Deed.CHANGE_CLINIC),
    }


def _bad(by: Staff) -> list[tuple[ReminderState, int]]:
    return list(ended_badly(by).items())
