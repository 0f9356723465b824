"""A clinic with so many letters due: each patient has held one session and comes for the second in two days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction

from clinic.models import Location, Practitioner, Staff
from clinic.rules.spans import Span, Unit
from patients.models import Patient
from plans.models import Appointment, Plan, Protocol, Reminder, Session
from plans.operations.reminders import replan_many
from plans.rules.course import CareKind, CarePhase, CareRule, Component, Course, Interval, Modality
from plans.rules.states import (
    AppointmentPurpose,
    AppointmentState,
    PlanState,
    ProtocolState,
    ReminderState,
    SessionState,
)

NOW = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
PER_DOCTOR = 16
WEEKS = Unit.WEEKS


def _rule(key: str, phase: CarePhase, kind: CareKind, act: str, text: str, **spans: Span) -> CareRule:
    return CareRule(key, phase, kind, act, text, "OWNER", **spans)


COURSE = Course(
    components=(
        Component("exosome", Modality.EXOSOME, 1, 3, 6, Interval(Span(3, WEEKS), Span(4, WEEKS), Span(6, WEEKS))),
    ),
    reviews=(),
    care_rules=(
        _rule("wash-day-before", CarePhase.PRE, CareKind.DO, "wash", "Wash your hair.", starts=Span(1, Unit.DAYS)),
        _rule("no-products", CarePhase.PRE, CareKind.AVOID, "products", "No sprays.", starts=Span(1, Unit.DAYS)),
        _rule("no-dye", CarePhase.AFTER, CareKind.AVOID, "dye", "Do not dye your hair.", ends=Span(4, WEEKS)),
        _rule("no-wash", CarePhase.AFTER, CareKind.AVOID, "wash", "Do not wash your hair.", ends=Span(24, Unit.HOURS)),
        _rule("no-heat", CarePhase.AFTER, CareKind.AVOID, "heat", "Avoid heat and direct sun."),
        _rule("gentle-shampoo", CarePhase.AFTER, CareKind.DO, "shampoo", "Use a sulphate-free shampoo."),
    ),
)


@transaction.atomic
def fill(letters: int) -> int:
    """Make patients until so many letters are due at NOW, drop every other letter, and return how many there are."""
    place = Location.objects.create(
        name="Riverside Hair Clinic",
        time_zone="Asia/Singapore",
        phone="+65 5550 0100",
        email="desk@clinic.example",
        address="12 Example Quay, Singapore 000012",
    )
    people = [_patient(number, place) for number in range(letters // 2)]
    Patient.objects.bulk_create(people)
    _plans(people, place)
    for begin in range(0, len(people), 200):
        replan_many(people[begin : begin + 200], now=NOW)
    due = Reminder.objects.due(NOW).filter(useful_until__gt=NOW).order_by("due_at", "id")
    kept = list(due.values_list("pk", flat=True)[:letters])
    Reminder.objects.exclude(pk__in=set(kept)).delete()
    return len(kept)


def reset() -> None:
    """Every letter as it was before it was ever written."""
    Reminder.objects.update(
        due_at=NOW,
        state=ReminderState.PLANNED,
        state_reason="",
        attempt=0,
        lease_until=None,
        lease_token=None,
        handed_off_at=None,
        message_id="",
        recipient="",
        subject="",
        mime=None,
        sent_at=None,
        last_code=None,
        last_text="",
    )


def _patient(number: int, place: Location) -> Patient:
    return Patient(
        first_name=f"P{number}",
        folded_name=f"p{number}",
        email=f"p{number}@example.org",
        home_location=place,
        registered_at=NOW - 40 * DAY,
    )


def _plans(people: list[Patient], place: Location) -> None:
    doctor = Staff.objects.create(username="dr", is_clinician=True)
    protocol = Protocol.objects.create(
        key="course", version=1, title="A course", source="OWNER", state=ProtocolState.PUBLISHED
    )
    doctors = Practitioner.objects.bulk_create(
        Practitioner(location=place, name=f"Dr Sample {number}") for number in range(len(people) // PER_DOCTOR + 1)
    )
    plans = []
    for who in people:
        plan = Plan(patient=who, protocol=protocol, location=place, clinician=doctor, title="A course")
        plan.state, plan.starts_on = PlanState.ACTIVE, (NOW - 28 * DAY).date()
        plan.made_at = plan.activated_at = NOW - 40 * DAY
        plan.course = COURSE
        plans.append(plan)
    Plan.objects.bulk_create(plans)
    sessions = Session.objects.bulk_create(_session(plan, number) for plan in plans for number in (1, 2, 3))
    second = [session for session in sessions if session.number == 2]
    Appointment.objects.bulk_create(
        _visit(session, who, place, doctors[n // PER_DOCTOR], NOW + 33 * HOUR + n % PER_DOCTOR * 55 * MINUTE)
        for n, (session, who) in enumerate(zip(second, people, strict=True))
    )


def _session(plan: Plan, number: int) -> Session:
    target = plan.starts_on + timedelta(weeks=4 * (number - 1))
    row = Session(plan=plan, number=number, parts_json=[["exosome", number]])
    row.earliest = row.target = row.calculated = target
    row.latest = target + timedelta(weeks=2)
    if number == 1:
        row.state, row.ended_at = SessionState.DONE, NOW - 25 * HOUR
        row.started_at = row.ended_at - 45 * MINUTE
    return row


def _visit(session: Session, who: Patient, place: Location, doctor: Practitioner, starts: datetime) -> Appointment:
    ends = starts + 45 * MINUTE
    return Appointment(
        patient=who,
        location=place,
        practitioner=doctor,
        session=session,
        purpose=AppointmentPurpose.SESSION,
        state=AppointmentState.BOOKED,
        starts=starts,
        ends=ends,
        practitioner_free_at=ends,
        room_free_at=ends,
        booked_at=NOW - HOUR,
        changed_at=NOW - HOUR,
    )
