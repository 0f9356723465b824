"""The versions of a letter's wording: read, compared, used again, given up for the house's words."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.wording import RestoreForm, SeenForm
from plans.models import LetterWording
from plans.operations.wording import drop_wording, publish_wording
from plans.queries.wording import WordingStory, wording_story
from plans.views.wording_words import compared, faults_of, language_words, source_of


@staff_page(Deed.CHANGE_CLINIC)
def version_page(request: StaffRequest, pk: UUID, kind: str, language: str, number: int) -> HttpResponse:
    """One version and what differs from what is in use; 0 is the house's words. POST uses it again."""
    story = wording_story(request.user, pk, kind, language)
    row = _version(story, number)
    in_use, shown = source_of(story, story.current), source_of(story, row)
    first = {"seen": story.seen, "note": f"Version {number} again: "}
    form = RestoreForm(request.POST if request.method == "POST" else None, initial=first)
    if row and request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        made = attempt(
            form,
            lambda: publish_wording(
                location_id=pk, kind=story.kind, language=story.language, subject=row.subject, body=row.body,
                note=said["note"], seen=said["seen"], check=faults_of, by=request.user, now=clock.now(),
            ),
        )  # fmt: skip
        if made:
            messages.success(request, f"Version {number} is in use again, as version {made.version}.")
            return redirect("plans:wording", pk, kind, language)
    context = {
        "story": story,
        "row": row,
        "number": number,
        "form": form,
        "language": language_words(story.language),
        "parts": compared(in_use, shown),
        "is_same": in_use == shown,
    }
    title = f"{story.kind.label}, version {number}" if row else f"{story.kind.label}, the house’s words"
    return staff_render(request, "plans/wording_version.html", title, context)


@staff_page(Deed.CHANGE_CLINIC)
def drop_page(request: StaffRequest, pk: UUID, kind: str, language: str) -> HttpResponse:
    """Asks, then uses the house's words again."""
    story = wording_story(request.user, pk, kind, language)
    form = SeenForm(request.POST if request.method == "POST" else None, initial={"seen": story.seen})
    if request.method == "POST" and form.is_valid():
        seen = form.cleaned_data["seen"]
        dropped = attempt(
            form,
            lambda: drop_wording(
                location_id=pk, kind=story.kind, language=story.language, seen=seen, by=request.user, now=clock.now()
            ),
        )
        if dropped:
            messages.success(request, f"The house’s words are in use. Version {dropped.version} is kept.")
            return redirect("plans:wording", pk, kind, language)
    context = {
        "story": story,
        "form": form,
        "language": language_words(story.language),
        "parts": compared(source_of(story, story.current), source_of(story, None)),
    }
    return staff_render(request, "plans/wording_drop.html", f"{story.kind.label}: the house’s words", context)


def _version(story: WordingStory, number: int) -> LetterWording | None:
    if number == 0:
        return None
    row = next((one for one in story.versions if one.version == number), None)
    if row is None:
        raise LetterWording.DoesNotExist
    return row
