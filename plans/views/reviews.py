"""A review: its photos, beside those of the baseline, and the decision it ends in."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.core.files.base import File
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.darkroom import develop_many
from plans.forms.review import ConditionsForm, DecisionForm
from plans.models import Review, View
from plans.operations.reviews import add_photo, decide_review
from plans.queries.review_story import CONSEQUENCES, ReviewStory, review_story

LARGEST = 40 * 1024 * 1024  # what the darkroom takes; a larger file is not even read


@staff_page(Deed.SEE_PHOTOS)
def review_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    story = review_story(request.user, pk, now=clock.now())
    if request.method != "POST":
        return _page(request, story, DecisionForm(story=story), ConditionsForm(story=story))
    form = DecisionForm(request.POST, story=story)
    if form.is_valid() and _decide(request, pk, form):
        messages.success(request, f"The review “{story.review.title}” is decided.")
        return redirect("plans:plan", story.plan.pk)
    return _page(request, story, form, ConditionsForm(story=story))


def _decide(request: StaffRequest, pk: UUID, form: DecisionForm) -> Review | None:
    outcome = form.outcome()
    return attempt(form, lambda: decide_review(review_id=pk, outcome=outcome, by=request.user, now=clock.now()))


@require_POST
@staff_page(Deed.ADD_PHOTO)
def photo_add(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take what can be taken: a photo that is refused says why at its view, the others are kept."""
    story = review_story(request.user, pk, now=clock.now())
    form = ConditionsForm(request.POST, story=story)
    sent = list(_sent(request, story))
    if not sent:
        form.add_error(None, "Choose at least one photo.")
    faults: dict[UUID, str] = {}
    taken = 0
    if form.is_valid():
        taken, faults = _develop_and_add(request, pk, form, sent)
    if taken:
        messages.success(request, "One photo is added." if taken == 1 else f"{taken} photos are added.")
    if form.is_valid() and not faults:
        return redirect(f"{reverse('plans:review', args=[pk])}#photos")
    fresh = review_story(request.user, pk, now=clock.now())
    return _page(request, fresh, DecisionForm(story=fresh), form, faults=faults)


def _sent(request: StaffRequest, story: ReviewStory) -> Iterator[tuple[View, File[bytes]]]:
    """Files chosen at a view, then those sent together: in order to the views that are still without one."""
    named = {pair.view: request.FILES.get(f"view-{pair.key}") for pair in story.pairs}
    together = iter(request.FILES.getlist("together"))
    empty = iter([view for view in story.missing if not named[view]])
    yield from ((view, file) for view, file in named.items() if file)
    yield from zip(empty, together, strict=False)


def _develop_and_add(
    request: StaffRequest, pk: UUID, form: ConditionsForm, sent: list[tuple[View, File[bytes]]]
) -> tuple[int, dict[UUID, str]]:
    taken, faults = 0, {}
    uploads = (_read(file) for _, file in sent)
    for (view, _), developed in zip(sent, develop_many(uploads), strict=True):
        try:
            if isinstance(developed, Refusal):
                raise developed
            add_photo(
                review_id=pk,
                view_id=view.pk,
                upload=b"",
                developed=developed,
                conditions=form.conditions(),
                by=request.user,
                now=clock.now(),
            )
            taken += 1
        except Refusal as refusal:
            faults[view.pk] = refusal.sentence
    return taken, faults


def _read(file: File[bytes]) -> bytes:
    """No more than one byte too much of what is too big: enough for the darkroom to refuse it."""
    return bytes(file.read(LARGEST + 1))


def _page(
    request: StaffRequest,
    story: ReviewStory,
    form: DecisionForm,
    conditions: ConditionsForm,
    *,
    faults: dict[UUID, str] | None = None,
) -> HttpResponse:
    context = {
        "story": story,
        "review": story.review,
        "plan": story.plan,
        "patient": story.plan.patient,
        "zone": story.zone,
        "form": form,
        "conditions": conditions,
        "rows": [(pair, (faults or {}).get(pair.view.pk, "")) for pair in story.pairs],
        "outcomes": [(decision, CONSEQUENCES[decision]) for decision in CONSEQUENCES],
        "chosen": form["decision"].value() or "",
    }
    return staff_render(request, "plans/review.html", story.review.title, context)
