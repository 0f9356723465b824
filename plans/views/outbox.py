"""The outbox: every letter, why it stands as it stands, and the exact mail."""

from __future__ import annotations

import logging
from copy import copy
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db import DatabaseError
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from patients.models import Patient
from plans.forms.outbox import CloseForm, OutboxFilter, SettleForm, StopForm
from plans.letters.compose import compose
from plans.models import Reminder
from plans.models.reminder import NEEDS_A_HUMAN
from plans.operations.outbox import ENDED_BADLY, close_letters, close_reminder, resend, stop_reminder
from plans.queries.letter_life import language_of, life_of, written_with
from plans.queries.outbox import ShownMail, Tab, asked_for, exact_mail, letter, letters, locations_of, read_mail, why
from plans.rules.states import ReminderState, may_move

logger = logging.getLogger(__name__)

PAGE = 50
# What these would say is still worth reading: to somebody who phones instead, above all.
UNWRITTEN = (ReminderState.PLANNED, ReminderState.SKIPPED, ReminderState.EXPIRED, ReminderState.FAILED)
# Where a letter without an address would go, so that it can be shown at all.
NOWHERE = "nobody@example.invalid"


@staff_page(Deed.SEE_OUTBOX)
def outbox(request: StaffRequest) -> HttpResponse:
    by, now = request.user, clock.now()
    places = locations_of(by)
    form = OutboxFilter(request.GET, places=places)
    asked = form.asked()
    patient = Patient.objects.visible_to(by).filter(pk=asked.patient_id).first() if asked.patient_id else None
    place = next((one for one in places if one.pk == asked.location_id), next(iter(places), None))
    zone = place.zone if place else now.tzinfo
    found = list(asked_for(by, asked, zone=zone, now=now)[: PAGE + 1])  # type: ignore[arg-type]  # UTC is a zone, too
    context = {
        "form": form,
        "asked": asked,
        "about": patient,
        "rows": [(row, why(row), row.location.zone) for row in found[:PAGE]],
        "older": _older(request, found) if len(found) > PAGE else "",
        "waiting": letters(by, waiting=True).count(),
        "tabs": [(tab, _without(request, "after", "state", tab=tab.value)) for tab in Tab],
        "may_settle": by.can(Deed.SETTLE_MAIL),
        "settle": SettleForm(),
        "here": _without(request),
    }
    return staff_render(request, "plans/outbox.html", "Outbox", context)


def _older(request: StaffRequest, found: list[Reminder]) -> str:
    """The address of the next page: from the last row shown on, so that new rows push nothing twice."""
    last = found[PAGE - 1]
    return _without(request, "after", after=f"{last.due_at.isoformat()}~{last.pk}")


def _without(request: StaffRequest, *names: str, **more: str) -> str:
    """This page's address, without what is named and with what is given."""
    kept = [(name, str(value)) for name, value in request.GET.items() if value and name not in {*names, *more}]
    return "?" + urlencode([*kept, *more.items()])


@require_POST
@staff_page(Deed.SETTLE_MAIL)
def letters_close(request: StaffRequest) -> HttpResponse:
    """One word for all that were chosen, or for all that the page showed."""
    said = request.POST.copy()
    if said.get("which") == "all":
        said.setlist("letter", said.getlist("shown"))
    form = SettleForm(said)
    if not form.is_valid():
        messages.error(request, "Choose letters, and write in a word what was done: “phoned”, “no longer needed”.")
    else:
        chosen, reason = form.cleaned_data["letter"], form.cleaned_data["reason"]
        done = close_letters(reminder_ids=chosen, reason=reason, by=request.user, now=clock.now())
        messages.success(request, f"{done} letter{'' if done == 1 else 's'} put aside.")
    return redirect(_back(request.POST.get("back", "")))


def _back(address: str) -> str:
    return reverse("plans:outbox") + (address if address.startswith("?") else "")


@staff_page(Deed.SEE_OUTBOX)
def letter_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _letter(request, pk, CloseForm(), StopForm())


@staff_page(Deed.SEE_OUTBOX)
def letter_file(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The bytes as they went, for whoever has to prove what was sent."""
    row = letter(request.user, pk)
    if row.mime is None:
        raise Http404
    answer = HttpResponse(bytes(row.mime), content_type="message/rfc822")
    answer["Content-Disposition"] = f'attachment; filename="letter-{row.pk.hex[-8:]}.eml"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


@require_POST
@staff_page(Deed.SETTLE_MAIL)
def letter_resend(request: StaffRequest, pk: UUID) -> HttpResponse:
    now = clock.now()
    again = resend(reminder_id=pk, by=request.user, now=now)
    when = "It goes within a minute." if again.due_at <= now else "It goes at its hour."
    messages.success(request, f"The letter is planned again, with today's facts. {when}")
    return redirect("plans:letter", again.pk)


@require_POST
@staff_page(Deed.SETTLE_MAIL)
def letter_stop(request: StaffRequest, pk: UUID) -> HttpResponse:
    form = StopForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: stop_reminder(reminder_id=pk, reason=reason, by=request.user, now=clock.now())):
            messages.success(request, "The letter is stopped. “Send again” undoes it.")
            return redirect("plans:letter", pk)
    return _letter(request, pk, CloseForm(), form)


@require_POST
@staff_page(Deed.SETTLE_MAIL)
def letter_close(request: StaffRequest, pk: UUID) -> HttpResponse:
    form = CloseForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: close_reminder(reminder_id=pk, reason=reason, by=request.user, now=clock.now())):
            messages.success(request, "The letter is put aside.")
            return redirect("plans:letter", pk)
    return _letter(request, pk, form, StopForm())


def _letter(request: StaffRequest, pk: UUID, form: Form, stop: Form) -> HttpResponse:
    now = clock.now()
    row = letter(request.user, pk)
    again = Reminder.objects.visible_to(request.user).filter(supersedes=row).only("pk").first()
    may, state, mail = request.user.can(Deed.SETTLE_MAIL), ReminderState(row.state), exact_mail(row)
    is_planned = state is ReminderState.PLANNED
    context = {
        "letter": row,
        "mail": mail,
        "draft": _as_of_now(row, now) if mail is None and state in UNWRITTEN else None,
        "why": why(row),
        "life": life_of(row),
        "written_with": written_with(row) if mail else "",
        "language": language_of(row),
        "zone": row.location.zone,
        "now_due": is_planned and row.due_at <= now,
        "again": again,
        "form": form,
        "stop": stop,
        "can_resend": may and again is None and (state in ENDED_BADLY or state is ReminderState.SENT),
        "can_close": may and may_move(state, ReminderState.CLOSED),
        "can_stop": may and is_planned,
        "needs_somebody": state in NEEDS_A_HUMAN and row.settled_at is None,
    }
    return staff_render(request, "plans/letter.html", row.subject or row.get_kind_display(), context)


def _as_of_now(row: Reminder, now: datetime) -> ShownMail | None:
    """What it would say if it went now; None when it cannot be written, which is no reason for the page to fail."""
    draft = copy(row)
    draft.handed_off_at, draft.recipient = now, row.patient.email or NOWHERE
    try:
        return read_mail(compose(draft).mime)
    except DatabaseError:
        raise
    except Exception:
        logger.info("letter %s cannot be shown before it is written", row.pk)
        return None
