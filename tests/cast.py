"""The same people in every test: a clinic with its staff, somebody from the other location, patients and their plans.

Everything happens through operations, so that a test starts from rows the program itself could have written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from typing import Any

import pytest

from clinic.models import Location, Practitioner, Room, Staff, WeeklyHours
from clinic.rules.local_time import at_local, local_day
from clinic.rules.refusal import Refusal
from patients.models import AreaFinding, Assessment, Consent, Patient
from patients.models.consent_facts import forms_for
from patients.operations.assessments import assess_patient
from patients.operations.consents import Answer, Signature, record_consent, sign_consents
from patients.operations.patients import PatientDetails, register_patient
from patients.rules.consent import ConsentTopic
from patients.rules.consent_forms import SigningMethod
from patients.rules.scalp import ScalpArea
from plans.darkroom import Developed, develop
from plans.darkroom.painter import paint_scalp
from plans.models import Appointment, Lot, LotState, Method, Plan, Product, Protocol, Review, Session
from plans.models.facts import minutes_of, modalities_of
from plans.models.plan_facts import read_plan_facts
from plans.operations.booking import book_appointment
from plans.operations.changes import apply_change
from plans.operations.photos import PhotoConditions, add_photo
from plans.operations.plans import activate_plan, draft_plan
from plans.operations.protocols import load_library
from plans.operations.sessions import TreatmentGiven, complete_session
from plans.rules.cascade import preview
from plans.rules.changes import Change
from plans.rules.course import Modality
from plans.rules.library import LIBRARY, LibraryProtocol, read_library
from plans.rules.states import AppointmentPurpose
from plans.rules.view_sets import VIEW_SETS
from tests.operations.letter_cast import NOW, location, staff

COMBINED, SINGLE = "exosome-prp-same-day", "prp"
FORM = "2026-01"
INK = (((100, 200), (300, 60), (500, 240)), ((90, 262), (640, 250)))
TOPICS = (ConsentTopic.TREATMENT, ConsentTopic.OFF_LABEL, ConsentTopic.EXPERIMENTAL, ConsentTopic.PHOTO_RECORD)


@cache
def library() -> tuple[LibraryProtocol, ...]:
    return read_library(LIBRARY)


@cache
def picture() -> Developed:
    """One clean photo, developed once: what the darkroom does has its own tests."""
    return develop(paint_scalp("vertex", density=0.6, seed=1, size=(640, 480)))


@dataclass
class Cast:
    """One clinic at `now`, which a test moves as it likes. Open from 9 to 19 on every day."""

    here: Location
    there: Location
    doctor: Staff
    desk: Staff
    manager: Staff
    outsider: Staff
    practitioners: list[Practitioner]
    rooms: list[Room]
    serum: Lot
    now: datetime = NOW
    people: list[Patient] = field(default_factory=list)

    def at(self, day: date, hour: int = 0, minute: int = 0) -> datetime:
        """The instant at which the clinic's own clock shows that hour."""
        return at_local(day, time(hour, minute), self.here.zone)

    @property
    def today(self) -> date:
        return local_day(self.now, self.here.zone)

    def patient(self, first: str = "Noor", **more: Any) -> Patient:
        details = PatientDetails(
            first_name=first,
            **{"last_name": f"Sample{len(self.people)}", "email": f"{first.lower()}@example.org", **more},
        )
        made = register_patient(details=details, home_location_id=self.here.pk, by=self.desk, now=self.now)
        self.people.append(made)
        return made

    def assess(self, patient: Patient, **found: Any) -> Assessment:
        vertex = AreaFinding(
            area=ScalpArea.VERTEX,
            thinning="moderate",
            viability="miniaturised",
            method="trichoscope",
            miniaturised=True,
        )
        assessment = Assessment(**{"hair_loss_type": "androgenetic", **found})
        return assess_patient(
            patient_id=patient.pk, assessment=assessment, findings=[vertex], by=self.doctor, now=self.now
        )

    def consent(self, patient: Patient, *topics: ConsentTopic) -> None:
        for topic in topics or TOPICS:
            record_consent(
                patient_id=patient.pk, topic=topic, form_version=FORM, told_on=self.today, by=self.desk, now=self.now
            )

    def sign(self, patient: Patient, *topics: ConsentTopic, **more: Any) -> list[Consent]:
        """The same, answered together and signed on the screen, on the forms in force."""
        forms = forms_for(patient)
        answers = [Answer(topic, True, forms[topic].pk if topic in forms else None, FORM) for topic in topics or TOPICS]
        signature = Signature(SigningMethod.DRAWN, patient.name, INK)
        wish = {"answers": answers, "signature": signature, "told_on": self.today, "by": self.desk, **more}
        return sign_consents(patient_id=patient.pk, now=self.now, **wish)

    def draft(self, patient: Patient, assessment: Assessment | None, key: str = COMBINED, **more: Any) -> Plan:
        settings = {"starts_on": self.today + timedelta(days=7), "by": self.doctor, "now": self.now, **more}
        assessment_id = assessment.pk if assessment else None
        return draft_plan(patient_id=patient.pk, protocol_id=published(key).pk, assessment_id=assessment_id, **settings)

    def active_plan(self, first: str = "Noor", key: str = COMBINED, **more: Any) -> Plan:
        """Registered, assessed, consented, drafted and activated. The first session is wanted in a week."""
        patient = self.patient(first)
        self.consent(patient)
        plan = self.draft(patient, self.assess(patient), key, **more)
        return activate_plan(plan_id=plan.pk, by=self.doctor, now=self.now)

    def book(self, session: Session, starts: datetime, **more: Any) -> Appointment:
        wish = {
            "patient_id": session.plan.patient_id,
            "purpose": AppointmentPurpose.SESSION,
            "session_id": session.pk,
            "minutes": minutes_of(session, session.plan.course),
            **self.place(),
            **more,
        }
        return book_appointment(**{"starts": starts, "by": self.desk, "now": self.now, **wish})

    def book_review(self, review: Review, starts: datetime, **more: Any) -> Appointment:
        wish = {"patient_id": review.plan.patient_id, "review_id": review.pk, "minutes": 30, **self.place(), **more}
        return book_appointment(purpose=AppointmentPurpose.REVIEW, starts=starts, by=self.desk, now=self.now, **wish)

    def place(self, number: int = 0) -> dict[str, Any]:
        return {"practitioner_id": self.practitioners[number].pk, "room_id": self.rooms[number].pk}

    def photograph(self, review: Review, views: int = 6) -> None:
        for view in review.view_set.views.all()[:views]:
            add_photo(
                review_id=review.pk,
                view_id=view.pk,
                upload=b"",
                conditions=PhotoConditions(taken_at=self.now),
                by=self.doctor,
                now=self.now,
                # No two of the photos in a record are the very same file.
                developed=replace(picture(), source_sha256=sha256(f"{review.pk} {view.pk}".encode()).hexdigest()),
            )

    def given(self, session: Session, **exosome: Any) -> list[TreatmentGiven]:
        """What a session of this plan consists of; `exosome` changes what is said of that part."""
        common: Mapping[str, Any] = {"method": Method.INJECTION, "areas": (ScalpArea.VERTEX,), "amount_ml": Decimal(4)}
        return [
            TreatmentGiven(modality=modality, **{**common, "lot_id": self.serum.pk, **exosome})
            if modality is Modality.EXOSOME
            else TreatmentGiven(modality=modality, **common)
            for modality in modalities_of(session, session.plan.course)
        ]

    def hold(self, session: Session, ends: datetime, **more: Any) -> Session:
        """Complete a session that ends at `ends`, written down five minutes later."""
        self.now = ends + timedelta(minutes=5)
        wish = {"started_at": ends - timedelta(minutes=45), "treatments": self.given(session), **more}
        return complete_session(session_id=session.pk, ended_at=ends, **{"by": self.doctor, "now": self.now, **wish})


def change_plan(plan: Plan, change: Change, *, by: Staff, now: datetime, reason: str = "She asked for it") -> Plan:
    """Look at what a change means and accept it; no appointment may be in its way."""
    seen = preview(read_plan_facts(plan, now=now), change).fingerprint
    return apply_change(plan_id=plan.pk, change=change, choices={}, seen=seen, reason=reason, by=by, now=now)


def published(key: str) -> Protocol:
    return Protocol.objects.published().get(key=key)


def open_clinic(
    zone: str = "Asia/Singapore", *, now: datetime = NOW, keys: tuple[str, ...] = (COMBINED, SINGLE)
) -> Cast:
    """Build the clinic in an empty database, with the library's protocols of those keys."""
    load_library([one for one in library() if one.key in keys], VIEW_SETS, now=now)
    here, there = location(), location("Hillside Hair Clinic")
    Location.objects.filter(pk=here.pk).update(time_zone=zone)
    here.refresh_from_db()
    for place in (here, there):
        WeeklyHours.objects.bulk_create(
            WeeklyHours(location=place, weekday=day, opens=time(9), closes=time(19)) for day in range(7)
        )
    product = Product.objects.create(name="Serum", modality=Modality.EXOSOME)
    return Cast(
        here=here,
        there=there,
        doctor=staff("doctor", here, is_clinician=True),
        desk=staff("front", here, is_front_desk=True),
        manager=staff("manager", here, there, is_manager=True),
        outsider=staff("outsider", there, is_clinician=True, is_front_desk=True, is_manager=True),
        practitioners=[Practitioner.objects.create(location=here, name=name) for name in ("Dr One", "Dr Two")],
        rooms=[Room.objects.create(location=here, name=name) for name in ("Room 1", "Room 2")],
        serum=Lot.objects.create(product=product, number="A1", expires_on=now.date() + timedelta(days=365)),
        now=now,
    )


def other_lot(cast: Cast, number: str, **changes: Any) -> Lot:
    """Another lot of the same serum: expired, recalled, quarantined or of another product, as `changes` say."""
    usual = {"product": cast.serum.product, "expires_on": cast.serum.expires_on, "state": LotState.AVAILABLE}
    return Lot.objects.create(number=number, **{**usual, **changes})


@contextmanager
def refused(code: str) -> Iterator[None]:
    """The world says no, for this reason, with a sentence for people."""
    with pytest.raises(Refusal) as caught:
        yield
    assert caught.value.code == code
    assert caught.value.sentence.rstrip().endswith((".", "?", ")"))
