"""The page on which a location says when a photo is weak and a pair hard to compare."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from clinic import clock
from clinic.models import Location
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.photo_rules import PhotoRulesForm, house_values
from plans.models.photo_rules import figures_of
from plans.operations.photo_rules import change_photo_rules, figures_mark
from plans.queries.photo_rules import foresee_photo_rules
from plans.rules.photo_figures import USUAL


@require_http_methods(["GET"])
@staff_page(Deed.SEE_PROTOCOLS)
def photo_rules_here(request: StaffRequest) -> HttpResponse:
    """The viewer's first location; nobody has to know its id."""
    location = Location.objects.visible_to(request.user).filter(is_active=True).order_by("name")[:1].get()
    return photo_rules(request, location.pk)


@require_http_methods(["GET", "POST"])
@staff_page(Deed.SEE_PROTOCOLS)
def photo_rules(request: StaffRequest, pk: UUID) -> HttpResponse:
    """GET shows what is set; POST shows what a change would do (`do=look`, `do=house`), or makes it (`do=save`)."""
    location = Location.objects.visible_to(request.user).select_related("photo_rules").get(pk=pk)
    may_change, current = request.user.can(Deed.CHANGE_CLINIC), figures_of(location)
    if request.method == "POST" and not may_change:
        raise Forbidden(Deed.CHANGE_CLINIC)
    do = request.POST.get("do")
    form = PhotoRulesForm((house_values() if do == "house" else request.POST) or None, figures=current)
    effect, seen = None, request.POST.get("seen") or figures_mark(current)
    if request.method == "POST" and form.is_valid():
        wanted = form.wanted()
        if do == "save":
            saved = attempt(
                form,
                lambda: change_photo_rules(location_id=pk, figures=wanted, seen=seen, by=request.user, now=clock.now()),
            )
            if saved:
                messages.success(request, "Saved. Photos are called weak by these figures from now on.")
                return redirect("plans:photo-rules", pk)
        if not form.errors:
            effect = foresee_photo_rules(request.user, location, wanted)
    context = {
        "form": form,
        "groups": list(form.groups()),
        "location": location,
        "places": Location.objects.visible_to(request.user).filter(is_active=True).order_by("name"),
        "effect": effect,
        "seen": seen,
        "is_same": effect is not None and figures_mark(form.wanted()) == figures_mark(current),
        "may_change": may_change,
        "has_own": current != USUAL,
    }
    return staff_render(request, "plans/photo_rules.html", "Photo rules", context)
