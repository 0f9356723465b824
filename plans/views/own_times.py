"""Another time, or none: what a patient may ask for and do about her own appointment. Looking changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from clinic import clock
from clinic.rules.asked import id_in
from clinic.rules.refusal import Refusal
from patients.links import patient_behind
from patients.models import Patient
from plans.models import Appointment
from plans.operations.requests import ask_to_cancel, ask_to_move, cancel_own_appointment
from plans.queries.own_times import own_time
from plans.rules.own_choices import PARTS, WORDS_LENGTH, wish_words
from plans.views.own import NOBODY, show_page
from plans.views.own_frame import back_to_page, own_render, private_link, speaking
from plans.views.own_words import GONE, refusal_words

WEEKDAYS = range(7)


@private_link
@require_http_methods(["GET", "HEAD", "POST"])
def own_move(request: HttpRequest, token: str, pk: UUID) -> HttpResponse:
    """When it would suit her. Nothing moves by itself: the desk finds the time and books it."""
    patient, _ = patient_behind(token, now=clock.now())

    def ask() -> str:
        ask_to_move(
            patient_id=patient.pk,
            appointment_id=pk,
            wishes=wish_words(request.POST.getlist("part"), _weekdays(request)),
            text=request.POST.get("text", ""),
            token=_form_token(request),
            now=clock.now(),
        )
        return "asked-move"

    return _page(request, token, patient, pk, "patient/move.html", ask)


@private_link
@require_http_methods(["GET", "HEAD", "POST"])
def own_cancel(request: HttpRequest, token: str, pk: UUID) -> HttpResponse:
    """What would be lost and what happens next, before anything is given up; too late for that, she asks."""
    patient, _ = patient_behind(token, now=clock.now())

    def cancel() -> str:
        if request.POST.get("answer") == "ask":
            said = {"text": request.POST.get("text", ""), "token": _form_token(request)}
            ask_to_cancel(patient_id=patient.pk, appointment_id=pk, now=clock.now(), **said)  # type: ignore[arg-type]
            return "asked-cancel"
        cancel_own_appointment(patient_id=patient.pk, appointment_id=pk, now=clock.now())
        return "cancelled"

    return _page(request, token, patient, pk, "patient/cancel.html", cancel)


def _page(
    request: HttpRequest, token: str, patient: Patient, pk: UUID, template: str, deed: Callable[[], str]
) -> HttpResponse:
    alarm = ""
    try:
        if request.method == "POST":
            try:
                return back_to_page(request, token, patient, deed())
            except Refusal as refusal:
                with speaking(request, patient):
                    alarm = refusal_words(refusal)
        one = own_time(patient, pk, now=clock.now())
    except Appointment.DoesNotExist:
        with speaking(request, patient):
            gone = gettext(GONE)
        return show_page(request, token, patient, alarm=gone)
    context = {
        "token": token,
        "one": one,
        "zone": one.zone,
        "alarm": alarm,
        "form_token": _form_token(request),
        "parts": list(PARTS),
        "chosen_parts": request.POST.getlist("part"),
        "weekdays": WEEKDAYS,
        "chosen_days": _weekdays(request),
        "text": request.POST.get("text", "")[:WORDS_LENGTH],
        "length": WORDS_LENGTH,
    }
    return own_render(request, template, patient, context, location=one.appointment.location)


def _weekdays(request: HttpRequest) -> list[int]:
    return [int(one) for one in request.POST.getlist("weekday") if one in {str(day) for day in WEEKDAYS}]


def _form_token(request: HttpRequest) -> UUID:
    """The token the form was shown with; a form without one counts as sent once."""
    token = id_in(request.POST.get("token", ""))
    return token if token and token != NOBODY else uuid4()
