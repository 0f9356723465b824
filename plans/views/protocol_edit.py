"""Writing a draft: everything on one page, with the course a patient would get beside it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.protocol import ProtocolEditor, with_row
from plans.models import Protocol
from plans.operations.protocol_versions import ProtocolWords, write_draft
from plans.queries.protocol_editing import Editing, editing
from plans.queries.protocol_trial import TrialStory, tried_out
from plans.rules.states import ProtocolState

ADD = "add-"


@staff_page(Deed.CHANGE_PROTOCOLS)
def protocol_edit(request: StaffRequest, pk: UUID) -> HttpResponse:
    """POST saves (`do=save`), shows the course (`do=preview`), or gives one more row (`do=add-care_rules`)."""
    told = editing(request.user, pk, now=clock.now())
    if told.protocol.state != ProtocolState.DRAFT:
        messages.info(request, "A version that was published is not changed. Begin the next one.")
        return redirect("plans:protocol", pk)
    do = request.POST.get("do", "save") if request.method == "POST" else ""
    data = with_row(request.POST, do.removeprefix(ADD)) if do.startswith(ADD) else request.POST
    editor = ProtocolEditor(told.protocol, today=told.today, data=data if do else None)
    is_good = editor.is_valid() if do else False
    if do == "save" and is_good and editor.is_up_to_date() and (saved := _save(request, editor)):
        messages.success(request, "The draft is saved. Nobody can choose it before it is published.")
        return redirect("plans:protocol", saved.pk)
    context = {"editor": editor, "told": told, "story": _story(editor, told), "today": told.today}
    return staff_render(request, "plans/protocol_edit.html", f"Edit {told.protocol.title}", context)


@require_POST
@staff_page(Deed.CHANGE_PROTOCOLS)
def protocol_preview(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What was typed, tried out; nothing is written."""
    told = editing(request.user, pk, now=clock.now())
    editor = ProtocolEditor(told.protocol, today=told.today, data=request.POST)
    editor.is_valid()
    context = {"editor": editor, "story": _story(editor, told), "today": told.today}
    return render(request, "plans/_protocol_preview.html", context)


def _save(request: StaffRequest, editor: ProtocolEditor) -> Protocol | None:
    course, words = editor.course, ProtocolWords(**editor.words())
    assert course is not None, "only a draft that was read is written"
    return attempt(
        editor.main,
        lambda: write_draft(
            protocol_id=editor.protocol.pk, course=course, words=words, by=request.user, now=clock.now()
        ),
    )


def _story(editor: ProtocolEditor, told: Editing) -> TrialStory | None:
    """None as long as what was typed cannot be dated."""
    course, day = editor.tryable()
    return tried_out(course, starts_on=day, zone=told.zone) if course and day else None
