"""An earlier time, offered by mail: looking changes nothing, one tap says yes or no. The signed link is the key."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clinic import clock
from clinic.rules.refusal import Refusal
from patients.links import patient_behind
from patients.models import Patient
from plans.models import Offer
from plans.operations.offers import decline_offer, take_offer
from plans.queries.waiting import own_offer
from plans.views.own_frame import kept_language, own_render, private_link, speaking
from plans.views.own_words import OFFER_REFUSED, refusal_words


@private_link
@require_http_methods(["GET", "HEAD", "POST"])
def offer_page(request: HttpRequest, token: str, pk: UUID) -> HttpResponse:
    patient, _ = patient_behind(token, now=clock.now())
    try:
        if request.method == "POST":
            return _answer(request, token, patient, pk)
        return _show(request, token, patient, pk)
    except Offer.DoesNotExist:
        sentence = "This offer is not there. Please open the link from your e-mail again, or call us."
        raise Refusal("offer_broken", sentence) from None


def _answer(request: HttpRequest, token: str, patient: Patient, pk: UUID) -> HttpResponse:
    """After the answer the page is loaded anew, so that loading it again sends nothing twice."""
    alarm = ""
    try:
        match request.POST.get("answer"):
            case "yes":
                take_offer(patient_id=patient.pk, offer_id=pk, now=clock.now())
            case "no":
                decline_offer(patient_id=patient.pk, offer_id=pk, now=clock.now())
    except Refusal as refusal:
        with speaking(request, patient):
            alarm = refusal_words(refusal, OFFER_REFUSED)
    if alarm:
        return _show(request, token, patient, pk, alarm=alarm)
    return redirect(reverse("plans:own-offer", args=[token, pk]) + kept_language(request, patient))


def _show(request: HttpRequest, token: str, patient: Patient, pk: UUID, *, alarm: str = "") -> HttpResponse:
    found = own_offer(patient, pk, now=clock.now())
    context = {
        "token": token,
        "zone": found.zone,
        "one": found,
        "offer": found.offer,
        "standing": found.standing.value,
        "alarm": alarm,
    }
    return own_render(request, "patient/offer.html", patient, context, location=found.offer.freed.location)
