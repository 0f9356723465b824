"""A clinic with very many active plans in the middle of their course, written quickly: one is made, the rest copied."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

NOW = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)
PROTOCOL = "exosome-prp-same-day"
AT_ONCE = 500


def fill(plans: int) -> Any:
    """Return the manager. One plan in twenty has a rule of its own; each has two sessions done and the next booked."""
    from django.core.management import call_command

    from clinic.models import Location, Practitioner, Staff
    from plans.models import Protocol
    from plans.operations.protocols import load_library
    from plans.rules.library import LIBRARY, read_library
    from plans.rules.view_sets import VIEW_SETS

    call_command("migrate", run_syncdb=True, verbosity=0)
    place = Location.objects.create(name="Benchmark", time_zone="Europe/Berlin", phone="1", email="a@x.test")
    doctor = Staff.objects.create(username="doctor", is_clinician=True)
    manager = Staff.objects.create(username="manager", is_manager=True)
    for person in (doctor, manager):
        person.locations.add(place)
    Practitioner.objects.create(location=place, name="Dr One")
    load_library([one for one in read_library(LIBRARY) if one.key == PROTOCOL], VIEW_SETS, now=NOW)
    protocol = Protocol.objects.published().get(key=PROTOCOL)
    dice = Random(1)
    for first in range(0, plans, AT_ONCE):
        _copies(range(first, min(first + AT_ONCE, plans)), protocol, place, doctor, dice)
    return manager


def _copies(numbers: range, protocol: Any, place: Any, doctor: Any, dice: Random) -> None:
    from django.db import transaction

    from patients.models import Patient
    from plans.models import Plan
    from plans.models.protocol_course import course_of
    from plans.operations.checklists import write_many
    from plans.operations.reminders import replan_many

    course = course_of(protocol)
    own = replace(course, care_rules=tuple(_longer(rule) for rule in course.care_rules))
    written, own_written = course.to_json(), own.to_json()
    people = [
        Patient(first_name=f"P{n}", last_name="Sample", email=f"p{n}@x.test", home_location=place, registered_at=NOW)
        for n in numbers
    ]
    plans = [
        Plan(
            patient=who, protocol=protocol, location=place, clinician=doctor, title=protocol.title, state="active",
            course_json=own_written if n % 20 == 0 else written, starts_on=date(2026, 8, 3), made_at=NOW,
            activated_at=NOW,
        )
        for n, who in zip(numbers, people, strict=True)
    ]  # fmt: skip
    with transaction.atomic():
        Patient.objects.bulk_create(people)
        Plan.objects.bulk_create(plans)
        for plan in plans:
            _story(plan, course, dice)
        _write()
        write_many({plan.pk: course for plan in plans})
        replan_many(people, now=NOW)


def _longer(rule: Any) -> Any:
    from clinic.rules.spans import Span, Unit

    return replace(rule, ends=Span(6, Unit.WEEKS)) if rule.key == "no-dye" else rule


_made: dict[str, list[Any]] = {}


def _story(plan: Any, course: Any, dice: Random) -> None:
    """Dates by hand: a course of monthly sessions, two of them held, at another hour for everybody."""
    from clinic.models import Practitioner
    from plans.models import Appointment, Review, Session, ViewSet
    from plans.rules.layout import lay_out

    # All are booked into the same weeks: everybody has a practitioner of their own.
    name = f"Dr {plan.pk.hex}"
    practitioner = Practitioner.objects.create(location_id=plan.location_id, name=name)
    _made.setdefault("view_set", [ViewSet.objects.filter(key=course.view_set).first()])
    first = datetime(2026, 8, 10, 8, tzinfo=UTC) + timedelta(days=dice.randrange(20), minutes=dice.randrange(400))
    for step in lay_out(course):
        starts = first + timedelta(weeks=4 * (step.number - 1))
        target, done = starts.date(), step.number <= 2
        parts = [[part.component, part.ordinal] for part in step.parts]
        session = Session(
            plan=plan, number=step.number, kind=step.kind, parts_json=parts, state="done" if done else "planned",
            earliest=target, target=target, latest=target + timedelta(weeks=2), calculated=target,
            started_at=starts if done else None, ended_at=starts + timedelta(minutes=45) if done else None,
        )  # fmt: skip
        _made.setdefault("sessions", []).append(session)
        if step.number == 3:
            booked = Appointment(
                patient=plan.patient, location=plan.location, purpose="session", session=session,
                practitioner=practitioner, starts=starts, ends=starts + timedelta(minutes=45),
                practitioner_free_at=starts + timedelta(minutes=45), room_free_at=starts + timedelta(minutes=45),
                booked_at=NOW, changed_at=NOW,
            )  # fmt: skip
            _made.setdefault("appointments", []).append(booked)
    for months in (3, 6):
        due = first.date() + timedelta(days=30 * months)
        review = Review(
            plan=plan, key=f"m{months}", title=f"{months} months", months=months, due=due,
            opens=due - timedelta(days=14), closes=due + timedelta(days=28), is_estimated=False,
            view_set=_made["view_set"][0],
        )  # fmt: skip
        _made.setdefault("reviews", []).append(review)


def _write() -> None:
    from plans.models import Appointment, Review, Session

    Session.objects.bulk_create(_made.pop("sessions"))
    Appointment.objects.bulk_create(_made.pop("appointments"))
    Review.objects.bulk_create(_made.pop("reviews"))
