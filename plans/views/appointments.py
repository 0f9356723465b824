"""Booking, moving and what else becomes of an appointment."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.operations.once import once
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.booking import BookingForm, CancelForm, MovingForm
from plans.models import Appointment
from plans.operations.booking import book_appointment, cancel_appointment, move_appointment
from plans.operations.visits import check_in, mark_no_show
from plans.queries.appointment_story import appointment_story
from plans.queries.booking_story import (
    BookingStory,
    appointment_to_move,
    consultation_to_book,
    review_to_book,
    session_to_book,
)
from plans.queries.session_story import pre_care
from plans.queries.telling import why_no_mail
from plans.rules.happened import Happened
from plans.views.booking import choose_time, made_once, when


@staff_page(Deed.SEE_PATIENT)
def appointment_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _appointment(request, pk, CancelForm(initial={"reason": request.GET.get("reason", "")}))


@staff_page(Deed.BOOK)
def session_book(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _book(request, session_to_book(request.user, pk, now=clock.now()))


@staff_page(Deed.BOOK)
def review_book(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _book(request, review_to_book(request.user, pk, now=clock.now()))


@staff_page(Deed.BOOK)
def consultation_book(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _book(request, consultation_to_book(request.user, pk, now=clock.now()))


@staff_page(Deed.MOVE)
def appointment_move(request: StaffRequest, pk: UUID) -> HttpResponse:
    story = appointment_to_move(request.user, pk, now=clock.now())

    def move(form: BookingForm) -> Appointment:
        said = form.cleaned_data

        def do() -> list[UUID]:
            new = move_appointment(
                appointment_id=pk,
                starts=form.starts,
                minutes=said["minutes"],
                practitioner_id=said["practitioner"].pk,
                room_id=said["room"].pk if said["room"] else None,
                reason=said["reason"],
                override_reason=said["override_reason"],
                version=said["version"],
                tell=said["tell"],
                asked_by=said["asked_by"],
                by=request.user,
                now=clock.now(),
            )
            return [new.pk]

        made = once(said["token"], deed=Happened.APPOINTMENT_MOVED, by=request.user, now=clock.now(), do=do)
        return made_once(made, form, request)

    return choose_time(request, story, MovingForm, move, verb="Move", done="is moved to")


def _book(request: StaffRequest, story: BookingStory) -> HttpResponse:
    def book(form: BookingForm) -> Appointment:
        said = form.cleaned_data

        def do() -> list[UUID]:
            new = book_appointment(
                patient_id=story.patient.pk,
                purpose=story.purpose,
                session_id=story.session.pk if story.session else None,
                review_id=story.review.pk if story.review else None,
                practitioner_id=said["practitioner"].pk,
                room_id=said["room"].pk if said["room"] else None,
                starts=form.starts,
                minutes=said["minutes"],
                override_reason=said["override_reason"],
                tell=said["tell"],
                by=request.user,
                now=clock.now(),
            )
            return [new.pk]

        made = once(said["token"], deed=Happened.APPOINTMENT_BOOKED, by=request.user, now=clock.now(), do=do)
        return made_once(made, form, request)

    return choose_time(request, story, BookingForm, book, verb="Book", done="is booked for")


@require_POST
@staff_page(Deed.CANCEL)
def appointment_cancel(request: StaffRequest, pk: UUID) -> HttpResponse:
    form = CancelForm(request.POST)
    if form.is_valid() and (gone := attempt(form, lambda: _cancelled(request, pk, form))):
        messages.success(request, _gone_words(gone))
        return _back(request, pk)
    return _appointment(request, pk, form)


def _gone_words(gone: Appointment) -> str:
    words = f"The appointment on {when(gone)} is cancelled. Its time is free again."
    if gone.starts <= clock.now():
        return words
    return format_html(
        '{} <a href="{}">Offer it to the waiting list</a>', words, reverse("plans:waiting-offer", args=[gone.pk])
    )


def _cancelled(request: StaffRequest, pk: UUID, form: CancelForm) -> Appointment:
    """Cancel it, once however often the form is sent."""
    said, by, now = form.cleaned_data, request.user, clock.now()

    def do() -> list[UUID]:
        gone = cancel_appointment(
            appointment_id=pk, reason=said["reason"], version=said["version"], tell=said["tell"], by=by, now=now
        )
        return [gone.pk]

    made = once(said["token"], deed=Happened.APPOINTMENT_CANCELLED, by=by, now=now, do=do)
    return Appointment.objects.visible_to(by).select_related("location").get(pk=made[0])


@require_POST
@staff_page(Deed.CHECK_IN)
def appointment_check_in(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = check_in(appointment_id=pk, by=request.user, now=clock.now())
    messages.success(request, f"{row.patient} is checked in.")
    return _back(request, pk)


@require_POST
@staff_page(Deed.CHECK_IN)
def appointment_no_show(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = mark_no_show(appointment_id=pk, by=request.user, now=clock.now())
    messages.success(request, f"{row.patient} did not come. What was booked can be booked again.")
    return redirect("plans:missed", pk)


def _appointment(request: StaffRequest, pk: UUID, cancel: CancelForm) -> HttpResponse:
    story = appointment_story(request.user, pk, now=clock.now())
    one = story.appointment
    context = {
        "story": story,
        "one": one,
        "patient": one.patient,
        "cancel": cancel,
        "no_mail": why_no_mail(one.patient),
        "token": cancel["token"].value() or uuid4(),
        "version": one.version if _was_changed(cancel) else cancel["version"].value() or one.version,
        "checklist": pre_care(one.session) if one.session and story.readiness else (),
    }
    return staff_render(request, "plans/appointment.html", story.what, context)


def _was_changed(form: CancelForm) -> bool:
    return form.is_bound and form.has_error("__all__", "changed_meanwhile")


def _back(request: StaffRequest, pk: UUID) -> HttpResponseRedirect:
    """To the day it was done from, if that is a page of ours."""
    way = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(way, allowed_hosts=None):
        return redirect(way)
    return redirect("plans:appointment", pk)
