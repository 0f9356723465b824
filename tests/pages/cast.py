"""The people and rows the admin's and the dashboard's pages are tested on, made by hand: a test says all it stands on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.test import Client

from clinic.models import Location, Practitioner, Staff
from patients.models import Patient
from plans.models import Appointment, Lot, Plan, Product, Protocol, Reminder, Review, Session, ViewSet
from plans.rules.course import Component, Interval, Modality, Span, Unit
from plans.rules.course import Course as PlannedCourse
from plans.rules.reminders import LetterKind
from plans.rules.states import (
    AppointmentPurpose,
    AppointmentState,
    PlanState,
    ProtocolState,
    ReminderState,
    SessionState,
)

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday, 09:00 in Singapore
TODAY = date(2026, 11, 23)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

_EVERY = Interval(Span(3, Unit.WEEKS), Span(4, Unit.WEEKS), Span(6, Unit.WEEKS))
_COURSE = PlannedCourse(components=(Component("prp", Modality.PRP, 1, 2, 6, _EVERY),), reviews=(), care_rules=())


@dataclass(frozen=True)
class Course:
    """A patient with a plan under way: the first session done, the next to come, a review that is due."""

    patient: Patient
    plan: Plan
    done: Session
    next: Session
    review: Review


def location(name: str = "Riverside") -> Location:
    return Location.objects.create(
        name=name, time_zone="Asia/Singapore", phone="+65 5550 0100", email="desk@clinic.example.test"
    )


def member(username: str, *places: Location, **fields: object) -> Staff:
    person = Staff.objects.create(username=username, is_staff=True, **fields)
    person.locations.set(places)
    return person


def logged_in(person: Staff) -> Client:
    client = Client()
    client.force_login(person)
    return client


def protocol(key: str = "short", state: str = ProtocolState.PUBLISHED, title: str = "Short course") -> Protocol:
    fields = {"title": title, "source": "OWNER", "state": state}
    return Protocol.objects.get_or_create(key=key, version=1, defaults=fields)[0]


def course(here: Location, clinician: Staff, name: str = "Alma Verde", state: PlanState = PlanState.ACTIVE) -> Course:
    first, _, last = name.partition(" ")
    patient = Patient.objects.create(
        first_name=first,
        last_name=last,
        home_location=here,
        registered_at=NOW,
        email=f"{first.lower()}@example.test",
    )
    plan = Plan(
        patient=patient,
        protocol=protocol(),
        location=here,
        clinician=clinician,
        title="Short course",
        state=state,
        starts_on=TODAY - 28 * DAY,
        made_at=NOW,
        activated_at=None if state == PlanState.DRAFT else NOW,
        override_reason="Secret reason",
    )
    plan.course = _COURSE
    plan.save()
    done = _session(
        plan,
        1,
        TODAY - 28 * DAY,
        state=SessionState.DONE,
        started_at=NOW - 28 * DAY,
        ended_at=NOW - 28 * DAY + HOUR,
        done_by=clinician,
        remarks="Secret remark",
    )
    return Course(patient, plan, done, _session(plan, 2, TODAY + 7 * DAY), _review(plan))


def _session(plan: Plan, number: int, target: date, **fields: object) -> Session:
    return Session.objects.create(
        plan=plan,
        number=number,
        parts_json=[["prp", number]],
        earliest=target - 7 * DAY,
        target=target,
        latest=target + 14 * DAY,
        calculated=target,
        **fields,
    )


def _review(plan: Plan) -> Review:
    views = ViewSet.objects.get_or_create(key="pattern", version=1, defaults={"title": "Pattern hair loss"})[0]
    return Review.objects.create(
        plan=plan,
        key="m3",
        title="3-month review",
        months=3,
        due=TODAY + 3 * DAY,
        opens=TODAY - 7 * DAY,
        closes=TODAY + 28 * DAY,
        is_estimated=False,
        view_set=views,
        notes="Secret note",
    )


def appointment(one: Course, starts: datetime, state: AppointmentState = AppointmentState.BOOKED) -> Appointment:
    return _booked(one, starts, state, purpose=AppointmentPurpose.SESSION, session=one.next)


def review_appointment(one: Course, starts: datetime) -> Appointment:
    return _booked(one, starts, AppointmentState.BOOKED, purpose=AppointmentPurpose.REVIEW, review=one.review)


def _free_doctor(place: Location, starts: datetime) -> Practitioner:
    """Dr Example, or another of the name for whoever comes at the same hour."""
    people = Practitioner.objects.filter(location=place, name__startswith="Dr Example")
    busy = Appointment.objects.filter(starts__lt=starts + HOUR, ends__gt=starts).values("practitioner")
    free = people.exclude(pk__in=busy).first()
    count = people.count()
    return free or Practitioner.objects.create(location=place, name=f"Dr Example {count}" if count else "Dr Example")


def _booked(one: Course, starts: datetime, state: AppointmentState, **subject: object) -> Appointment:
    place = one.plan.location
    doctor = _free_doctor(place, starts)
    return Appointment.objects.create(
        patient=one.patient,
        location=place,
        practitioner=doctor,
        starts=starts,
        ends=starts + HOUR,
        state=state,
        booked_at=NOW,
        changed_at=NOW,
        **subject,
    )


def letter(one: Course, state: ReminderState = ReminderState.FAILED) -> Reminder:
    return Reminder.objects.create(
        kind=LetterKind.SESSION_REMINDER,
        patient=one.patient,
        location=one.plan.location,
        plan=one.plan,
        about_id=one.next.pk,
        facts="",
        due_at=NOW - HOUR,
        useful_until=NOW + DAY,
        state=state,
        planned_at=NOW - DAY,
    )


def lot() -> Lot:
    product = Product.objects.get_or_create(name="Exo-Sample", defaults={"modality": Modality.EXOSOME})[0]
    return Lot.objects.create(product=product, number="A123", expires_on=date(2027, 2, 1))
