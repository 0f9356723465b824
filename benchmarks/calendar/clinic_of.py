"""A large clinic's months: sixty practitioners with twenty appointments a day, one day of them sessions of plans."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

ZONE = "Asia/Singapore"
PROTOCOL = "exosome-prp-same-day"
PEOPLE, EACH, MINUTES = 60, 20, 25
DAY = date(2027, 3, 9)
NOW = datetime(2027, 3, 9, 2, tzinfo=UTC)  # ten o'clock there
MANY = 500
FAMILY = ["Tan", "Okafor", "Weiß", "García López", "Sørensen", "Nguyễn", "Kowalska", "Iyer"]


def build(days: int) -> Any:
    """Return somebody of the front desk. `days` before and after the measured one are full, too."""
    from django.core.management import call_command
    from django.db import transaction

    from clinic.models import Location, Practitioner, Room, Staff, WeeklyHours
    from plans.operations.protocols import load_library
    from plans.rules.library import LIBRARY, read_library
    from plans.rules.view_sets import VIEW_SETS

    call_command("migrate", run_syncdb=True, verbosity=0)
    place = Location.objects.create(name="Benchmark", time_zone=ZONE, phone="1", email="a@x.test")
    desk = Staff.objects.create(username="desk", is_front_desk=True, is_staff=True)
    desk.locations.add(place)
    Staff.objects.create(username="root", is_staff=True, is_superuser=True)
    WeeklyHours.objects.bulk_create(
        WeeklyHours(location=place, weekday=day, opens=time(9), closes=time(18)) for day in range(7)
    )
    people = Practitioner.objects.bulk_create(Practitioner(location=place, name=f"Dr {n:02}") for n in range(PEOPLE))
    rooms = Room.objects.bulk_create(Room(location=place, name=f"Room {n:02}") for n in range(PEOPLE))
    load_library([one for one in read_library(LIBRARY) if one.key == PROTOCOL], VIEW_SETS, now=NOW)
    with transaction.atomic():
        crowd = _crowd(place)
        sessions = _sessions(crowd, place, desk)
        for number in range(-days, days + 1):
            _one_day(DAY + timedelta(days=number), place, people, rooms, crowd, sessions if number == 0 else None)
    return desk


def _crowd(place: Any) -> list[Any]:
    """As many as come in a day: each has one appointment on every day."""
    from patients.models import Patient

    dice = Random(1)
    rows = [
        Patient(
            first_name=f"P{n}", last_name=dice.choice(FAMILY), home_location=place, registered_at=NOW,
            email=f"p{n}@x.test", phone=f"+65 9{n:07}", alert="Allergic to lidocaine" if n % 50 == 0 else "",
        )
        for n in range(PEOPLE * EACH)
    ]  # fmt: skip
    return Patient.objects.bulk_create(rows, batch_size=MANY)


def _sessions(crowd: list[Any], place: Any, staff: Any) -> list[Any]:
    """An active plan for each, and of it the session that is to be held on the measured day, with its checklist."""
    from plans.models import Plan, Protocol, Session
    from plans.models.protocol_course import course_of
    from plans.operations.checklists import write_many
    from plans.rules.layout import lay_out

    protocol = Protocol.objects.published().get(key=PROTOCOL)
    course = course_of(protocol)
    written, step = course.to_json(), lay_out(course)[0]
    parts = [[part.component, part.ordinal] for part in step.parts]
    plans = [
        Plan(
            patient=who, protocol=protocol, location=place, clinician=staff, title=protocol.title, state="active",
            course_json=written, starts_on=DAY, made_at=NOW, activated_at=NOW,
        )
        for who in crowd
    ]  # fmt: skip
    Plan.objects.bulk_create(plans, batch_size=MANY)
    window = {"earliest": DAY, "target": DAY, "latest": DAY + timedelta(days=14), "calculated": DAY}
    rows = [Session(plan=plan, number=1, kind=step.kind, parts_json=parts, **window) for plan in plans]
    sessions = Session.objects.bulk_create(rows, batch_size=MANY)
    for first in range(0, len(plans), MANY):
        write_many({plan.pk: course for plan in plans[first : first + MANY]})
    return sessions


def _one_day(day: date, place: Any, people: list[Any], rooms: list[Any], crowd: list[Any], sessions: Any) -> None:
    from plans.models import Appointment

    opens = datetime.combine(day, time(9), tzinfo=place.zone)
    rows = []
    for number, who in enumerate(crowd):
        person, turn = divmod(number, EACH)
        starts = opens + timedelta(minutes=MINUTES * turn)
        ends = starts + timedelta(minutes=MINUTES)
        state = "done" if ends <= NOW else "arrived" if starts <= NOW else "booked"
        rows.append(
            Appointment(
                patient=who, location=place, purpose="session" if sessions else "consultation",
                session=sessions[number] if sessions else None, practitioner=people[person], room=rooms[person],
                starts=starts, ends=ends, practitioner_free_at=ends, room_free_at=ends, state=state, booked_at=NOW,
                changed_at=NOW, arrived_at=NOW if state == "arrived" else None,
            )
        )  # fmt: skip
    Appointment.objects.bulk_create(rows, batch_size=MANY)
