"""A patient led through the flow by the operations themselves: what the pages of people and plans are tested on."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from clinic.models import Location, Practitioner, Staff, WeeklyHours
from clinic.rules.local_time import at_local, local_day
from patients.models import AreaFinding, Assessment, Patient
from patients.operations.assessments import assess_patient
from patients.operations.consents import record_consent
from patients.operations.patients import PatientDetails, register_patient
from patients.rules.consent import ConsentTopic
from patients.rules.scalp import ScalpArea
from plans.models import Appointment, Lot, Method, Plan, Product, Protocol, Session
from plans.operations.booking import book_appointment
from plans.operations.plans import activate_plan, draft_plan
from plans.operations.sessions import TreatmentGiven, complete_session
from plans.rules.course import Modality
from plans.rules.states import AppointmentPurpose

TOPICS = (ConsentTopic.TREATMENT, ConsentTopic.OFF_LABEL, ConsentTopic.EXPERIMENTAL)


def at_work(person: Staff) -> Client:
    """Logged in and a minute into the shift: the session is written once a minute, which is no page's own cost."""
    client = Client()
    client.force_login(person)
    client.get(reverse("patients:list"))
    return client


def library() -> None:
    call_command("load_protocols", verbosity=0)


def practitioner(place: Location) -> Practitioner:
    for weekday in range(7):
        WeeklyHours.objects.create(location=place, weekday=weekday, opens=time(8), closes=time(20))
    return Practitioner.objects.create(location=place, name="Dr Example")


def registered(place: Location, by: Staff, now: datetime, **details: object) -> Patient:
    wanted = {"first_name": "Alma", "last_name": "Verde", "birth_date": date(1984, 3, 3), "email": "alma@example.test"}
    return register_patient(details=PatientDetails(**wanted | details), home_location_id=place.pk, by=by, now=now)


def assessed(patient: Patient, by: Staff, now: datetime, *contraindications: str) -> Assessment:
    found = AreaFinding(area="vertex", thinning="mild", viability="active", method="trichoscope", miniaturised=True)
    assessment = Assessment(
        hair_loss_type="androgenetic", scale="ludwig", grade="I", contraindications=list(contraindications),
        notes="Secret note",
    )  # fmt: skip
    return assess_patient(patient_id=patient.pk, assessment=assessment, findings=[found], by=by, now=now)


def drafted(patient: Patient, by: Staff, now: datetime, key: str = "exosome-prp-same-day") -> Plan:
    newest = patient.assessments.first()
    return draft_plan(
        patient_id=patient.pk, protocol_id=Protocol.objects.get(key=key).pk, assessment_id=newest.pk if newest else None,
        starts_on=local_day(now, patient.home_location.zone), by=by, now=now,
    )  # fmt: skip


def consented(patient: Patient, by: Staff, now: datetime) -> None:
    for topic in TOPICS:
        day = local_day(now, patient.home_location.zone)
        record_consent(patient_id=patient.pk, topic=topic, form_version="7", told_on=day, by=by, now=now)


def active(patient: Patient, by: Staff, now: datetime, *, reason: str = "") -> Plan:
    consented(patient, by, now)
    return activate_plan(plan_id=drafted(patient, by, now).pk, override_reason=reason, by=by, now=now)


def booked(session: Session, day: date, hour: int, by: Staff, now: datetime) -> Appointment:
    place = session.plan.location
    who = Practitioner.objects.filter(location=place).first() or practitioner(place)
    return book_appointment(
        patient_id=session.plan.patient_id, purpose=AppointmentPurpose.SESSION, session_id=session.pk,
        practitioner_id=who.pk, starts=at_local(day, time(hour), place.zone), minutes=90, by=by, now=now,
    )  # fmt: skip


def completed(session: Session, appointment: Appointment, by: Staff) -> Session:
    """Held as booked; recorded an hour later, with everything a session needs."""
    product, _ = Product.objects.get_or_create(name="Exo-Sample", defaults={"modality": "exosome"})
    lot, _ = Lot.objects.get_or_create(product=product, number="LOT-77", defaults={"expires_on": date(2030, 1, 1)})
    common = {"method": Method.INJECTION, "areas": (ScalpArea.VERTEX,), "amount_ml": Decimal(3)}
    return complete_session(
        session_id=session.pk, started_at=appointment.starts, ended_at=appointment.ends, remarks="Secret remark",
        treatments=[
            TreatmentGiven(modality=Modality.EXOSOME, lot_id=lot.pk, **common),
            TreatmentGiven(modality=Modality.PRP, **common),
        ],
        override_reason="Secret reason", by=by, now=appointment.ends + timedelta(hours=1),
    )  # fmt: skip
