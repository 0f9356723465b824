"""A protocol to read, to compare, and the decisions about a whole version: copy, publish, retire, discard."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.plan import ReasonForm
from plans.forms.protocol_decisions import CopyForm, NoteForm
from plans.operations.protocol_versions import (
    copy_protocol,
    discard_draft,
    draft_next_version,
    publish_protocol,
    retire_protocol,
)
from plans.queries.protocol_page import compared, protocol_page


@staff_page(Deed.SEE_PROTOCOLS)
def protocol(request: StaffRequest, pk: UUID) -> HttpResponse:
    page = protocol_page(request.user, pk, now=clock.now())
    return staff_render(request, "plans/protocol.html", page.protocol.title, {"page": page})


@staff_page(Deed.SEE_PROTOCOLS)
def protocol_compare(request: StaffRequest, pk: UUID, other: UUID) -> HttpResponse:
    """The first address is what was, the second what is."""
    comparison = compared(request.user, pk, other)
    return staff_render(request, "plans/protocol_compare.html", "What is different", {"comparison": comparison})


@require_POST
@staff_page(Deed.CHANGE_PROTOCOLS)
def protocol_draft(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Begin the next version, or go on with the draft there is."""
    draft = draft_next_version(protocol_id=pk, by=request.user, now=clock.now())
    return redirect("plans:protocol-edit", draft.pk)


@staff_page(Deed.CHANGE_PROTOCOLS)
def protocol_copy(request: StaffRequest, pk: UUID) -> HttpResponse:
    page = protocol_page(request.user, pk, now=clock.now())
    title = f"{page.protocol.title}, our version"[:120]
    form = CopyForm(request.POST or None, initial={"title": title, "key": slugify(title)[:40].strip("-")})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        made = attempt(form, lambda: copy_protocol(protocol_id=pk, by=request.user, now=clock.now(), **said))
        if made:
            messages.success(request, "The copy is a draft. Nobody can choose it before it is published.")
            return redirect("plans:protocol-edit", made.pk)
    return staff_render(request, "plans/protocol_copy.html", "Copy a protocol", {"page": page, "form": form})


@staff_page(Deed.CHANGE_PROTOCOLS)
def protocol_publish(request: StaffRequest, pk: UUID) -> HttpResponse:
    page = protocol_page(request.user, pk, now=clock.now())
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        done = attempt(form, lambda: publish_protocol(protocol_id=pk, by=request.user, now=clock.now(), **said))
        if done:
            messages.success(request, f"Version {done.version} is published. Plans under way keep their own copy.")
            return redirect("plans:protocol", done.pk)
    old = page.published
    comparison = compared(request.user, old.pk, pk) if old and page.is_draft else None
    used = protocol_page(request.user, old.pk, now=clock.now()).used if old and page.is_draft else None
    context = {"page": page, "form": form, "comparison": comparison, "old": old, "used": used}
    return staff_render(request, "plans/protocol_publish.html", f"Publish version {page.protocol.version}", context)


@staff_page(Deed.CHANGE_PROTOCOLS)
def protocol_retire(request: StaffRequest, pk: UUID) -> HttpResponse:
    page = protocol_page(request.user, pk, now=clock.now())
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = attempt(form, lambda: retire_protocol(protocol_id=pk, reason=reason, by=request.user, now=clock.now()))
        if done:
            messages.success(request, "It is retired: no new plan is made from it.")
            return redirect("plans:protocol", pk)
    return staff_render(request, "plans/protocol_retire.html", "Retire a protocol", {"page": page, "form": form})


@staff_page(Deed.CHANGE_PROTOCOLS)
def protocol_discard(request: StaffRequest, pk: UUID) -> HttpResponse:
    page = protocol_page(request.user, pk, now=clock.now())
    if request.method == "POST":
        discard_draft(protocol_id=pk, by=request.user, now=clock.now())
        messages.success(request, "The draft is gone.")
        stays = page.published or next((line.protocol for line in page.versions if line.protocol.pk != pk), None)
        return redirect("plans:protocol", stays.pk) if stays else redirect("admin:plans_protocol_changelist")
    return staff_render(request, "plans/protocol_discard.html", "Discard the draft", {"page": page})
