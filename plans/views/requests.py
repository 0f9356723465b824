"""The desk's list of what patients asked for and reported, and the link they did it by."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.models import Staff
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page, staff_render
from patients.models import Patient
from patients.operations.patients import revoke_links
from plans.models import Reminder
from plans.operations.outbox import resend
from plans.operations.requests import settle_request
from plans.queries.requests import request_list
from plans.rules.states import ReminderState


@staff_page(Deed.BOOK)
def requests_page(request: StaffRequest) -> HttpResponse:
    found = request_list(request.user, now=clock.now())
    context = {"found": found, "clinical": request.user.can(Deed.SEE_CLINICAL)}
    return staff_render(request, "plans/requests.html", "Requests", context)


@require_POST
@staff_page(Deed.BOOK)
def request_settle(request: StaffRequest, pk: UUID) -> HttpResponse:
    said = request.POST.get("answer", "")
    done = settle_request(request_id=pk, answer=said, by=request.user, now=clock.now())
    messages.success(request, f"{done.patient}: settled.")
    back = request.POST.get("back", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else "plans:requests")


@staff_page(Deed.CHANGE_PATIENT)
def link_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Make every link sent so far useless: a lost telephone, a letter in strange hands."""
    by = request.user
    patient = Patient.objects.visible_to(by).get(pk=pk)
    newest = _newest_letter(patient) if by.can(Deed.SETTLE_MAIL) else None
    if request.method == "POST":
        revoke_links(patient_id=pk, by=by, now=clock.now())
        messages.success(request, f"No link sent to {patient} so far opens anything any more.")
        if newest and request.POST.get("send") == "yes":
            _send_again(request, newest, by, clock.now())
        return redirect("plans:patient", pk)
    return staff_render(
        request, "plans/request_link.html", "The link to the own page", {"patient": patient, "newest": newest}
    )


def _newest_letter(patient: Patient) -> Reminder | None:
    sent = patient.reminders.filter(state=ReminderState.SENT).select_related("location").defer("mime")
    return sent.order_by("-sent_at", "-pk").first()


def _send_again(request: StaffRequest, letter: Reminder, by: Staff, now: datetime) -> None:
    """Written anew from today's facts, with the new link in it."""
    try:
        resend(reminder_id=letter.pk, by=by, now=now)
    except Refusal as refusal:
        messages.warning(request, f"The new link goes out with the next letter. {refusal.sentence}")
    else:
        messages.success(request, "The newest letter goes out once more, with a new link.")
