"""A review: its photos beside those of the baseline, what was found, and the way to its decision."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.conditions import ConditionsForm
from plans.forms.measurements import Lines
from plans.forms.review import ScoresForm, TakenForm
from plans.models import Review
from plans.operations.review_scores import Measured, record_scores
from plans.queries.outcomes import Before, Line, lines_of, score_lines
from plans.queries.review_story import CONSEQUENCES, ReviewStory, review_story
from plans.rules.outcome import Figure
from plans.rules.states import Decision

LOOK, MORE, SAVE = "look", "more", "save"
NOT_SAVED = "Not saved yet: look at the fields marked below."


@staff_page(Deed.SEE_PHOTOS)
def review_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    """GET shows it. POST keeps what was typed and goes where one wanted to go: to the camera, to a decision."""
    story = review_story(request.user, pk, now=clock.now())
    if request.method != "POST" or not story.can_decide:
        return show_review(request, story)
    go = request.POST.get("go", SAVE)
    form = ScoresForm(request.POST, review=story.review)
    lines = Lines(request.POST, own=story.own, before=story.before.figures, more=go == MORE)
    if go == MORE:
        return show_review(request, story, form=form, lines=lines)
    is_valid = all([form.is_valid(), lines.is_valid()])
    if go == LOOK:
        return show_review(request, story, form=form, lines=lines, found=_found(story.before, form, lines))
    if is_valid and _save(request, pk, form, lines):
        if go == SAVE:
            messages.success(request, "What was found is saved. The review stays open.")
        return redirect(_way(story, go))
    return show_review(request, story, form=form, lines=lines, is_refused=True)


def _save(request: StaffRequest, pk: UUID, form: ScoresForm, lines: Lines) -> Review | None:
    scores = form.scores(lines.measured())
    return attempt(form, lambda: record_scores(review_id=pk, scores=scores, by=request.user, now=clock.now()))


def _way(story: ReviewStory, go: str) -> str:
    """Where a button leads. Only places this page knows: what is sent is never an address."""
    word, _, what = go.partition(":")
    pk = story.review.pk
    if word == "decide" and what in set(Decision):
        return reverse("plans:review-decide", args=[pk, what])
    places = {
        "capture": ("plans:capture", pk),
        "compare": ("plans:compare", pk),
        "strip": ("plans:strip", story.plan.pk),
    }
    if word not in places:
        return reverse("plans:review", args=[pk])
    name, about = places[word]
    try:
        address = reverse(name, args=[about])
    except NoReverseMatch:
        return reverse("plans:review", args=[pk])
    known = {pair.key if word == "capture" else pair.view.key for pair in story.pairs}
    return f"{address}?view={what}" if what in known else address


def _found(before: Before, form: ScoresForm, lines: Lines) -> tuple[Line, ...]:
    """What would be found, of what was typed so far and can be."""
    measured = lines.measured_so_far()
    return (
        *lines_of((_figure(one) for one in measured), before),
        *score_lines(form.figures(), form.cleaned_data.get("wash_count"), before),
    )


def _figure(one: Measured) -> Figure:
    return Figure(one.measure, one.value, one.method, one.device, one.area)


def show_review(
    request: StaffRequest,
    story: ReviewStory,
    *,
    form: ScoresForm | None = None,
    lines: Lines | None = None,
    found: tuple[Line, ...] | None = None,
    conditions: ConditionsForm | None = None,
    faults: dict[UUID, str] | None = None,
    is_refused: bool = False,
) -> HttpResponse:
    """Render the page. `faults`: why a photo was refused, by its view; `found`: the figures to show, else the saved."""
    context = {
        "story": story,
        "review": story.review,
        "plan": story.plan,
        "patient": story.plan.patient,
        "zone": story.zone,
        "form": form or ScoresForm(review=story.review),
        "lines": lines or Lines(own=story.own, before=story.before.figures),
        "found": story.lines if found is None else found,
        "conditions": conditions or ConditionsForm(story=story),
        "taken": TakenForm(request.POST if faults is not None else None),
        "rows": [(pair, (faults or {}).get(pair.view.pk, "")) for pair in story.pairs],
        "faults": faults,
        "outcomes": [(decision, CONSEQUENCES[decision]) for decision in CONSEQUENCES],
        "refusal": NOT_SAVED if is_refused else "",
    }
    return staff_render(request, "plans/review.html", story.review.title, context)
