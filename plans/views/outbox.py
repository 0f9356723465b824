"""The outbox: every letter, why it stands as it stands, and the exact mail."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.models import Staff
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from patients.models import Patient
from plans.forms.outbox import Asked, CloseForm, OutboxFilter
from plans.models import Reminder
from plans.models.reminder import NEEDS_A_HUMAN
from plans.operations.outbox import ENDED_BADLY, close_reminder, resend
from plans.queries.outbox import counts, exact_mail, letter, letters, why
from plans.rules.states import ReminderState, may_move

PAGE = 50


@staff_page(Deed.SEE_OUTBOX)
def outbox(request: StaffRequest) -> HttpResponse:
    by = request.user
    form = OutboxFilter(request.GET)
    asked = form.asked()
    patient = Patient.objects.visible_to(by).filter(pk=asked.patient_id).first() if asked.patient_id else None
    found = list(_asked_for(by, asked, clock.now())[: PAGE + 1])
    context = {
        "form": form,
        "asked": asked,
        "about": patient,
        "rows": [(row, why(row), row.location.zone) for row in found[:PAGE]],
        "older": _older(request, found) if len(found) > PAGE else "",
        "waiting": letters(by, waiting=True).count(),
        "planned": counts(by).get(ReminderState.PLANNED, 0),
    }
    return staff_render(request, "plans/outbox.html", "Outbox", context)


def _asked_for(by: Staff, asked: Asked, now: datetime) -> QuerySet[Reminder]:
    """Newest first; those planned soonest first. Who asks for nothing sees what was due by now, not next year's."""
    rows = letters(by, state=asked.state, kind=asked.kind, patient_id=asked.patient_id, waiting=asked.waiting)
    if asked.words:
        rows = rows.filter(patient__in=Patient.objects.visible_to(by).matching(asked.words))
    if not asked.is_narrowed:
        rows = rows.filter(due_at__lte=now)
    if asked.state is ReminderState.PLANNED:
        rows = rows.order_by("due_at", "id")
    if asked.after is None:
        return rows
    due, last = asked.after
    if asked.state is ReminderState.PLANNED:
        return rows.filter(Q(due_at__gt=due) | Q(due_at=due, pk__gt=last))
    return rows.filter(Q(due_at__lt=due) | Q(due_at=due, pk__lt=last))


def _older(request: StaffRequest, found: list[Reminder]) -> str:
    """The address of the next page: from the last row shown on, so that new rows push nothing twice."""
    last = found[PAGE - 1]
    kept = [(name, str(value)) for name, value in request.GET.items() if name != "after"]
    return "?" + urlencode([*kept, ("after", f"{last.due_at.isoformat()}~{last.pk}")])


@staff_page(Deed.SEE_OUTBOX)
def letter_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _letter(request, pk, CloseForm())


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
    again = resend(reminder_id=pk, by=request.user, now=clock.now())
    messages.success(request, "The letter is planned again, with today's facts. It goes within a minute.")
    return redirect("plans:letter", again.pk)


@require_POST
@staff_page(Deed.SETTLE_MAIL)
def letter_close(request: StaffRequest, pk: UUID) -> HttpResponse:
    form = CloseForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: close_reminder(reminder_id=pk, reason=reason, by=request.user, now=clock.now())):
            messages.success(request, "The letter is put aside.")
            return redirect("plans:letter", pk)
    return _letter(request, pk, form)


def _letter(request: StaffRequest, pk: UUID, form: CloseForm) -> HttpResponse:
    row = letter(request.user, pk)
    again = Reminder.objects.visible_to(request.user).filter(supersedes=row).only("pk").first()
    may, state = request.user.can(Deed.SETTLE_MAIL), ReminderState(row.state)
    context = {
        "letter": row,
        "mail": exact_mail(row),
        "why": why(row),
        "zone": row.location.zone,
        "now_due": _is_due(row, clock.now()),
        "again": again,
        "form": form,
        "can_resend": may and again is None and (state in ENDED_BADLY or state is ReminderState.SENT),
        "can_close": may and may_move(state, ReminderState.CLOSED),
        "needs_somebody": state in NEEDS_A_HUMAN and row.settled_at is None,
    }
    return staff_render(request, "plans/letter.html", row.subject or row.get_kind_display(), context)


def _is_due(row: Reminder, now: datetime) -> bool:
    return row.state == ReminderState.PLANNED and row.due_at <= now
