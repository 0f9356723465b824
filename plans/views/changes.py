"""One page for every change of a plan: what is asked, what it would mean, and one button to accept it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from clinic import clock
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from plans.forms.change_form import ChangeForm
from plans.forms.changes import FORMS
from plans.operations.changes import apply_change
from plans.queries.change_kinds import Kind
from plans.queries.change_story import ChangeStory, change_story
from plans.queries.consequences import Meaning, meaning_of

LOOK, ACCEPT = "look", "accept"
CHOICE = "choice-"
TYPED_ON = "You changed something after this was worked out. Look at what it means now, then accept it."


@staff_page(Deed.CHANGE_PLAN)
def plan_change(request: StaffRequest, pk: UUID, kind: str) -> HttpResponse:
    """GET shows the plan as it would be; POST shows it for what was typed (`do=look`) or accepts it (`do=accept`)."""
    if kind not in set(Kind):
        raise Http404
    story = change_story(request.user, pk, Kind(kind), request.GET.dict(), now=clock.now())
    context = {"story": story, "plan": story.plan, "patient": story.plan.patient}
    if story.why_not or story.must_choose:
        return staff_render(request, "plans/change.html", story.title, context)
    is_accepted = request.method == "POST" and request.POST.get("do") == ACCEPT
    form = FORMS[story.kind](request.POST if request.method == "POST" else None, story=story, looks=not is_accepted)
    choices = _choices(request.POST)
    # Before anything is typed the page shows what would follow from the form as it stands.
    tried = form if form.is_bound else FORMS[story.kind](form.as_it_stands(), story=story, looks=True)
    meaning = _meaning(story, tried, choices)
    refusal = None
    if is_accepted and meaning and form.is_valid():
        refusal = _accept(request, story, form, meaning)
        if refusal is None:
            messages.success(request, f"{story.done} {meaning.summary}")
            return redirect("plans:plan", pk)
    context |= {
        "form": form,
        "meaning": meaning,
        "warnings": tried.warnings() if meaning else [],
        "refusal": _said(refusal, request, meaning) if refusal and meaning else "",
        "has_faults": is_accepted and bool(form.errors),
        "faults": _faults(tried, is_typed=form.is_bound),
    }
    return staff_render(request, "plans/change.html", story.title, context)


def _faults(form: ChangeForm, *, is_typed: bool) -> list[str]:
    """Why nothing can be shown, in sentences. A field that nobody has filled in yet is no fault."""
    labels = {name: f"{field.label}: " for name, field in form.fields.items()}
    return [
        f"{labels.get(name, '')}{sentence}"
        for name, errors in form.errors.as_data().items()
        for error in errors
        if is_typed or error.code != "required"
        for sentence in error.messages
    ]


def _choices(post: Mapping[str, str]) -> dict[str, str]:
    """What was chosen about each appointment, by its session's ref or its review's key."""
    return {name.removeprefix(CHOICE): post[name] for name in post if name.startswith(CHOICE)}


def _meaning(story: ChangeStory, form: ChangeForm, choices: Mapping[str, str]) -> Meaning | None:
    """Return what it would mean, None with the reasons in the form. A reason that is still missing is no hindrance."""
    form.is_valid()
    if set(form.errors) - {"reason"}:
        return None
    try:
        meaning = meaning_of(story.plan, story.facts, form.change(), choices, now=story.facts.now)
    except Refusal as refusal:
        form.refuse(refusal)
        return None
    form.judge(meaning.preview.facts.course)
    return None if set(form.errors) - {"reason"} else meaning


def _accept(request: StaffRequest, story: ChangeStory, form: ChangeForm, meaning: Meaning) -> Refusal | None:
    """Return why it was refused; None when it is done."""
    try:
        apply_change(
            plan_id=story.plan.pk,
            change=form.change(),
            choices=meaning.preview.choices,
            seen=request.POST.get("seen", ""),
            reason=form.cleaned_data["reason"],
            protocol_id=story.version.pk if story.version else None,
            by=request.user,
            now=clock.now(),
        )
    except Refusal as refusal:
        return refusal
    return None


def _said(refusal: Refusal, request: StaffRequest, meaning: Meaning) -> str:
    """Whoever changed the answers without looking is not told that the world has moved."""
    if refusal.code == "moved" and request.POST.get("answers") != meaning.answers:
        return TYPED_ON
    return refusal.sentence
