"""Something is wrong: one tap reports it, and the answer says at once whether to call now."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clinic import clock
from clinic.rules.asked import id_in
from clinic.rules.refusal import Refusal
from patients.links import patient_behind
from patients.models import Patient
from plans.models import PatientRequest
from plans.operations.requests import report_problem
from plans.queries.own_report import own_report
from plans.rules.own_choices import REPORT_LENGTH
from plans.rules.signs import OTHERS, RED_FLAGS, known_signs, must_call_now
from plans.views.own_frame import kept_language, own_render, private_link, speaking
from plans.views.own_words import refusal_words


@private_link
@require_http_methods(["GET", "HEAD", "POST"])
def own_report_view(request: HttpRequest, token: str) -> HttpResponse:
    patient, _ = patient_behind(token, now=clock.now())
    if request.method != "POST":
        return _form(request, token, patient)
    signs = known_signs(request.POST.getlist("sign"))
    try:
        made = report_problem(
            patient_id=patient.pk,
            signs=signs,
            text=request.POST.get("text", ""),
            token=id_in(request.POST.get("token", "")) or uuid4(),
            now=clock.now(),
        )
    except Refusal as refusal:
        # Whatever became of the report: who has a red flag is told to call.
        return _form(request, token, patient, refusal=refusal, call=must_call_now(signs, since_session=None))
    # Loading the answer again sends nothing twice.
    return redirect(reverse("plans:own-report-answer", args=[token, made.pk]) + kept_language(request, patient))


@private_link
@require_http_methods(["GET", "HEAD"])
def own_report_answer(request: HttpRequest, token: str, pk: UUID) -> HttpResponse:
    patient, _ = patient_behind(token, now=clock.now())
    try:
        report = own_report(patient, pk)
    except PatientRequest.DoesNotExist:
        return _form(request, token, patient)
    context = {"token": token, "report": report, "red_flags": RED_FLAGS, "others": OTHERS, "length": REPORT_LENGTH}
    return own_render(request, "patient/report_answer.html", patient, context)


def _form(
    request: HttpRequest, token: str, patient: Patient, *, refusal: Refusal | None = None, call: bool = False
) -> HttpResponse:
    with speaking(request, patient):
        alarm = refusal_words(refusal) if refusal else ""
    context = {
        "token": token,
        "red_flags": RED_FLAGS,
        "others": OTHERS,
        "alarm": alarm,
        "call": call,
        "form_token": uuid4(),
        "text": request.POST.get("text", "")[:REPORT_LENGTH],
        "length": REPORT_LENGTH,
    }
    return own_render(request, "patient/report.html", patient, context)
