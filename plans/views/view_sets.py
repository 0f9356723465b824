"""View sets: read, printed for the wall, written as the next version, retired, taken over by open reviews."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.plan import ReasonForm
from plans.forms.view_sets import CopySetForm, ViewSetEditor, rearranged
from plans.models import ViewSet
from plans.models.view_set_facts import content_of
from plans.operations.view_sets import (
    copy_view_set,
    publish_view_set,
    renew_reviews,
    retire_view_set,
    why_not_retire,
)
from plans.queries.view_sets import compared_sets, foresee_view_set, view_set_lines, view_set_page
from plans.rules.view_sets import GUIDES


@require_http_methods(["GET"])
@staff_page(Deed.SEE_PROTOCOLS)
def view_sets(request: StaffRequest) -> HttpResponse:
    return staff_render(request, "plans/view_sets.html", "View sets", {"lines": view_set_lines(request.user)})


@require_http_methods(["GET"])
@staff_page(Deed.SEE_PROTOCOLS)
def view_set(request: StaffRequest, pk: UUID) -> HttpResponse:
    page = view_set_page(request.user, pk)
    return staff_render(request, "plans/view_set.html", page.row.title, {"page": page})


@require_http_methods(["GET"])
@staff_page(Deed.SEE_PROTOCOLS)
def view_set_compare(request: StaffRequest, pk: UUID, other: UUID) -> HttpResponse:
    """The first address is what was, the second what is."""
    comparison = compared_sets(request.user, pk, other)
    return staff_render(request, "plans/view_set_compare.html", "What is different", {"comparison": comparison})


@require_http_methods(["GET", "POST"])
@staff_page(Deed.CHANGE_PROTOCOLS)
def view_set_edit(request: StaffRequest, pk: UUID) -> HttpResponse:
    """GET shows what is written; POST rearranges it (`do=up-2`), shows what changes (`look`) or publishes (`save`)."""
    page = view_set_page(request.user, pk)
    if request.method == "GET" and not page.is_newest:
        messages.info(request, f"Version {page.newest.version} is the newest: it is the one to go on from.")
        return redirect("plans:view-set-edit", page.newest.pk)
    was, do = content_of(page.row), request.POST.get("do", "look")
    editor, foresight = ViewSetEditor(was), None
    if request.method == "POST" and do not in ("look", "save"):
        editor = ViewSetEditor(was, rearranged(request.POST, do))
    elif request.method == "POST":
        editor = ViewSetEditor(was, request.POST, is_bound=True)
        if editor.is_valid():
            wanted = editor.wanted()
            if do == "save":
                made = attempt(
                    editor.main,
                    lambda: publish_view_set(view_set_id=pk, wanted=wanted, by=request.user, now=clock.now()),
                )
                if made:
                    messages.success(request, f"Version {made.version} is in force for new reviews.")
                    return redirect("plans:view-set", made.pk)
            foresight = foresee_view_set(request.user, page.row, wanted)
    context = {"page": page, "editor": editor, "foresight": foresight, "guides": GUIDES}
    return staff_render(request, "plans/view_set_edit.html", f"Edit “{page.row.title}”", context)


@require_http_methods(["GET", "POST"])
@staff_page(Deed.CHANGE_PROTOCOLS)
def view_set_copy(request: StaffRequest, pk: UUID) -> HttpResponse:
    page = view_set_page(request.user, pk)
    form = CopySetForm(request.POST or None, initial={"title": f"{page.row.title}, our own"[:80]})
    if request.method == "POST" and form.is_valid():
        title = form.cleaned_data["title"]
        made = attempt(form, lambda: copy_view_set(view_set_id=pk, title=title, by=request.user, now=clock.now()))
        if made:
            messages.success(request, "The copy stands: say what it is chosen for, and change its views.")
            return redirect("plans:view-set-edit", made.pk)
    return staff_render(request, "plans/view_set_copy.html", "Copy a view set", {"page": page, "form": form})


@require_http_methods(["GET", "POST"])
@staff_page(Deed.CHANGE_PROTOCOLS)
def view_set_retire(request: StaffRequest, pk: UUID) -> HttpResponse:
    page = view_set_page(request.user, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = attempt(form, lambda: retire_view_set(view_set_id=pk, reason=reason, by=request.user, now=clock.now()))
        if done:
            messages.success(request, "It is retired: no new review gets it.")
            return redirect("plans:view-set", pk)
    why_not = why_not_retire(page.row, ViewSet.objects.all())
    context = {"page": page, "form": form, "why_not": why_not}
    return staff_render(request, "plans/view_set_retire.html", "Retire a view set", context)


@require_POST
@staff_page(Deed.CHANGE_PROTOCOLS)
def view_set_renew(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Let open reviews without a photo take this version."""
    count = renew_reviews(view_set_id=pk, by=request.user, now=clock.now())
    words = f"{count} open review{' asks' if count == 1 else 's ask'} for the views of this version now."
    messages.success(request, words if count else "No open review without a photo was left to change.")
    return redirect("plans:view-set", pk)
