"""Pages about people: find, register, change."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from patients.forms import (
    NewPatientForm,
    PatientForm,
)
from patients.operations.patients import change_patient, register_patient
from patients.queries.patients import find_patients, patients_visible_to, possible_twins


@staff_page(Deed.SEE_PATIENT)
def patient_list(request: StaffRequest) -> HttpResponse:
    """The whole page; while somebody types, only what was found."""
    words, now = request.GET.get("q", "")[:100], clock.now()
    page = find_patients(request.user, words, after=request.GET.get("after", ""), now=now)
    context = {"page": page, "words": words, "now": now, "may_register": request.user.can(Deed.REGISTER_PATIENT)}
    if request.headers.get("HX-Target") == "found":
        return render(request, "patients/_found.html", {**context, "is_typing": True})
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


def _sent(request: StaffRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None
