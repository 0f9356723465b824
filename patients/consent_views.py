"""Pages about consent: what is in force, asking and signing, the papers, the signature itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from patients.consent_fields import SignForm, WithdrawalForm
from patients.models import Consent
from patients.operations.consents import sign_consents, withdraw_consent
from patients.queries.consents import consent_story, signed_consent, signed_sheet

LARGEST = 40 * 1024 * 1024  # what the darkroom takes; a larger file is not even read
NOTHING_RUNS = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
KINDS = {"svg": "image/svg+xml", "jpg": "image/jpeg"}


@staff_page(Deed.RECORD_CONSENT)
def patient_consent(request: StaffRequest, pk: UUID) -> HttpResponse:
    story = consent_story(request.user, pk, now=clock.now())
    sent = request.POST if request.method == "POST" else None
    form = WithdrawalForm(sent, initial={"withdrawn_on": story.today})
    if sent is not None and form.is_valid() and _withdraw(request, form, pk):
        return redirect(_back(request, request.path))
    context = {"story": story, "patient": story.patient, "withdrawal": form, "back": _back(request, "")}
    return staff_render(request, "patients/consent.html", f"Consent of {story.patient.name}", context)


@staff_page(Deed.RECORD_CONSENT)
def consent_ask(request: StaffRequest, pk: UUID) -> HttpResponse:
    story = consent_story(request.user, pk, now=clock.now())
    sent = request.method == "POST"
    form = SignForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        story=story,
        initial={"told_on": story.today},
    )
    if sent and form.is_valid() and _sign(request, form, pk):
        return redirect(_back(request, reverse("patients:consent", args=[pk])))
    context = {"story": story, "patient": story.patient, "form": form, "back": _back(request, "")}
    return staff_render(request, "patients/consent_ask.html", f"Ask {story.patient.name} for consent", context)


@staff_page(Deed.RECORD_CONSENT)
def consent_blank(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The form to sign with a pen."""
    story = consent_story(request.user, pk, now=clock.now())
    context = {"story": story, "patient": story.patient}
    return staff_render(request, "patients/consent_blank.html", "Consent form", context)


@staff_page(Deed.RECORD_CONSENT)
def consent_signed(request: StaffRequest, pk: UUID) -> HttpResponse:
    """What was signed, as it was read then."""
    sheet = signed_sheet(request.user, pk)
    context = {"sheet": sheet, "patient": sheet.patient}
    return staff_render(request, "patients/consent_signed.html", f"Signed by {sheet.patient.name}", context)


@staff_page(Deed.RECORD_CONSENT)
def consent_signature(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The signature's picture, to who may take one, and kept nowhere on the way."""
    name = signed_consent(request.user, pk).signature.name or ""
    kind = KINDS.get(name.rpartition(".")[2])
    if not name or kind is None:
        raise Http404
    try:
        file = default_storage.open(name)
    except FileNotFoundError:
        raise Http404 from None
    with file:
        answer = HttpResponse(file.read(), content_type=kind)
    answer["Content-Disposition"] = f'inline; filename="signature-{pk.hex[-8:]}.{name.rpartition(".")[2]}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = NOTHING_RUNS
    return answer


def _sign(request: StaffRequest, form: SignForm, pk: UUID) -> list[Consent] | None:
    """All answers or none: one sheet was signed."""
    scan = attempt(form, lambda: _developed(form.uploaded))
    if scan is None:
        return None
    signed = attempt(
        form,
        lambda: sign_consents(
            patient_id=pk,
            answers=form.answers(),
            signature=form.signature(scan),
            told_on=form.cleaned_data["told_on"],
            by=request.user,
            now=clock.now(),
        ),
    )
    if signed:
        for words, rows in (
            ("Consent is recorded", [row for row in signed if not row.said_no]),
            ("Said no", [row for row in signed if row.said_no]),
        ):
            if rows:
                topics = ", ".join(row.get_topic_display().lower() for row in rows)
                messages.success(request, f"{words}: {topics}.")
    return signed


def _developed(upload: File[bytes] | None) -> bytes:
    """The scan as a JPEG of our own making; nothing where none was sent. Refusal when it is no photo we keep."""
    if upload is None:
        return b""
    develop: Callable[..., Any] = import_string(settings.DARKROOM)
    picture = develop(bytes(upload.read(LARGEST + 1)), filename_hint=upload.name or "")
    return bytes(picture.renditions["large"])


def _withdraw(request: StaffRequest, form: WithdrawalForm, pk: UUID) -> bool:
    said = form.cleaned_data
    Consent.objects.visible_to(request.user).get(pk=said["consent"], patient_id=pk)
    consent = attempt(
        form,
        lambda: withdraw_consent(
            consent_id=said["consent"],
            withdrawn_on=said["withdrawn_on"],
            reason=said["reason"],
            by=request.user,
            now=clock.now(),
        ),
    )
    if consent:
        messages.success(request, f"Withdrawn: {consent.get_topic_display().lower()}.")
    return bool(consent)


def _back(request: StaffRequest, otherwise: str) -> str:
    """Where the person came from, when that is a page of ours."""
    asked = request.GET.get("back", "")
    is_ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours else otherwise
