"""A small clinic in Singapore for the letters: rows made by hand, so that a test says all it stands on."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from typing import Self

from django.db import transaction

from clinic.models import Location, Practitioner, Staff
from clinic.post import Outcome, OutcomeKind, Ready, always
from clinic.rules.spans import Span, Unit
from patients.models import Patient
from plans.models import Appointment, Plan, Protocol, Reminder, Review, Session, ViewSet
from plans.operations.reminders import replan_reminders
from plans.rules.course import CareKind, CarePhase, CareRule, Component, Course, Interval, Modality
from plans.rules.states import AppointmentPurpose, AppointmentState, PlanState, ProtocolState, SessionState

NOW = datetime(2026, 10, 5, 1, 0, tzinfo=UTC)  # Monday, 09:00 in Singapore
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
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
        _rule("no-dye", CarePhase.AFTER, CareKind.AVOID, "dye", "Do not dye your hair.", ends=Span(4, WEEKS)),
        _rule("no-wash", CarePhase.AFTER, CareKind.AVOID, "wash", "Do not wash your hair.", ends=Span(24, Unit.HOURS)),
        _rule("no-heat", CarePhase.AFTER, CareKind.AVOID, "heat", "Avoid heat and direct sun."),
        _rule("gentle-shampoo", CarePhase.AFTER, CareKind.DO, "shampoo", "Use a sulphate-free shampoo."),
    ),
)


def location(name: str = "Riverside Hair Clinic") -> Location:
    return Location.objects.get_or_create(
        name=name,
        defaults={"time_zone": "Asia/Singapore", "phone": "+65 5550 0100", "email": "desk@clinic.example"},
    )[0]


def staff(username: str, *locations: Location, **roles: bool) -> Staff:
    person = Staff.objects.create(username=username, **roles)
    person.locations.set(locations or [location()])
    return person


def patient(first_name: str = "Mei", **details: object) -> Patient:
    details.setdefault("email", f"{first_name.lower()}@example.org")
    return Patient.objects.create(first_name=first_name, home_location=location(), registered_at=NOW, **details)


def plan_of(patient: Patient, *, state: PlanState = PlanState.ACTIVE, sessions: int = 3) -> Plan:
    protocol = Protocol.objects.get_or_create(
        key="test-course",
        version=1,
        defaults={"title": "A course", "source": "OWNER", "state": ProtocolState.PUBLISHED},
    )[0]
    clinician = Staff.objects.get_or_create(username="dr", defaults={"is_clinician": True})[0]
    plan = Plan(
        patient=patient,
        protocol=protocol,
        location=patient.home_location,
        clinician=clinician,
        title="A course",
        state=state,
        starts_on=NOW.date(),
        made_at=NOW,
        activated_at=None if state == PlanState.DRAFT else NOW,
    )
    plan.course = COURSE
    plan.save()
    for number in range(1, sessions + 1):
        target = NOW.date() + timedelta(weeks=4 * (number - 1))
        Session.objects.create(
            plan=plan,
            number=number,
            parts_json=[["exosome", number]],
            earliest=target,
            target=target,
            latest=target + timedelta(weeks=2),
            calculated=target,
        )
    return plan


def review_of(plan: Plan, months: int, due: date, **changes: object) -> Review:
    views = ViewSet.objects.get_or_create(key="pattern", version=1, defaults={"title": "Pattern hair loss"})[0]
    return Review.objects.create(
        plan=plan,
        key=f"m{months}",
        title=f"{months} months",
        months=months,
        due=due,
        opens=due - timedelta(days=14),
        closes=due + timedelta(days=28),
        is_estimated=False,
        view_set=views,
        **changes,
    )


def book(
    patient: Patient,
    starts: datetime,
    *,
    session: Session | None = None,
    review: Review | None = None,
    now: datetime = NOW,
    instead_of: Appointment | None = None,
    plan_letters: bool = True,
) -> Appointment:
    """Book by hand: what booking does to the rows, without asking whether it may."""
    ends = starts + 45 * MINUTE
    with transaction.atomic():
        if instead_of:
            Appointment.objects.filter(pk=instead_of.pk).update(state=AppointmentState.CANCELLED, changed_at=now)
        purpose = AppointmentPurpose.SESSION if session else AppointmentPurpose.CONSULTATION
        made = Appointment.objects.create(
            patient=patient,
            location=patient.home_location,
            purpose=AppointmentPurpose.REVIEW if review else purpose,
            session=session,
            review=review,
            practitioner=free_doctor(patient.home_location, starts, ends),
            starts=starts,
            ends=ends,
            booked_at=now,
            changed_at=now,
            rescheduled_from=instead_of,
        )
        if plan_letters:
            replan_reminders(patient, now=now)
    return made


def free_doctor(place: Location, starts: datetime, ends: datetime) -> Practitioner:
    """Dr Sample, or as many more of the name as are needed for everybody at once."""
    busy = Appointment.objects.filter(starts__lt=ends, ends__gt=starts).values("practitioner")
    free = Practitioner.objects.filter(location=place).exclude(pk__in=busy).first()
    count = Practitioner.objects.filter(location=place).count()
    return free or Practitioner.objects.create(location=place, name=f"Dr Sample{' ' * bool(count)}{count or ''}")


def cancel(appointment: Appointment, now: datetime) -> None:
    with transaction.atomic():
        Appointment.objects.filter(pk=appointment.pk).update(state=AppointmentState.CANCELLED, changed_at=now)
        replan_reminders(appointment.patient, now=now)


def complete(session: Session, ended: datetime, *, now: datetime | None = None) -> None:
    with transaction.atomic():
        Appointment.objects.filter(session=session).update(state=AppointmentState.DONE)
        session.state, session.started_at, session.ended_at = SessionState.DONE, ended - 45 * MINUTE, ended
        session.save()
        replan_reminders(session.plan.patient, now=now or ended)


def states(patient: Patient) -> list[tuple[str, str]]:
    rows = Reminder.objects.filter(patient=patient).order_by("due_at", "kind", "content_version")
    return [(row.kind, row.state) for row in rows]


class TestPost:
    """A post that keeps what it is given, and answers as it is told."""

    __test__ = False

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.mails: list[bytes] = []
        self.recipients: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def send(self, recipient: str, sender: str, message: bytes, key: str, ready: Ready = always) -> Outcome:
        if not ready():
            return Outcome(OutcomeKind.WITHDRAWN)
        self.mails.append(message)
        self.recipients.append(recipient)
        return self.outcomes.pop(0) if self.outcomes else Outcome(OutcomeKind.SENT, 250, "2.0.0 Ok")

    @property
    def subjects(self) -> list[str]:
        return [str(message_from_bytes(mail)["Subject"]) for mail in self.mails]

    @property
    def copies(self) -> Counter[str]:
        return Counter(str(message_from_bytes(mail)["Message-ID"]) for mail in self.mails)
