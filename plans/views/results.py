"""A plan's results over time."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from plans.queries.results import results_story


@staff_page(Deed.SEE_CLINICAL, Deed.SEE_PHOTOS)
def results(request: StaffRequest, pk: UUID) -> HttpResponse:
    story = results_story(request.user, pk, whole=request.GET.get("all") == "1", now=clock.now())
    context = {"story": story, "plan": story.plan, "patient": story.plan.patient}
    return staff_render(request, "plans/results.html", "Results", context)
