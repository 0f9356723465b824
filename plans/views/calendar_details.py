"""One appointment, opened from the calendar: who, what, how it stands, and what can be done with it."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page
from plans.models import Appointment
from plans.queries.appointment_story import AppointmentStory, appointment_story
from plans.queries.calendar_alerts import read_plans
from plans.queries.telling import why_no_mail
from plans.rules.states import AppointmentState
from plans.views.board import STEPS


@staff_page(Deed.SEE_PATIENT)
def calendar_details(request: StaffRequest, pk: UUID) -> HttpResponse:
    """The inside of the dialog. Without a script the appointment's own page is opened instead."""
    story = appointment_story(request.user, pk, now=clock.now())
    one = story.appointment
    context = {
        "story": story,
        "one": one,
        "patient": one.patient,
        "what": _what(story),
        "steps": _steps(story, may=request.user.can(Deed.CHECK_IN)),
        "no_mail": why_no_mail(one.patient),
        "token": uuid4(),
        "back": request.GET.get("back", ""),
    }
    return render(request, "plans/calendar/_details.html", context)


@require_POST
@staff_page(Deed.CHECK_IN)
def calendar_step(request: StaffRequest, pk: UUID, step: str) -> HttpResponse:
    """Check in, call in, done: the board's steps, and back to the calendar."""
    if step not in STEPS:
        raise Http404
    deal, said = STEPS[step]
    row: Appointment = deal(appointment_id=pk, by=request.user, now=clock.now())
    messages.success(request, said.format(row.patient))
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("plans:appointment", pk)


def _what(story: AppointmentStory) -> str:
    """ "Session 3 of 4"."""
    session = story.appointment.session
    if session is None:
        return story.what
    return f"Session {session.number} of {read_plans([session.plan_id])[session.plan_id].total}"


def _steps(story: AppointmentStory, *, may: bool) -> list[tuple[str, str]]:
    """The next step of the visit, as the board names it."""
    state = story.appointment.state
    if story.can_check_in:
        return [("arrive", "Came after all" if state == AppointmentState.NO_SHOW else "Check in")]
    if not may:
        return []
    if state == AppointmentState.ARRIVED:
        return [("begin", "In treatment")]
    # A session is done when what was given is written down.
    return [("finish", "Done")] if state == AppointmentState.IN_TREATMENT and not story.appointment.session else []
