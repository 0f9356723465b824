"""Holding a session: tick what was to be done before, write down what was given, or leave the session out."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from patients.rules.contraindications import may_override
from plans.forms.session import SessionForm
from plans.forms.treatment import TreatmentForm, find_lot
from plans.models import ChecklistItem, Session
from plans.operations.sessions import TreatmentGiven, complete_session, tick_item
from plans.queries.consequences import Meaning, consequences
from plans.queries.session_story import SessionStory, session_row, session_story, what_follows
from plans.rules.booking import OVERRIDABLE
from plans.rules.changes import Complete

CHECK, LOOK = "check", "look"


@staff_page(Deed.COMPLETE_SESSION)
def session_complete(request: StaffRequest, pk: UUID) -> HttpResponse:
    story = session_story(request.user, pk, now=clock.now())
    if request.POST.get(CHECK) == LOOK:
        return _complete_page(request, story, *_as_typed(request, story))
    if CHECK in request.POST:
        return _complete_page(request, story, *_looked_up(request, story))
    post = request.POST or None
    form = SessionForm(post, story=story)
    blocks = [TreatmentForm(post, modality=modality, story=story) for modality in story.modalities]
    is_filled = request.method == "POST" and all([form.is_valid(), *(block.is_valid() for block in blocks)])
    if is_filled and (done := _complete(request, pk, form, blocks)):
        follows = what_follows(request.user, pk, now=clock.now())
        messages.success(request, f"Session {done.number} is recorded. {follows}")
        return redirect("plans:plan", done.plan_id)
    return _complete_page(request, story, form, blocks)


def _complete(request: StaffRequest, pk: UUID, form: SessionForm, blocks: list[TreatmentForm]) -> Session | None:
    given: list[TreatmentGiven] = [one for block in blocks if (one := block.treatment())]
    started, ended = form.times()
    return attempt(
        form,
        lambda: complete_session(
            session_id=pk,
            started_at=started,
            ended_at=ended,
            treatments=given,
            remarks=form.cleaned_data["remarks"],
            override_reason=form.cleaned_data["override_reason"],
            by=request.user,
            now=clock.now(),
        ),
    )


def _looked_up(request: StaffRequest, story: SessionStory) -> tuple[SessionForm, list[TreatmentForm]]:
    """A scanner ends with Enter, which must not record the session: choose the lot it read, keep what was typed."""
    form, blocks = _as_typed(request, story)
    return form, [_with_lot(story, block) for block in blocks]


def _as_typed(request: StaffRequest, story: SessionStory) -> tuple[SessionForm, list[TreatmentForm]]:
    form = SessionForm(story=story)
    form.initial = {name: request.POST.get(name, "") for name in form.fields}
    return form, [TreatmentForm(request.POST, modality=modality, story=story) for modality in story.modalities]


def _with_lot(story: SessionStory, typed: TreatmentForm) -> TreatmentForm:
    values = typed.as_typed()
    block = TreatmentForm(initial=values, modality=typed.modality, story=story)
    if values.get("code"):
        try:
            lot = find_lot(values["code"], typed.lots, today=story.today)
        except Refusal as refusal:
            block.scan_fault = refusal.sentence
            block.begin_at("code")
        else:
            block.initial = {**values, "lot": str(lot.pk), "code": ""}
            block.scan_found = f"{lot} is chosen."
            block.begin_at("amount_ml")
    return block


def _complete_page(
    request: StaffRequest, story: SessionStory, form: SessionForm, blocks: list[TreatmentForm]
) -> HttpResponse:
    refused = form.errors.as_data().get("__all__", []) if form.is_bound else []
    at_fields = any(name != "__all__" for name in form.errors) or any(block.errors for block in blocks)
    context = {
        "follows": _follows(story, form) if story.is_open else None,
        "story": story,
        "session": story.session,
        "plan": story.plan,
        "patient": story.plan.patient,
        "form": form,
        "blocks": blocks,
        "has_faults": form.is_bound and at_fields,
        "asks_why": any(_yields(error.code or "") for error in refused) or bool(form["override_reason"].value()),
    }
    return staff_render(request, "plans/session_complete.html", f"Complete session {story.session.number}", context)


def _follows(story: SessionStory, form: SessionForm) -> Meaning | None:
    """What follows when she is treated on another day than agreed, or the best one; None when it is that day."""
    said = {name: form[name].value() for name in ("on", "started", "ended")}
    tried = SessionForm(said, story=story)
    if not tried.is_valid():
        return None
    starts, ends = tried.times()
    agreed = local_day(story.appointment.starts, story.zone) if story.appointment else story.session.target
    if local_day(starts, story.zone) == agreed:
        return None
    return consequences(story.plan, Complete(str(story.session.pk), starts, ends), now=story.now)


def _yields(code: str) -> bool:
    """Whether a written reason would do."""
    return code in OVERRIDABLE or code == "no_baseline" or may_override(code)


@require_POST
@staff_page(Deed.TICK)
def session_checklist(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Tick or untick one item, then back to where it was ticked."""
    try:
        item_id = UUID(request.POST.get("item", ""))
    except ValueError:
        raise ChecklistItem.DoesNotExist from None
    item = ChecklistItem.objects.visible_to(request.user).only("pk").get(pk=item_id, session_id=pk)
    tick_item(item_id=item.pk, ticked=request.POST.get("ticked") == "yes", by=request.user, now=clock.now())
    way = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(way, allowed_hosts=None):
        return redirect(way)
    return redirect("plans:plan", session_row(request.user, pk).plan_id)
