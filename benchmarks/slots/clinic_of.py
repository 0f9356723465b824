"""The same bookings as rows of ours: one location, twenty people, ten rooms, and a plan of six sessions to lay out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from diary import CLOSES, OPENS, PEOPLE, ROOMS, Booking

ZONE = "Asia/Singapore"
PROTOCOL = "prp"
SESSIONS, MINUTES = 6, 45
# A patient is at one place at a time: as many as one person can see in a day, for each person.
PATIENTS_EACH = 40
NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Clinic:
    place: Any
    desk: Any
    people: list[Any]
    patient: Any
    plan: Any
    first: date


def build(bookings: list[Booking], first: date) -> Clinic:
    from django.core.management import call_command

    from clinic.models import Location, Practitioner, Room, Staff, WeeklyHours
    from patients.models import Patient

    call_command("migrate", run_syncdb=True, verbosity=0)
    place = Location.objects.create(name="Benchmark", time_zone=ZONE, phone="1", email="a@x.test")
    desk = Staff.objects.create(username="desk", is_front_desk=True)
    desk.locations.add(place)
    WeeklyHours.objects.bulk_create(
        WeeklyHours(location=place, weekday=day, opens=_clock(OPENS), closes=_clock(CLOSES)) for day in range(7)
    )
    people = Practitioner.objects.bulk_create(
        Practitioner(location=place, name=f"P{number:02}") for number in range(PEOPLE)
    )
    rooms = Room.objects.bulk_create(Room(location=place, name=f"Room {number:02}") for number in range(ROOMS))
    crowd = Patient.objects.bulk_create(
        Patient(first_name=f"P{n}", last_name="Sample", home_location=place, registered_at=NOW)
        for n in range(PEOPLE * PATIENTS_EACH + 1)
    )
    _book(bookings, first, place, people, rooms, crowd)
    patient = crowd[-1]
    return Clinic(place, desk, people, patient, _plan(patient, first), first)


def _book(
    bookings: list[Booking], first: date, place: Any, people: list[Any], rooms: list[Any], crowd: list[Any]
) -> None:
    from django.db import transaction

    from plans.models import Appointment

    midnight = datetime.combine(first, time.min, tzinfo=place.zone)
    rows, turn, day = [], [0] * PEOPLE, -1
    for one in bookings:
        if one.day != day:
            turn, day = [0] * PEOPLE, one.day
        turn[one.person] += 1
        starts = midnight + timedelta(days=one.day, minutes=one.minute)
        ends = starts + timedelta(minutes=one.minutes)
        rows.append(
            Appointment(
                patient=crowd[one.person * PATIENTS_EACH + turn[one.person]], location=place, purpose="consultation",
                practitioner=people[one.person], room=None if one.room is None else rooms[one.room], starts=starts,
                ends=ends, practitioner_free_at=ends, room_free_at=ends, booked_at=NOW, changed_at=NOW,
            )
        )  # fmt: skip
    with transaction.atomic():
        Appointment.objects.bulk_create(rows, batch_size=500)


def _plan(patient: Any, first: date) -> Any:
    """Six sessions, each 28 to 42 days behind the one before, best after 35; no reviews, so that six visits are all."""
    from clinic.models import Staff
    from clinic.rules.spans import Span, Unit
    from plans.models import Protocol
    from plans.operations.plans import draft_plan
    from plans.operations.protocols import load_library
    from plans.operations.redate import redate_plan
    from plans.rules.course import Interval
    from plans.rules.library import LIBRARY, read_library
    from plans.rules.view_sets import VIEW_SETS

    load_library([one for one in read_library(LIBRARY) if one.key == PROTOCOL], VIEW_SETS, now=NOW)
    doctor = Staff.objects.create(username="doctor", is_clinician=True)
    doctor.locations.add(patient.home_location)
    protocol = Protocol.objects.published().get(key=PROTOCOL)
    [component] = protocol.components.values_list("key", flat=True)
    plan = draft_plan(
        patient_id=patient.pk, protocol_id=protocol.pk, assessment_id=None, starts_on=first,
        counts={component: SESSIONS}, by=doctor, now=NOW,
    )  # fmt: skip
    [part] = plan.course.components
    days = Interval(*(Span(count, Unit.DAYS) for count in (28, 35, 42)))
    plan.course = replace(
        plan.course, components=(replace(part, interval=days, minutes=MINUTES),), reviews=(), care_rules=()
    )
    plan.reviews.all().delete()
    plan.state, plan.activated_at = "active", NOW
    plan.save()
    redate_plan(plan, now=NOW)
    assert plan.sessions.count() == SESSIONS, f"{plan.sessions.count()} sessions, not {SESSIONS}"
    return plan


def _clock(minute: int) -> time:
    return time(*divmod(minute, 60))
