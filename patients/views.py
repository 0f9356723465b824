"""Pages about people: find, register, change, assess, consent."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from patients.forms import (
    AssessmentForm,
    ConsentForm,
    NewPatientForm,
    PatientForm,
    WithdrawalForm,
    contraindication_groups,
    finding_forms,
)
from patients.models import Consent
from patients.operations.assessments import assess_patient
from patients.operations.consents import record_consent, withdraw_consent
from patients.operations.patients import change_patient, register_patient
from patients.queries.assessments import assessment_story
from patients.queries.consents import consent_story
from patients.queries.patients import find_patients, patients_visible_to, possible_twins
from patients.rules.consent import ConsentTopic


@staff_page(Deed.SEE_PATIENT)
def patient_list(request: StaffRequest) -> HttpResponse:
    words, now = request.GET.get("q", "")[:100], clock.now()
    page = find_patients(request.user, words, after=request.GET.get("after", ""), now=now)
    context = {"page": page, "words": words, "now": now, "may_register": request.user.can(Deed.REGISTER_PATIENT)}
    return staff_render(request, "patients/list.html", "Patients", context)


@staff_page(Deed.REGISTER_PATIENT)
def patient_new(request: StaffRequest) -> HttpResponse:
    form = NewPatientForm(_sent(request), by=request.user)
    twins = []
    if request.method == "POST" and form.is_valid():
        patient = attempt(
            form,
            lambda: register_patient(
                details=form.details(),
                home_location_id=form.cleaned_data["location"].pk,
                knowingly=form.cleaned_data["knowingly"],
                by=request.user,
                now=clock.now(),
            ),
        )
        if patient:
            messages.success(request, f"{patient.name} is registered.")
            return redirect("plans:patient", patient.pk)
        if form.has_error("__all__", "duplicate"):
            who = {name: form.cleaned_data[name] for name in ("first_name", "last_name", "birth_date")}
            twins = list(possible_twins(request.user, **who))
    return staff_render(request, "patients/new.html", "New patient", {"form": form, "twins": twins})


@staff_page(Deed.CHANGE_PATIENT)
def patient_edit(request: StaffRequest, pk: UUID) -> HttpResponse:
    patient = patients_visible_to(request.user).get(pk=pk)
    form = PatientForm(_sent(request), initial=PatientForm.initial_of(patient))
    if request.method == "POST" and form.is_valid():
        changed = attempt(
            form, lambda: change_patient(patient_id=pk, details=form.details(), by=request.user, now=clock.now())
        )
        if changed:
            messages.success(request, "Saved.")
            return redirect("plans:patient", pk)
    return staff_render(request, "patients/edit.html", f"Change {patient.name}", {"form": form, "patient": patient})


@staff_page(Deed.ASSESS)
def patient_assess(request: StaffRequest, pk: UUID) -> HttpResponse:
    now = clock.now()
    story = assessment_story(request.user, pk, shown=_uuid(request.GET.get("shown", "")), now=now)
    form, areas = AssessmentForm(_sent(request)), finding_forms(_sent(request))
    if request.method == "POST" and all([form.is_valid(), *(area.is_valid() for area in areas)]):
        findings = [finding for area in areas if (finding := area.finding())]
        made = attempt(
            form,
            lambda: assess_patient(
                patient_id=pk, assessment=form.save(commit=False), findings=findings, by=request.user, now=now
            ),
        )
        if made:
            messages.success(request, f"The assessment is saved: {made.get_verdict_display().lower()}.")
            return redirect(f"{request.path}?shown={made.pk}")
    context = {
        "form": form, "areas": areas, "groups": contraindication_groups(), "story": story, "patient": story.patient
    }  # fmt: skip
    return staff_render(request, "patients/assess.html", f"Assess {story.patient.name}", context)


@staff_page(Deed.RECORD_CONSENT)
def patient_consent(request: StaffRequest, pk: UUID) -> HttpResponse:
    story = consent_story(request.user, pk, now=clock.now())
    withdraws = request.POST.get("do") == "withdraw"
    form = ConsentForm(None if withdraws else _sent(request), initial={"told_on": story.today})
    withdrawal = WithdrawalForm(request.POST if withdraws else None, initial={"withdrawn_on": story.today})
    if withdraws and withdrawal.is_valid() and _withdraw(request, withdrawal, pk):
        return redirect(_back(request, request.path))
    if request.method == "POST" and not withdraws and form.is_valid() and _record(request, form, pk):
        return redirect(_back(request, request.path))
    context = {
        "story": story, "patient": story.patient, "form": form, "withdrawal": withdrawal, "back": _back(request, "")
    }  # fmt: skip
    return staff_render(request, "patients/consent.html", f"Consent of {story.patient.name}", context)


def _record(request: StaffRequest, form: ConsentForm, pk: UUID) -> bool:
    """All ticked topics or none: one form was signed."""
    said, now = form.cleaned_data, clock.now()

    @transaction.atomic
    def record() -> list[Consent]:
        return [
            record_consent(
                patient_id=pk, topic=ConsentTopic(topic), form_version=said["form_version"], told_on=said["told_on"],
                by=request.user, now=now,
            )
            for topic in said["topics"]
        ]  # fmt: skip

    recorded = attempt(form, record)
    if recorded:
        words = ", ".join(consent.get_topic_display().lower() for consent in recorded)
        messages.success(request, f"Consent is recorded: {words}.")
    return bool(recorded)


def _withdraw(request: StaffRequest, form: WithdrawalForm, pk: UUID) -> bool:
    said = form.cleaned_data
    Consent.objects.visible_to(request.user).get(pk=said["consent"], patient_id=pk)
    consent = attempt(
        form,
        lambda: withdraw_consent(
            consent_id=said["consent"], withdrawn_on=said["withdrawn_on"], by=request.user, now=clock.now()
        ),
    )
    if consent:
        messages.success(request, f"Withdrawn: {consent.get_topic_display().lower()}.")
    return bool(consent)


def _sent(request: StaffRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _back(request: StaffRequest, otherwise: str) -> str:
    """Where the person came from, when that is a page of ours."""
    asked = request.GET.get("back", "")
    is_ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return asked if is_ours else otherwise


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
