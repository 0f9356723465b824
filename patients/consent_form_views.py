"""Pages about the forms themselves: read, compare, make the next version, publish. For managers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.admin.words import zone_of
from clinic.models import Location
from clinic.rules.asked import id_in
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from patients.operations.consent_forms import make_next_version, publish_consent_form
from patients.queries.consent_forms import FormStory, form_story, patients_to_ask_again


@staff_page(Deed.CHANGE_CLINIC)
def consent_form(request: StaffRequest, pk: UUID) -> HttpResponse:
    story = form_story(request.user, pk, against=id_in(request.GET.get("against", "")))
    return _page(request, "patients/consent_form.html", story.form.title, story)


@staff_page(Deed.CHANGE_CLINIC)
def consent_form_publish(request: StaffRequest, pk: UUID) -> HttpResponse:
    story = form_story(request.user, pk)
    if request.method == "POST":
        form = publish_consent_form(form_id=pk, by=request.user, now=clock.now())
        messages.success(request, f"Version {form.label} is in force: {form.title.lower()}.")
        return redirect("patients:consent-form", pk)
    if not story.is_draft:
        return redirect("patients:consent-form", pk)
    return _page(request, "patients/consent_form_publish.html", f"Publish: {story.form.title}", story,
                 again=patients_to_ask_again(story.form).count())  # fmt: skip


@require_POST
@staff_page(Deed.CHANGE_CLINIC)
def consent_form_next(request: StaffRequest, pk: UUID) -> HttpResponse:
    draft = make_next_version(form_id=pk, by=request.user, now=clock.now())
    messages.success(request, "The next version is a draft. Change its words here; patients do not see it yet.")
    return redirect("admin:patients_consentform_change", draft.pk)


def _page(request: StaffRequest, template: str, title: str, story: FormStory, **more: object) -> HttpResponse:
    place = story.form.location or Location.objects.visible_to(request.user).first()
    return staff_render(request, template, title, {"story": story, "form": story.form, "zone": zone_of(place), **more})
