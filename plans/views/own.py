"""The patient's own page. The signed link is the key: no login, no cookie, no script. GET never changes anything."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from clinic import clock
from clinic.rules.asked import id_in
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Refusal
from patients.links import UNSUBSCRIBE, make_link_token, patient_behind
from patients.models import Patient
from patients.operations.patients import choose_language, choose_mails, unsubscribe
from plans.models import Appointment, ChecklistItem
from plans.operations.booking import confirm_own_appointment
from plans.operations.sessions import tick_own_item
from plans.queries.own_page import own_page
from plans.rules.signs import RED_FLAGS
from plans.views.own_frame import back_to_page, own_render, private_link, speaking
from plans.views.own_words import GONE, NO_ITEM, refusal_words, said_words

__all__ = ["confirm", "language", "mails", "own_page_view", "private_link", "tick", "unsubscribe_view"]
FAR = timedelta(days=3660)
NOBODY = UUID(int=0)


@private_link
@require_http_methods(["GET", "HEAD"])
def own_page_view(request: HttpRequest, token: str) -> HttpResponse:
    patient, _ = patient_behind(token, now=clock.now())
    return show_page(request, token, patient)


@private_link
@require_POST
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    patient, _ = patient_behind(token, now=clock.now())
    wanted = id_in(request.POST.get("appointment", "")) or NOBODY
    try:
        confirm_own_appointment(patient_id=patient.pk, appointment_id=wanted, now=clock.now())
    except Appointment.DoesNotExist:
        return show_page(request, token, patient, alarm=_said(request, patient, GONE))
    except Refusal as refusal:
        return show_page(request, token, patient, refusal=refusal)
    return back_to_page(request, token, patient, "confirmed")


@private_link
@require_POST
def tick(request: HttpRequest, token: str) -> HttpResponse:
    patient, _ = patient_behind(token, now=clock.now())
    try:
        tick_own_item(
            patient_id=patient.pk,
            item_id=id_in(request.POST.get("item", "")) or NOBODY,
            ticked=request.POST.get("ticked") == "yes",
            now=clock.now(),
        )
    except ChecklistItem.DoesNotExist:
        return show_page(request, token, patient, alarm=_said(request, patient, NO_ITEM))
    return back_to_page(request, token, patient)


@private_link
@require_POST
def mails(request: HttpRequest, token: str) -> HttpResponse:
    patient, _ = patient_behind(token, now=clock.now())
    chosen = request.POST.getlist("group")
    choose_mails(
        patient_id=patient.pk,
        appointments="appointments" in chosen,
        care="care" in chosen,
        reviews="reviews" in chosen,
        now=clock.now(),
    )
    return back_to_page(request, token, patient, "mails")


@private_link
@require_POST
def language(request: HttpRequest, token: str) -> HttpResponse:
    """From now on her page and her letters are written in it; a link with ?lang= changes one view only."""
    patient, _ = patient_behind(token, now=clock.now())
    try:
        patient = choose_language(patient_id=patient.pk, language=request.POST.get("language", ""), now=clock.now())
    except Refusal as refusal:
        return show_page(request, token, patient, refusal=refusal)
    # Without the language of the view: from here on the page has her own.
    return redirect(f"{reverse('plans:own-page', args=[token])}?said=language")


@private_link
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_view(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST does; a mail program's one-click POST (RFC 8058) needs no more than the link."""
    now = clock.now()
    patient, group = patient_behind(token, purpose=UNSUBSCRIBE, now=now)
    done = request.method == "POST"
    if done:
        unsubscribe(patient_id=patient.pk, group=group or "all", now=now)
    context = {"group": group or "all", "done": done, "own_token": make_link_token(patient, now=now)}
    return own_render(request, "patient/unsubscribe.html", patient, context)


def show_page(
    request: HttpRequest, token: str, patient: Patient, *, alarm: str = "", refusal: Refusal | None = None
) -> HttpResponse:
    now, home = clock.now(), patient.home_location
    with speaking(request, patient):
        said = said_words(request.GET.get("said", "")) if request.method != "POST" else ""
        alarm = refusal_words(refusal) if refusal else alarm
    asked = request.GET.get("day", "")
    day = _day(asked, around=local_day(now, home.zone))
    context = {
        "token": token,
        "zone": home.zone,
        "page": own_page(patient, act=request.GET.get("act", ""), day=day, now=now),
        "said": said,
        "alarm": alarm,
        "red_flags": RED_FLAGS,
        "asked_nonsense": bool(asked) and day is None,
    }
    return own_render(request, "patient/own_page.html", patient, context)


def _said(request: HttpRequest, patient: Patient, sentence: str) -> str:
    with speaking(request, patient):
        return gettext(sentence)


def _day(text: str, *, around: date) -> date | None:
    """The day she asks about, with GET; None for what is no day of hers."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if abs(day - around) <= FAR else None
