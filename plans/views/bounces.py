"""What comes back: the hook mail services call, what came in, and the patients to phone instead."""

from __future__ import annotations

import json
import logging
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from plans.forms.outbox import SettleForm
from plans.operations.bounces import Noted, note_bounce, note_false_call, trust_address
from plans.operations.outbox import close_letters
from plans.queries.phone_list import PER_PAGE, came_back, counted, phone_list
from plans.rules.bounce_hooks import Call, is_genuine, service_of

logger = logging.getLogger(__name__)

LARGEST_CALL = 256 * 1024
SHORTEST_SECRET = 20


@csrf_exempt
@require_POST
def mail_hook(request: HttpRequest, secret: str) -> HttpResponse:
    """A mail service tells what became of letters. Answers only what makes it stop, or try again."""
    wanted = settings.MAIL_HOOK_SECRET
    if len(wanted) < SHORTEST_SECRET or not constant_time_compare(secret, wanted):
        if wanted:
            note_false_call(source="hook", now=clock.now())
        raise Http404
    body = request.read(LARGEST_CALL + 1)
    if len(body) > LARGEST_CALL:
        return HttpResponse(status=413)
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return HttpResponse(status=400)
    return _heard(Call(body, data, request.headers.get("X-Signature", ""), clock.now().timestamp()))


def _heard(call: Call) -> HttpResponse:
    service = service_of(call.data)
    if service is None:
        return HttpResponse(status=400)
    if not is_genuine(service, call, settings.MAIL_HOOK_KEY):
        note_false_call(source=f"hook: {service.name}", now=clock.now())
        return HttpResponse(status=403)
    ends = [
        note_bounce(report, source=f"hook: {service.name}", now=clock.now()) for report in service.reports(call.data)
    ]
    # A report that came before our own books were written: the service tries again, and what is noted stays as it is.
    return HttpResponse(status=503 if Noted.LATER in ends else 204)


@staff_page(Deed.SEE_OUTBOX)
def phone_page(request: StaffRequest) -> HttpResponse:
    page = phone_list(request.user, now=clock.now(), after=request.GET.get("after", ""))
    people = [(one, SettleForm(auto_id=f"{one.patient.pk.hex}_%s")) for one in page.patients]
    context = {"page": page, "people": people, "may_settle": request.user.can(Deed.SETTLE_MAIL)}
    return staff_render(request, "plans/phone.html", "Phone these patients", context)


@require_POST
@staff_page(Deed.SETTLE_MAIL)
def phone_settled(request: StaffRequest) -> HttpResponse:
    """The letters the page showed, and no others: what was planned meanwhile has not been told."""
    form = SettleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Write in a word what was done: “told her by phone”.")
        return redirect("plans:phone")
    done = close_letters(
        reminder_ids=form.cleaned_data["letter"], reason=form.cleaned_data["reason"], by=request.user, now=clock.now()
    )
    messages.success(request, f"{done} letter{'' if done == 1 else 's'} settled.")
    return redirect("plans:phone")


@require_POST
@staff_page(Deed.SETTLE_MAIL)
def address_works(request: StaffRequest, pk: UUID) -> HttpResponse:
    patient = trust_address(patient_id=pk, by=request.user, now=clock.now())
    messages.success(request, f"Letters go to {patient.email} again.")
    return redirect("plans:phone")


@staff_page(Deed.SEE_OUTBOX)
def returns(request: StaffRequest) -> HttpResponse:
    by, now = request.user, clock.now()
    rows = came_back(by, before=request.GET.get("before", ""))
    context = {
        "rows": [(row, row.reminder.location.zone) for row in rows[:PER_PAGE] if row.reminder],
        "older": rows[PER_PAGE - 1].received_at.isoformat() if len(rows) > PER_PAGE else "",
        "counts": counted(by, now=now),
        "is_read": bool(settings.BOUNCES_URL or settings.MAIL_HOOK_SECRET),
    }
    return staff_render(request, "plans/returns.html", "Letters that came back", context)
