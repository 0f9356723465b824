"""The patient's own page. The signed link is the key: no login, no cookie, no script. GET never changes anything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from uuid import UUID

from csp.decorators import csp
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from clinic import clock
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Refusal
from patients.links import UNSUBSCRIBE, make_link_token, patient_behind
from patients.models import Patient
from patients.operations.patients import choose_mails, unsubscribe
from plans.letters.facts import RED_FLAGS
from plans.models import Appointment, ChecklistItem
from plans.operations.booking import confirm_own_appointment
from plans.operations.sessions import tick_own_item
from plans.queries.own_page import QUESTIONS, own_answer, own_page

P = ParamSpec("P")
# The whole policy, not a change to the staff pages' one: what is not named here must not be left over from there.
STRICT = {
    "default-src": ["'none'"], "style-src": ["'self'"], "img-src": ["'self'"], "form-action": ["'self'"],
    "base-uri": ["'none'"], "frame-ancestors": ["'none'"],
}  # fmt: skip
FAR = timedelta(days=3660)
GROUPS = {
    "appointments": "appointments", "care": "care before and after sessions", "reviews": "reviews",
    "all": "anything",
}  # fmt: skip

SAID = {
    "confirmed": "Thank you, we have noted that you will come.",
    "mails": "Your choice of mails is saved.",
}

View = Callable[Concatenate[HttpRequest, str, P], HttpResponse]


def private_link(page: View[P]) -> View[P]:
    """A link that is broken, old or revoked says so; nothing of it reaches caches, referers or search engines."""

    @wraps(page)
    def guarded(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = page(request, token, *args, **kwargs)
        except Refusal as refusal:
            response = render(request, "patient/link_over.html", {"sentence": refusal.sentence}, status=410)
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    # The token is the authority here, there is no session that a foreign page could ride on.
    return csrf_exempt(cast("View[P]", csp(STRICT)(guarded)))  # type: ignore[arg-type]  # stubs know no path


@private_link
@require_http_methods(["GET", "HEAD"])
def own_page_view(request: HttpRequest, token: str) -> HttpResponse:
    patient, _ = patient_behind(token, now=clock.now())
    return _show(request, token, patient, said=SAID.get(request.GET.get("said", ""), ""))


@private_link
@require_POST
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    patient, _ = patient_behind(token, now=clock.now())
    try:
        confirm_own_appointment(
            patient_id=patient.pk, appointment_id=UUID(request.POST.get("appointment", "")), now=clock.now()
        )
    except (Appointment.DoesNotExist, ValueError):
        return _show(request, token, patient, alarm="This appointment is not there any more. Here is what is true now.")
    except Refusal as refusal:
        return _show(request, token, patient, alarm=refusal.sentence)
    return _back(token, "confirmed")


@private_link
@require_POST
def tick(request: HttpRequest, token: str) -> HttpResponse:
    patient, _ = patient_behind(token, now=clock.now())
    try:
        tick_own_item(
            patient_id=patient.pk,
            item_id=UUID(request.POST.get("item", "")),
            ticked=request.POST.get("ticked") == "yes",
            now=clock.now(),
        )
    except (ChecklistItem.DoesNotExist, ValueError):
        return _show(request, token, patient, alarm="That item is not on your list any more.")
    return _back(token)


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
    return _back(token, "mails")


@private_link
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_view(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST does; a mail program's one-click POST (RFC 8058) needs no more than the link."""
    now = clock.now()
    patient, group = patient_behind(token, purpose=UNSUBSCRIBE, now=now)
    done = request.method == "POST"
    if done:
        unsubscribe(patient_id=patient.pk, group=group or "all", now=now)
    context = {
        "location": patient.home_location,
        "group": GROUPS.get(group, GROUPS["all"]),
        "done": done,
        "own_token": make_link_token(patient, now=now),
    }
    return render(request, "patient/unsubscribe.html", context)


def _back(token: str, said: str = "") -> HttpResponse:
    """To the page itself, so that loading it again sends nothing twice. No cookie carries the message."""
    page = reverse("plans:own-page", args=[token])
    return redirect(f"{page}?said={said}" if said else page)


def _show(request: HttpRequest, token: str, patient: Patient, *, said: str = "", alarm: str = "") -> HttpResponse:
    location = patient.home_location
    context = {
        "token": token,
        "patient": patient,
        "location": location,
        "zone": location.zone,
        "page": own_page(patient, now=clock.now()),
        "said": said,
        "alarm": alarm,
        "red_flags": RED_FLAGS,
        "asked": _asked(request, patient),
    }
    return render(request, "patient/own_page.html", context)


def _asked(request: HttpRequest, patient: Patient) -> dict[str, object] | None:
    """The answer to "may I … on this day?", asked with GET."""
    act, text = request.GET.get("act", ""), request.GET.get("day", "")
    if act not in QUESTIONS or not text:
        return None
    day = _day(text, around=local_day(clock.now(), patient.home_location.zone))
    if day is None:
        return {"sentence": "Please choose a day.", "allowed": False, "day": ""}
    spoken = own_answer(patient, act, day)
    return {"sentence": spoken.sentence, "proviso": spoken.proviso, "allowed": spoken.allowed, "day": text}


def _day(text: str, *, around: date) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if abs(day - around) <= FAR else None
