"""Booking, moving and what else becomes of an appointment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from clinic import clock
from clinic.rules.local_time import at_local, local_day
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.booking import BookingForm, CancelForm, MovingForm, SlotForm
from plans.models import Appointment
from plans.operations.booking import (
    book_appointment,
    cancel_appointment,
    check_in,
    mark_no_show,
    move_appointment,
)
from plans.queries.appointment_story import appointment_story
from plans.queries.booking_story import (
    BookingStory,
    appointment_to_move,
    consultation_to_book,
    review_to_book,
    session_to_book,
)
from plans.queries.consequences import Meaning, consequences
from plans.queries.session_story import pre_care
from plans.rules.booking import FOR_CLINICIANS, OVERRIDABLE
from plans.rules.changes import Move
from plans.rules.wording import clock_words, day_words

# Where nothing is free, what follows is said of the day.
USUAL_HOUR = "10:00"
Deal = Callable[[BookingForm], Appointment]


@staff_page(Deed.SEE_PATIENT)
def appointment_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    return _appointment(request, pk, CancelForm())


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
        return move_appointment(
            appointment_id=pk,
            starts=form.starts,
            minutes=said["minutes"],
            practitioner_id=said["practitioner"].pk,
            room_id=said["room"].pk if said["room"] else None,
            reason=said["reason"],
            override_reason=said["override_reason"],
            by=request.user,
            now=clock.now(),
        )

    form = MovingForm(request.POST or None, story=story)
    return _choose_time(request, story, form, move, verb="Move", done="is moved to")


def _book(request: StaffRequest, story: BookingStory) -> HttpResponse:
    def book(form: BookingForm) -> Appointment:
        said = form.cleaned_data
        return book_appointment(
            patient_id=story.patient.pk,
            purpose=story.purpose,
            session_id=story.session.pk if story.session else None,
            review_id=story.review.pk if story.review else None,
            practitioner_id=said["practitioner"].pk,
            room_id=said["room"].pk if said["room"] else None,
            starts=form.starts,
            minutes=said["minutes"],
            override_reason=said["override_reason"],
            by=request.user,
            now=clock.now(),
        )

    form = BookingForm(request.POST or None, story=story)
    return _choose_time(request, story, form, book, verb="Book", done="is booked for")


def _choose_time(
    request: StaffRequest, story: BookingStory, form: BookingForm, deal: Deal, *, verb: str, done: str
) -> HttpResponse:
    """One page for all that need a time: look at what is free by GET, take one by POST."""
    if request.method == "POST" and form.is_valid() and (made := attempt(form, lambda: deal(form))):
        messages.success(request, f"{_first_up(story.name)} {done} {_when(made)} with {made.practitioner}.")
        if story.moving or story.plan is None:
            return redirect("plans:appointment", made.pk)
        return redirect("plans:plan", story.plan.pk)
    slot = SlotForm(_asked(request, story), story=story)
    context = _slot_context(story, slot) if slot.is_valid() else {}
    refused = form.errors.as_data().get("__all__", []) if form.is_bound else []
    outside = context.get("outside")
    reasons = {error.code for error in refused} | ({outside.code} if isinstance(outside, Refusal) else set())
    may_override = request.user.can(Deed.OVERRIDE) or not reasons & FOR_CLINICIANS
    context |= {
        "story": story,
        "slot": slot,
        "form": form,
        "verb": verb,
        "patient": story.patient,
        "may_override": may_override,
        "asks_why": may_override and bool(reasons & OVERRIDABLE),
        "is_move": story.moving is not None,
        "follows": _follows(request, story, slot, context) if slot.is_valid() else None,
    }
    return staff_render(request, "plans/appointment_book.html", f"{verb} {story.name}", context)


def _asked(request: StaffRequest, story: BookingStory) -> dict[str, str]:
    """What was chosen so far, and for the rest what is usual: the same people, the best day."""
    said = request.POST if request.method == "POST" else request.GET
    person, room = story.usual_practitioner, story.usual_room
    usual = {
        "practitioner": str(person.pk) if person else "",
        "room": str(room.pk) if room else "",
        "minutes": str(story.minutes),
    }
    found = {name: said.get(name, value) for name, value in usual.items()}
    return {**found, "day": said.get("day") or _best_day(story, found["minutes"])}


def _best_day(story: BookingStory, minutes: str) -> str:
    """The day nearest to the best one on which something is free; for what is moved, its own day."""
    if story.usual_practitioner is None or story.moving:
        return story.aim.isoformat()
    times = story.times(story.usual_practitioner, story.usual_room)
    length = int(minutes) if minutes.isdecimal() and 0 < int(minutes) <= 480 else story.minutes
    days = story.days(times, length)
    nearest = min(days, key=lambda choice: abs(choice.day - story.aim), default=None)
    return (nearest.day if nearest else story.aim).isoformat()


def _slot_context(story: BookingStory, slot: SlotForm) -> dict[str, object]:
    said = slot.cleaned_data
    times = story.times(said["practitioner"], said["room"], said["day"])
    free = times.free(said["day"], said["minutes"])
    return {
        "day": said["day"],
        "free": [clock_words(start, story.zone) for start in free],
        "days": story.days(times, said["minutes"]),
        "said": slot.said(),
        "outside": story.why_not_on(said["day"]),
    }


def _follows(request: StaffRequest, story: BookingStory, slot: SlotForm, context: dict[str, object]) -> Meaning | None:
    """What else changes when the session is held at the time chosen, or, before one is chosen, on that day."""
    if story.session is None or story.plan is None:
        return None
    said = request.POST if request.method == "POST" else request.GET
    free = context["free"]
    first = free[0] if isinstance(free, list) and free else USUAL_HOUR
    asked = said.get("other_time") or said.get("time") or first
    try:
        starts = at_local(slot.cleaned_data["day"], time.fromisoformat(asked), story.zone)
    except ValueError:
        return None
    ends = starts + timedelta(minutes=slot.cleaned_data["minutes"])
    return consequences(story.plan, Move(str(story.session.pk), starts, ends), now=story.now)


@require_POST
@staff_page(Deed.CANCEL)
def appointment_cancel(request: StaffRequest, pk: UUID) -> HttpResponse:
    form = CancelForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        gone = attempt(
            form, lambda: cancel_appointment(appointment_id=pk, reason=reason, by=request.user, now=clock.now())
        )
        if gone:
            messages.success(request, f"The appointment on {_when(gone)} is cancelled. Its time is free again.")
            return redirect("plans:appointment", pk)
    return _appointment(request, pk, form)


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
    return _back(request, pk)


def _appointment(request: StaffRequest, pk: UUID, cancel: CancelForm) -> HttpResponse:
    story = appointment_story(request.user, pk, now=clock.now())
    one = story.appointment
    context = {
        "story": story,
        "one": one,
        "patient": one.patient,
        "cancel": cancel,
        "checklist": pre_care(one.session) if one.session and story.readiness else (),
    }
    return staff_render(request, "plans/appointment.html", story.what, context)


def _back(request: StaffRequest, pk: UUID) -> HttpResponseRedirect:
    """To the day it was done from, if that is a page of ours."""
    way = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(way, allowed_hosts=None):
        return redirect(way)
    return redirect("plans:appointment", pk)


def _when(row: Appointment) -> str:
    zone = row.location.zone
    return f"{day_words(local_day(row.starts, zone))}, {clock_words(row.starts, zone)}"


def _first_up(words: str) -> str:
    return words[0].upper() + words[1:]
