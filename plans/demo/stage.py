"""Where demo stories happen: a clinic, its people, a clock that moves, and the short cuts stories need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from clinic.models import Location, Practitioner, Room, Staff
from clinic.rules.local_time import at_local, local_day
from clinic.rules.refusal import Refusal
from patients.models import AreaFinding, Assessment, Patient
from patients.models.consent_facts import forms_for
from patients.operations.assessments import assess_patient
from patients.operations.consents import Answer, Signature, sign_consents
from patients.operations.patients import PatientDetails, register_patient
from patients.rules.consent import ConsentTopic
from patients.rules.consent_forms import SigningMethod
from patients.rules.scalp import ScalpArea
from plans.darkroom import Darkroom, Developed
from plans.darkroom.painter import paint_scalp
from plans.demo.scrawl import scrawl
from plans.models import Appointment, Lot, Method, Plan, Protocol, Review, Session
from plans.models.facts import minutes_of, modalities_of
from plans.models.plan_facts import read_plan_facts
from plans.models.visit_facts import numbing_keys
from plans.operations.booking import book_appointment
from plans.operations.changes import apply_change
from plans.operations.photos import PhotoConditions, add_photo
from plans.operations.plans import activate_plan, draft_plan
from plans.operations.sessions import TreatmentGiven, complete_session, tick_item
from plans.rules.cascade import preview
from plans.rules.changes import Change
from plans.rules.course import CareBy, CarePhase, Modality
from plans.rules.states import AppointmentPurpose

FORM = "2026-1"  # where no form is published
TOPICS = (ConsentTopic.TREATMENT, ConsentTopic.OFF_LABEL, ConsentTopic.EXPERIMENTAL, ConsentTopic.PHOTO_RECORD)
HALF_HOUR = timedelta(minutes=30)
PICTURE = (1040, 780)  # as small as a photo may be without being called small


class Stage:
    """One location on one day: `now` is moved by the time line, everything else is done through operations."""

    def __init__(
        self,
        *,
        location: Location,
        doctor: Staff,
        desk: Staff,
        practitioners: Sequence[Practitioner],
        rooms: Sequence[Room],
        lots: Sequence[Lot],
        today: date,
        room: Darkroom,
        until: datetime | None = None,
    ) -> None:
        self.location, self.doctor, self.desk = location, doctor, desk
        self.practitioners, self.rooms, self.lots = practitioners, rooms, lots
        self.today, self.darkroom = today, room
        self.now = at_local(today, time(9), location.zone)
        # The quarter of an hour in which the visitor comes, at an hour with enough of the day on both its sides.
        shown = (until or self.now).astimezone(location.zone)
        shown = shown.replace(minute=shown.minute // 15 * 15, second=0, microsecond=0)
        self.noon = min(max(shown, self.at(0, 10, 45)), self.at(0, 16, 30)).astimezone(UTC)

    def at(self, days: int, hour: int = 10, minute: int = 0) -> datetime:
        """The instant `days` from today at that local hour."""
        return at_local(self.today + timedelta(days=days), time(hour, minute), self.location.zone)

    def on(self, day: date, hour: int = 10, minute: int = 0) -> datetime:
        return at_local(day, time(hour, minute), self.location.zone)

    def near(self, minutes: int) -> datetime:
        """Today, so many minutes from when the visitor comes: on the board something is always going on."""
        return self.noon + timedelta(minutes=minutes)

    def register(self, first: str, last: str, born: date, **more: str) -> Patient:
        details = PatientDetails(first_name=first, last_name=last, birth_date=born, **more)  # type: ignore[arg-type]  # texts only
        return register_patient(details=details, home_location_id=self.location.pk, by=self.desk, now=self.now)

    def assess(self, patient: Patient, *findings: AreaFinding, **more: object) -> Assessment:
        seen = findings or (
            AreaFinding(area=ScalpArea.VERTEX, thinning="moderate", viability="miniaturised", method="trichoscope",
                        miniaturised=True, density=Decimal("118.0"), thickness=Decimal("52.0")),
            AreaFinding(area=ScalpArea.FRONTAL, thinning="mild", viability="active", method="trichoscope",
                        density=Decimal("142.0"), thickness=Decimal("58.0")),
        )  # fmt: skip
        assessment = Assessment(**{"hair_loss_type": "androgenetic", "shed_per_day": 160, **more})
        return assess_patient(patient_id=patient.pk, assessment=assessment, findings=seen, by=self.doctor, now=self.now)

    def consent(self, patient: Patient, topics: Sequence[ConsentTopic] = TOPICS) -> None:
        forms = forms_for(patient)
        answers = [Answer(topic, True, forms[topic].pk if topic in forms else None, FORM) for topic in topics]
        sign_consents(
            patient_id=patient.pk,
            answers=answers,
            signature=Signature(SigningMethod.DRAWN, patient.name, scrawl(patient.name)),
            told_on=local_day(self.now, self.location.zone),
            by=self.doctor,
            now=self.now,
        )

    def plan(
        self,
        patient: Patient,
        protocol: str,
        assessment: Assessment,
        *,
        starts_in: int = 2,
        counts: dict[str, int] | None = None,
        price: int | None = None,
        override: str = "",
        active: bool = True,
    ) -> Plan:
        starts_on = local_day(self.now, self.location.zone) + timedelta(days=starts_in)
        made = draft_plan(
            patient_id=patient.pk,
            protocol_id=Protocol.objects.published().get(key=protocol).pk,
            assessment_id=assessment.pk,
            starts_on=starts_on,
            counts=counts,
            price=None if price is None else Decimal(price),
            by=self.doctor,
            now=self.now,
        )
        return (
            activate_plan(plan_id=made.pk, override_reason=override, by=self.doctor, now=self.now) if active else made
        )

    @property
    def local_day(self) -> date:
        return local_day(self.now, self.location.zone)

    def change(self, plan: Plan, change: Change, *, reason: str) -> None:
        """Look at what it would mean and accept it; no appointment may be in its way."""
        plan.refresh_from_db()
        seen = preview(read_plan_facts(plan, now=self.now), change).fingerprint
        apply_change(plan_id=plan.pk, change=change, choices={}, seen=seen, reason=reason, by=self.doctor, now=self.now)
        plan.refresh_from_db()

    def book(self, session: Session, starts: datetime, *, with_: int = 0) -> Appointment:
        """Book a session at `starts` or at the next half hour that is free."""
        return self._book(
            session.plan.patient_id,
            AppointmentPurpose.SESSION,
            starts,
            minutes_of(session, session.plan.course),
            with_,
            session_id=session.pk,
        )

    def book_review(self, review: Review, starts: datetime, *, with_: int = 0) -> Appointment:
        return self._book(review.plan.patient_id, AppointmentPurpose.REVIEW, starts, 30, with_, review_id=review.pk)

    def book_talk(self, patient: Patient, starts: datetime, *, minutes: int = 30, with_: int = 0) -> Appointment:
        return self._book(patient.pk, AppointmentPurpose.CONSULTATION, starts, minutes, with_)

    def photograph(self, review: Review, *, density: float, seed: int, views: int = 6) -> None:
        for view in review.view_set.views.all()[:views]:
            picture = self.develop(view.key, density, seed)
            conditions = PhotoConditions(parting="centre", lighting="ring light", distance_cm=30, taken_at=self.now)
            add_photo(
                review_id=review.pk,
                view_id=view.pk,
                upload=b"",
                conditions=conditions,
                by=self.doctor,
                now=self.now,
                developed=picture,
            )

    def develop(self, view: str, density: float, seed: int) -> Developed:
        return self.darkroom.develop(paint_scalp(view, density=density, seed=seed, size=PICTURE))

    def ready(self, session: Session, *, is_numbed: bool = True) -> None:
        """Everything on the pre-care list is ticked; the cream only on the day."""
        items = session.checklist.filter(phase=CarePhase.PRE)
        for item in items if is_numbed else items.exclude(rule_key__in=numbing_keys(session)):
            tick_item(
                item_id=item.pk, ticked=True, by=self.doctor if item.by == CareBy.STAFF else self.desk, now=self.now
            )

    def treat(self, session: Session, appointment: Appointment, *, pain: int = 3, override: str = "") -> Session:
        """Complete a session at its appointment's hour; `now` must be past it."""
        given = [self._given(modality, pain) for modality in modalities_of(session, session.plan.course)]
        return complete_session(
            session_id=session.pk,
            started_at=appointment.starts + timedelta(minutes=5),
            ended_at=appointment.ends,
            treatments=given,
            override_reason=override,
            by=self.doctor,
            now=self.now,
        )

    def _given(self, modality: Modality, pain: int) -> TreatmentGiven:
        lot = next((lot for lot in self.lots if lot.product.modality == modality), None)
        areas = (ScalpArea.VERTEX, ScalpArea.FRONTAL)
        if modality is Modality.PRP:
            return TreatmentGiven(
                modality=modality,
                method=Method.INJECTION,
                areas=areas,
                amount_ml=Decimal("5.0"),
                pain=pain,
                blood_drawn_ml=Decimal("20.0"),
                plasma_ml=Decimal("5.0"),
                spin_g=400,
                spin_minutes=10,
                platelets_blood=240_000,
                platelets_plasma=1_100_000,
            )
        return TreatmentGiven(
            modality=modality,
            method=Method.MICRONEEDLING,
            areas=areas,
            amount_ml=Decimal("3.0"),
            pain=pain,
            lot_id=lot.pk if lot else None,
        )

    def _book(
        self,
        patient_id: UUID,
        purpose: AppointmentPurpose,
        starts: datetime,
        minutes: int,
        with_: int,
        session_id: UUID | None = None,
        review_id: UUID | None = None,
    ) -> Appointment:
        def attempt(at: datetime) -> Appointment:
            return book_appointment(
                patient_id=patient_id,
                purpose=purpose,
                session_id=session_id,
                review_id=review_id,
                practitioner_id=self.practitioners[with_].pk,
                room_id=self.rooms[with_].pk,
                starts=at,
                minutes=minutes,
                by=self.desk,
                now=self.now,
            )

        return _first_free(attempt, starts)


def _first_free(attempt: Callable[[datetime], Appointment], starts: datetime) -> Appointment:
    for later in range(12):
        try:
            return attempt(starts + later * HALF_HOUR)
        except Refusal as refusal:
            if not refusal.code.endswith("_busy") and refusal.code != "outside_hours":
                raise
    raise Refusal("no_slot", "The demo clinic has no free half hour left that day.")
