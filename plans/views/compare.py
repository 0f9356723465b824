"""Then and now: one review beside an earlier one, and every review of a plan in a strip."""

from __future__ import annotations

import json
from uuid import UUID

from django.http import HttpResponse
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from plans.models import Alignment, Photo
from plans.queries.compare_story import ComparedView, CompareStory, compare_story
from plans.queries.strip import strip_story
from plans.rules.states import AlignmentState

MODES = ("side", "slider", "blink")


@staff_page(Deed.SEE_PHOTOS)
@require_GET
def compare_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    story = compare_story(request.user, pk, request.GET.get("with", ""))
    mode = request.GET.get("mode", "")
    context = {
        "story": story,
        "review": story.review,
        "plan": story.plan,
        "patient": story.patient,
        "here": story.view(request.GET.get("view", "")),
        "mode": mode if mode in MODES and story.against else MODES[0],
        "rows": [(one, json.dumps(_for_the_script(one, story))) for one in story.views],
    }
    return staff_render(request, "plans/compare.html", f"Compare: {story.review.title}", context)


@staff_page(Deed.SEE_PHOTOS)
@require_GET
def strip_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    story = strip_story(request.user, pk, all_plans=request.GET.get("all") == "1", now=clock.now())
    context = {"story": story, "plan": story.plan, "patient": story.patient}
    return staff_render(request, "plans/strip.html", f"Photos of {story.patient.name}", context)


def _for_the_script(one: ComparedView, story: CompareStory) -> dict[str, object]:
    pair = one.pair
    return {
        "key": one.key,
        "title": pair.view.title,
        "before": _side(pair.before, story.against.title if story.against else "", one.before_on),
        "now": _side(pair.now, story.review.title, one.now_on),
        "alignment": lies(pair.alignment) if pair.alignment else None,
        "align": _align_url(pair.before, pair.now),
    }


def _side(photo: Photo | None, title: str, day: str) -> dict[str, object] | None:
    if photo is None:
        return None
    return {
        "medium": reverse("plans:photo", args=[photo.pk, "medium"]),
        "large": reverse("plans:photo", args=[photo.pk, "large"]),
        "ratio": photo.height / photo.width,
        "words": f"{title}, {day}",
    }


def lies(row: Alignment) -> dict[str, object]:
    """How one picture lies on the other, as the script reads it: the same words as the answer to asking for it."""
    is_aligned = row.state == AlignmentState.ALIGNED and len(row.matrix) == 9
    return {
        "state": row.state,
        "matrix": row.matrix if is_aligned else [],
        "residual_px": row.residual_px,
        "reason": row.reason,
        "scale": row.scale,
        "turn_degrees": row.turn_degrees,
    }


def _align_url(before: Photo | None, now: Photo | None) -> str:
    if before is None or now is None:
        return ""
    try:
        return reverse("plans:align", args=[now.pk, before.pk])
    except NoReverseMatch:
        return ""
