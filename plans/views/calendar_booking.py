"""Booking from the calendar: a time, then a patient found or registered, then what for; all in one dialog."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from clinic import clock
from clinic.models import Practitioner
from clinic.operations.once import once
from clinic.rules.asked import id_in
from clinic.rules.local_time import at_local, local_day
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from patients.operations.patients import register_patient
from patients.queries.patients import find_patients
from plans.forms.quick_book import NewcomerForm, QuickBookForm, QuickForm
from plans.models import Appointment
from plans.operations.booking import book_appointment
from plans.queries.calendar_booking import USUAL_MINUTES, Bookable, Option, bookable, free_room, people_of, rooms_of
from plans.queries.telling import why_no_mail
from plans.rules.booking import FOR_CLINICIANS, OVERRIDABLE
from plans.rules.calendar_look import day_of
from plans.rules.happened import Happened
from plans.rules.states import AppointmentPurpose
from plans.views.booking import when

MOST_FOUND = 8
SLOT = QuickBookForm.slot
STEP = timedelta(minutes=15)
KEPT = ("what", "tell", "override_reason", *NewcomerForm.who)


@staff_page(Deed.BOOK)
def calendar_new(request: StaffRequest) -> HttpResponse:
    """GET shows how far one has come; POST books. What is refused stands in the dialog, and nothing typed is lost."""
    said = request.POST if request.method == "POST" else request.GET
    patient, is_new = id_in(said.get("patient", "")), bool(said.get("newcomer"))
    if request.method == "POST" and (patient or is_new):
        return _book_newcomer(request, said) if is_new else _book_known(request, said, patient)
    form = _form(request, said, patient=patient, is_new=is_new)
    return _show(request, form, said, _found(request, said, patient) if patient else None, is_new=is_new)


@staff_page(Deed.BOOK)
def calendar_find(request: StaffRequest) -> HttpResponse:
    """Patients while somebody types; the first few are enough, more letters find the others."""
    words = request.GET.get("q", "").strip()
    lines = find_patients(request.user, words, now=clock.now()).lines[:MOST_FOUND] if len(words) > 1 else ()
    context = {"lines": lines, "words": words, "may_register": request.user.can(Deed.REGISTER_PATIENT)}
    return render(request, "plans/calendar/_found.html", context)


def _book_known(request: StaffRequest, said: QueryDict, patient: UUID | None) -> HttpResponse:
    assert patient is not None
    found = _found(request, said, patient)
    form = QuickForm(said, by=request.user, now=clock.now())
    option = form.choose(found.options) if form.is_valid() else None
    if option and (made := _once(request, form, lambda: _booked(request, form, patient, option))):
        return _done(request, said, made)
    return _show(request, form, said, found, is_new=False)


def _book_newcomer(request: StaffRequest, said: QueryDict) -> HttpResponse:
    form = NewcomerForm(said, by=request.user, now=clock.now())
    talk = Option(AppointmentPurpose.CONSULTATION.value, "", "", USUAL_MINUTES, None)

    def register_and_book() -> UUID:
        """Both or neither: a time that is refused leaves nobody registered."""
        place = form.cleaned_data["practitioner"].location_id
        patient = register_patient(details=form.details(), home_location_id=place, by=request.user, now=clock.now())
        return _booked(request, form, patient.pk, talk)

    if form.is_valid() and (made := _once(request, form, register_and_book)):
        return _done(request, said, made)
    return _show(request, form, said, None, is_new=True)


def _booked(request: StaffRequest, form: QuickBookForm, patient: UUID, option: Option) -> UUID:
    said = form.cleaned_data
    is_session = option.purpose is AppointmentPurpose.SESSION
    row = book_appointment(
        patient_id=patient,
        purpose=option.purpose,
        session_id=option.subject if is_session else None,
        review_id=None if is_session else option.subject,
        practitioner_id=said["practitioner"].pk,
        room_id=said["room"].pk if said["room"] else None,
        starts=form.starts,
        minutes=said["minutes"] or option.minutes,
        override_reason=said["override_reason"],
        tell=said["tell"],
        by=request.user,
        now=clock.now(),
    )
    return row.pk


def _once(request: StaffRequest, form: QuickBookForm, do: Callable[[], UUID]) -> Appointment | None:
    """A double click, or a form sent again, books once. Whoever went back and chose another time is told."""
    token = form.cleaned_data["token"] or uuid4()

    def deed() -> Appointment:
        made = once(token, deed=Happened.APPOINTMENT_BOOKED, by=request.user, now=clock.now(), do=lambda: [do()])
        rows = Appointment.objects.visible_to(request.user).select_related("patient", "practitioner", "location")
        row = rows.get(pk=made[0])
        if (row.starts, row.practitioner) != (form.starts, form.cleaned_data["practitioner"]):
            raise Refusal("sent_already", f"This form was sent before, and {when(row)} is booked. Move that instead.")
        return row

    return attempt(form, deed)


def _done(request: StaffRequest, said: QueryDict, row: Appointment) -> HttpResponse:
    messages.success(request, f"{row.patient} is booked for {when(row)} with {row.practitioner}.")
    back = said.get("back", "")
    to = back if url_has_allowed_host_and_scheme(back, allowed_hosts=None) else reverse("plans:desk")
    return HttpResponseClientRedirect(to) if "HX-Request" in request.headers else redirect(to)


def _form(request: StaffRequest, said: QueryDict, *, patient: UUID | None, is_new: bool) -> QuickBookForm:
    """What was chosen so far, and for the rest what is usual: the first person, the next quarter of an hour, a room
    that is free then."""
    now = clock.now()
    person = _person(request, said)
    zone = person.location.zone if person else ZoneInfo("UTC")
    soon = (now + STEP).astimezone(zone)
    usual = {
        "practitioner": str(person.pk) if person else "",
        "day": soon.date().isoformat(),
        "time": f"{soon.replace(minute=soon.minute // 15 * 15):%H:%M}",
        "tell": True,
        "token": uuid4(),
    }
    chosen = {name: said[name] for name in (*SLOT, "token", *KEPT) if said.get(name) and name != "tell"}
    if person and "room" not in said:
        asked = QueryDict(mutable=True)
        asked.update({name: str((usual | chosen)[name]) for name in ("day", "time")})
        room = free_room(rooms_of(request.user), person.location_id, _starts(asked, zone, now))
        usual["room"] = str(room.pk) if room else ""
    kind = QuickForm if patient else NewcomerForm if is_new else QuickBookForm
    return kind(initial=usual | chosen, by=request.user, now=now)


def _person(request: StaffRequest, said: QueryDict) -> Practitioner | None:
    """Who was chosen; else the first."""
    people = list(people_of(request.user))
    return next((one for one in people if str(one.pk) == said.get("practitioner")), next(iter(people), None))


def _found(request: StaffRequest, said: QueryDict, patient: UUID) -> Bookable:
    """What can be booked for this patient at the time that stands in the form, as far as it can be read."""
    now = clock.now()
    person = _person(request, said)
    zone = person.location.zone if person else ZoneInfo("UTC")
    starts = _starts(said, zone, now)
    return bookable(request.user, patient, starts=starts, zone=zone, now=now)


def _starts(said: QueryDict, zone: ZoneInfo, now: datetime) -> datetime:
    day = day_of(said.get("day", "")) or local_day(now, zone)
    try:
        return at_local(day, time.fromisoformat(said.get("time", "")), zone)
    except ValueError:
        return at_local(day, time(12), zone)


def _show(
    request: StaffRequest, form: QuickBookForm, said: QueryDict, found: Bookable | None, *, is_new: bool
) -> HttpResponse:
    refused = form.errors.as_data().get("__all__", []) if form.is_bound else []
    reasons = {error.code for error in refused}
    outside = found is not None and any(one.fits is False for one in found.options)
    may_override = request.user.can(Deed.OVERRIDE) or not reasons & FOR_CLINICIANS
    context = {
        "patient": found.patient if found else None,
        "form": form,
        "found": found,
        "options": found.options if found else (),
        "what": _what(form, found),
        "is_new": is_new,
        "back": said.get("back", ""),
        "token": form["token"].value() or uuid4(),
        "no_mail": why_no_mail(found.patient) if found else "",
        "may_override": may_override,
        "asks_why": may_override and bool(reasons & OVERRIDABLE),
        "outside": outside,
        "may_register": request.user.can(Deed.REGISTER_PATIENT),
        "nobody": not form.people,
    }
    if "HX-Request" in request.headers:
        return render(request, "plans/calendar/_book.html", context)
    return staff_render(request, "plans/calendar/book.html", "New appointment", context)


def _what(form: QuickBookForm, found: Bookable | None) -> str:
    """What is ticked: what was said, else what comes first."""
    if found is None:
        return ""
    said = str(form["what"].value() or "")
    values = [one.value for one in found.options]
    return said if said in values else values[0]
