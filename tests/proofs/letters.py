"""Thousands of due letters, written straight into the tables: half of a kind that may come twice, half of one that
may not. Every one of them is true, so that nothing but the machine decides what becomes of it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from clinic.models import Location, Practitioner
from clinic.rules.local_time import at_local
from patients.models import Patient
from plans.models import Appointment, Plan, Reminder, Session
from plans.rules.letter_kinds import LetterKind
from plans.rules.states import AppointmentPurpose, SessionState
from tests.operations.letter_cast import DAY, MINUTE, location, patient, plan_of

FOUR_WEEKS = timedelta(weeks=4)
MORNING = time(9)


def due_letters(count: int, now: datetime) -> None:
    """`count` due letters, each to a patient of her own, about a visit next month or about a session last month."""
    place = location()
    doctor = Practitioner.objects.create(location=place, name=f"Dr Sample {Practitioner.objects.count()}")
    people = Patient.objects.bulk_create([_patient(number, place, now) for number in range(count)])
    _booked(people[: count // 2], place, doctor, now)
    _dye_again(people[count // 2 :], place, now)


def _patient(number: int, place: Location, now: datetime) -> Patient:
    return Patient(
        first_name=f"P{number}",
        folded_name=f"p{number}",
        email=f"p{number}@example.org",
        home_location=place,
        registered_at=now,
    )


def _booked(people: list[Patient], place: Location, doctor: Practitioner, now: datetime) -> None:
    visits = Appointment.objects.bulk_create(
        Appointment(
            patient=who,
            location=place,
            practitioner=doctor,
            purpose=AppointmentPurpose.CONSULTATION,
            starts=now + 40 * DAY + number * MINUTE,
            ends=now + 40 * DAY + (number + 1) * MINUTE,
            practitioner_free_at=now + 40 * DAY + (number + 1) * MINUTE,
            room_free_at=now + 40 * DAY + (number + 1) * MINUTE,
            booked_at=now,
            changed_at=now,
        )
        for number, who in enumerate(people)
    )
    Reminder.objects.bulk_create(
        _letter(LetterKind.APPOINTMENT_BOOKED, visit, visit.pk, visit.starts.isoformat(), now, visit.starts)
        for visit in visits
    )


def _dye_again(people: list[Patient], place: Location, now: datetime) -> None:
    """Held four weeks and some hours before this morning: dyeing is allowed from today, nine o'clock, on."""
    today = now.astimezone(place.zone).date()
    ended = at_local(today - FOUR_WEEKS - DAY, MORNING, place.zone) + timedelta(hours=6)
    like = plan_of(patient("Pattern"))
    plans = Plan.objects.bulk_create(_plan(like, who) for who in people)
    sessions = Session.objects.bulk_create(
        Session(
            plan=plan,
            number=1,
            parts_json=[["exosome", 1]],
            earliest=ended.date(),
            target=ended.date(),
            latest=ended.date(),
            calculated=ended.date(),
            state=SessionState.DONE,
            started_at=ended - 45 * MINUTE,
            ended_at=ended,
        )
        for plan in plans
    )
    due = at_local(today, MORNING, place.zone)
    Reminder.objects.bulk_create(
        _letter(LetterKind.DYE_AGAIN, session.plan, session.pk, today.isoformat(), due, due + 14 * DAY)
        for session in sessions
    )


def _plan(like: Plan, who: Patient) -> Plan:
    made = Plan(
        patient=who,
        protocol=like.protocol,
        location=like.location,
        clinician=like.clinician,
        title=like.title,
        state=like.state,
        starts_on=like.starts_on,
        made_at=like.made_at,
        activated_at=like.activated_at,
    )
    made.course = like.course
    return made


def _letter(
    kind: LetterKind, of: Plan | Appointment, about: object, facts: str, due: datetime, until: datetime
) -> Reminder:
    return Reminder(
        kind=kind,
        patient=of.patient,
        location=of.location,
        plan=of if isinstance(of, Plan) else None,
        about_id=about,
        facts=facts,
        due_at=due,
        useful_until=until,
        planned_at=due,
    )
