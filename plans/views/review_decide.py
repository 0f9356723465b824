"""One page for every way to end a review: why, what it means for the plan before and after, and one button."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from plans.queries.review_decide import decide_story
from plans.rules.states import Decision
from plans.views.review_decide_page import DecidePage, heading_of


@staff_page(Deed.REVIEW, Deed.SEE_PHOTOS, Deed.CHANGE_PLAN)
def review_decide(request: StaffRequest, pk: UUID, decision: str) -> HttpResponse:
    """GET shows what would follow; POST shows it for what was typed (`do=look`) or accepts it (`do=accept`)."""
    if decision not in set(Decision):
        raise Http404
    story = decide_story(request.user, pk, Decision(decision), request.GET.dict(), now=clock.now())
    if story.why_not:
        messages.error(request, story.why_not)
        return redirect("plans:review", pk)
    page = DecidePage(request, story)
    if page.is_accepted and page.is_whole():
        refusal = page.accept()
        if refusal is None:
            return page.go_on()
        page.refusal = page.said(refusal)
    return staff_render(
        request, "plans/review_decide.html", f"{story.review.title}: {heading_of(story)}", page.context()
    )
