"""The page on which a manager says when a location's letters leave."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from clinic import clock
from clinic.models import Location
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.letter_times import LetterTimesForm
from plans.operations.letter_times import (
    change_letter_times,
    follow_letter_times,
    foresee_letter_times,
    letter_times_of,
    letters_still_follow,
    times_mark,
)

# What a page may take to answer; what is left follows at the next tick.
SECONDS = 3.0


@require_http_methods(["GET"])
@staff_page(Deed.CHANGE_CLINIC)
def letter_times_here(request: StaffRequest) -> HttpResponse:
    """The viewer's first location; nobody has to know its id."""
    location = Location.objects.visible_to(request.user).filter(is_active=True).order_by("name")[:1].get()
    return letter_times(request, location.pk)


@require_http_methods(["GET", "POST"])
@staff_page(Deed.CHANGE_CLINIC)
def letter_times(request: StaffRequest, pk: UUID) -> HttpResponse:
    """GET shows what is set; POST shows what a change would do (`do=look`), or makes it (`do=save`)."""
    location, now = Location.objects.visible_to(request.user).get(pk=pk), clock.now()
    current = letter_times_of(location)
    form = LetterTimesForm(request.POST or None, times=current)
    effect, seen = None, request.POST.get("seen") or times_mark(current)
    if request.method == "POST" and form.is_valid():
        wanted = form.times()
        if request.POST.get("do") == "save":
            saved = attempt(
                form, lambda: change_letter_times(location_id=pk, times=wanted, seen=seen, by=request.user, now=now)
            )
            if saved:
                messages.success(request, _said(saved, follow_letter_times(now=now, seconds=SECONDS)))
                return redirect("plans:letter-times", pk)
        if not form.errors:
            effect = foresee_letter_times(location_id=pk, times=wanted, by=request.user, now=now, seconds=SECONDS)
    context = {
        "form": form,
        "groups": list(form.groups()),
        "location": location,
        "places": Location.objects.visible_to(request.user).filter(is_active=True).order_by("name"),
        "effect": effect,
        "seen": seen,
        "is_same": effect is not None and times_mark(wanted) == times_mark(current),
        "follows": letters_still_follow(location),
    }
    return staff_render(request, "plans/letter_times.html", "When letters leave", context)


def _said(location: Location, changed: int) -> str:
    words = f"Saved. {changed} planned letter{'' if changed == 1 else 's'} changed."
    return f"{words} The others follow within minutes." if letters_still_follow(location) else words
