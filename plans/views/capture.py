"""Taking a review's photos: with the camera in the page, or from files matched to their views by hand."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from plans.forms.conditions import ConditionsForm
from plans.models import Photo
from plans.queries.capture_story import CaptureStory, Shot, capture_story

NOBODY = UUID(int=0)  # the scripts put the upload's or the photo's own id in its place
PARTS = ("wire", "send", "views", "conditions", "level", "camera", "shots", "tray", "drag", "mend", "begin")
SCRIPTS = tuple(f"clinic/js/capture_{part}.js" for part in PARTS)


@require_safe
@staff_page(Deed.SEE_PHOTOS, Deed.ADD_PHOTO)
def capture_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    story = capture_story(request.user, pk, view=request.GET.get("view", ""), now=clock.now())
    context = {
        "story": story,
        "review": story.review,
        "plan": story.plan,
        "patient": story.plan.patient,
        "conditions": ConditionsForm(story=story),
        "told": _told(story),
        "capture_scripts": SCRIPTS,
    }
    return staff_render(request, "plans/capture.html", f"Photos: {story.review.title}", context)


def _told(story: CaptureStory) -> dict[str, object]:
    """What the scripts have to know; they make no address up."""
    first = story.first
    return {
        "addresses": {
            "begin": reverse("plans:upload-begin", args=[story.review.pk]),
            "upload": reverse("plans:upload", args=[NOBODY]),
            "place": reverse("plans:upload-place", args=[NOBODY]),
            "discard": reverse("plans:upload-discard", args=[NOBODY]),
            "move": reverse("plans:photo-move", args=[NOBODY]),
        },
        "now": clock.now().astimezone(story.zone).strftime("%Y-%m-%dT%H:%M"),
        "first": str(first.view.pk) if first else "",
        "views": [_view(shot) for shot in story.pairs],
    }


def _view(shot: Shot) -> dict[str, object]:
    return {
        "id": str(shot.view.pk),
        "title": shot.view.title,
        "required": shot.view.is_required,
        "ghost": _address(shot.before, "large"),
        "state": shot.state,
        "advice": list(shot.advice),
        "photo": str(shot.now.pk) if shot.now else "",
    }


def _address(photo: Photo | None, size: str) -> str:
    return reverse("plans:photo", args=[photo.pk, size]) if photo else ""
