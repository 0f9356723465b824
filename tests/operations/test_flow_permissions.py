"""Every operation: who may, for whom it does not exist, and the line it leaves in the audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from clinic.models import AuditLine, Staff
from clinic.rules.refusal import Forbidden
from patients.models import AreaFinding, Assessment
from patients.operations.assessments import assess_patient
from patients.operations.consents import record_consent, withdraw_consent
from patients.operations.patients import (
    PatientDetails,
    change_patient,
    choose_mails,
    register_patient,
    revoke_links,
    unsubscribe,
)
from patients.rules.consent import ConsentTopic
from patients.rules.scalp import ScalpArea
from plans.models import Appointment, ChecklistItem, Plan, Reminder, Session
from plans.operations.booking import book_appointment, cancel_appointment, confirm_own_appointment, move_appointment
from plans.operations.outbox import close_reminder, resend
from plans.operations.photos import PhotoConditions, add_photo
from plans.operations.plans import activate_plan, draft_plan, stop_plan
from plans.operations.reviews import ReviewOutcome, decide_review
from plans.operations.sessions import complete_session, tick_item, tick_own_item
from plans.operations.visits import check_in, mark_no_show
from plans.rules.changes import Skip
from plans.rules.course import CareBy
from plans.rules.reminders import LetterKind
from plans.rules.states import AppointmentPurpose, Decision, ReminderState
from tests.cast import COMBINED, FORM, Cast, change_plan, open_clinic, picture, published

pytestmark = pytest.mark.django_db

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DESK, DOCTOR, MANAGER = "desk", "doctor", "manager"
ALL = {DESK, DOCTOR, MANAGER}


@dataclass
class World:
    """An active plan with session 1 booked, a second one drafted, and one letter that failed."""

    cast: Cast
    plan: Plan
    draft: Plan
    booked: Appointment
    first: Session
    failed: Reminder


@pytest.fixture
def world() -> World:
    cast = open_clinic()
    plan = cast.active_plan(counts={"exosome": 3, "prp": 3})
    first = plan.sessions.get(number=1)
    booked = cast.book(first, cast.at(plan.starts_on, 11))
    failed = Reminder.objects.get(kind=LetterKind.APPOINTMENT_BOOKED)
    Reminder.objects.filter(pk=failed.pk).update(state=ReminderState.FAILED)
    draft = cast.draft(plan.patient, plan.assessment)
    cast.photograph(plan.reviews.get(months=0), views=1)
    return World(cast, plan, draft, booked, first, failed)


def register(w: World, by: Staff) -> object:
    details = PatientDetails(first_name="Ada", last_name="New")
    return register_patient(details=details, home_location_id=w.cast.here.pk, by=by, now=w.cast.now)


def change(w: World, by: Staff) -> object:
    details = PatientDetails(first_name="Ada", last_name="Changed")
    return change_patient(patient_id=w.plan.patient_id, details=details, by=by, now=w.cast.now)


def revoke(w: World, by: Staff) -> object:
    return revoke_links(patient_id=w.plan.patient_id, by=by, now=w.cast.now)


def agree(w: World, by: Staff) -> object:
    return record_consent(
        patient_id=w.plan.patient_id,
        topic=ConsentTopic.PHOTO_TEACHING,
        form_version=FORM,
        told_on=w.cast.today,
        by=by,
        now=w.cast.now,
    )


def withdraw(w: World, by: Staff) -> object:
    consent = w.plan.patient.consents.get(topic=ConsentTopic.PHOTO_RECORD)
    return withdraw_consent(consent_id=consent.pk, withdrawn_on=w.cast.today, by=by, now=w.cast.now)


def assess(w: World, by: Staff) -> object:
    finding = AreaFinding(area=ScalpArea.VERTEX, thinning="mild")
    found = Assessment(hair_loss_type="androgenetic")
    return assess_patient(patient_id=w.plan.patient_id, assessment=found, findings=[finding], by=by, now=w.cast.now)


def draft(w: World, by: Staff) -> object:
    return draft_plan(
        patient_id=w.plan.patient_id,
        protocol_id=published(COMBINED).pk,
        assessment_id=None,
        starts_on=w.cast.today,
        by=by,
        now=w.cast.now,
    )


def activate(w: World, by: Staff) -> object:
    return activate_plan(plan_id=w.draft.pk, by=by, now=w.cast.now)


def stop(w: World, by: Staff) -> object:
    return stop_plan(plan_id=w.plan.pk, reason="moves", by=by, now=w.cast.now)


def book(w: World, by: Staff) -> object:
    return book_appointment(
        patient_id=w.plan.patient_id,
        purpose=AppointmentPurpose.CONSULTATION,
        starts=w.booked.starts + DAY,
        minutes=30,
        by=by,
        now=w.cast.now,
        **w.cast.place(),
    )


def move(w: World, by: Staff) -> object:
    return move_appointment(
        appointment_id=w.booked.pk,
        starts=w.booked.starts + DAY,
        minutes=45,
        reason="asked",
        by=by,
        now=w.cast.now,
        **w.cast.place(),
    )


def cancel(w: World, by: Staff) -> object:
    return cancel_appointment(appointment_id=w.booked.pk, reason="ill", by=by, now=w.cast.now)


def arrive(w: World, by: Staff) -> object:
    return check_in(appointment_id=w.booked.pk, by=by, now=w.booked.starts)


def miss(w: World, by: Staff) -> object:
    return mark_no_show(appointment_id=w.booked.pk, by=by, now=w.booked.starts + HOUR)


def complete(w: World, by: Staff) -> object:
    return complete_session(
        session_id=w.first.pk,
        started_at=w.booked.starts,
        ended_at=w.booked.ends,
        treatments=w.cast.given(w.first),
        by=by,
        now=w.booked.ends,
    )


def skip(w: World, by: Staff) -> object:
    return change_plan(w.plan, Skip(str(w.plan.sessions.get(number=3).pk)), by=by, now=w.cast.now)


def tick(w: World, by: Staff) -> object:
    return tick_item(item_id=w.first.checklist.first().pk, ticked=True, by=by, now=w.cast.now)


def photograph(w: World, by: Staff) -> object:
    review = w.plan.reviews.get(months=3)
    return add_photo(
        review_id=review.pk,
        view_id=review.view_set.views.first().pk,
        upload=b"",
        conditions=PhotoConditions(taken_at=w.cast.now),
        by=by,
        now=w.cast.now,
        developed=picture(),
    )


def decide(w: World, by: Staff) -> object:
    outcome = ReviewOutcome(decision=Decision.CONTINUE, decision_reason="", missing_views_reason="by phone")
    return decide_review(review_id=w.plan.reviews.get(months=3).pk, outcome=outcome, by=by, now=w.cast.now)


def send_again(w: World, by: Staff) -> object:
    return resend(reminder_id=w.failed.pk, by=by, now=w.cast.now)


def close(w: World, by: Staff) -> object:
    return close_reminder(reminder_id=w.failed.pk, reason="phoned", by=by, now=w.cast.now)


Operation = Callable[[World, Staff], object]
WHO_MAY: list[tuple[Operation, set[str], str]] = [
    (register, ALL, "patient.registered"),
    (change, ALL, "patient.changed"),
    (revoke, ALL, "patient.links_revoked"),
    (agree, {DESK, DOCTOR}, "consent.given"),
    (withdraw, {DESK, DOCTOR}, "consent.withdrawn"),
    (assess, {DOCTOR}, "patient.assessed"),
    (draft, {DOCTOR}, "plan.drafted"),
    (activate, {DOCTOR}, "plan.activated"),
    (stop, {DOCTOR}, "plan.stopped"),
    (book, ALL, "appointment.booked"),
    (move, ALL, "appointment.moved"),
    (cancel, ALL, "appointment.cancelled"),
    (arrive, ALL, "appointment.arrived"),
    (miss, ALL, "appointment.missed"),
    (complete, {DOCTOR}, "session.completed"),
    (skip, {DOCTOR}, "plan.changed"),
    (tick, ALL, "checklist.ticked"),
    (photograph, {DOCTOR}, "photo.added"),
    (decide, {DOCTOR}, "review.decided"),
    (send_again, {DESK, MANAGER}, "reminder.resent"),
    (close, {DESK, MANAGER}, "reminder.closed"),
]


@pytest.mark.parametrize(("operation", "allowed", "happened"), WHO_MAY, ids=[row[0].__name__ for row in WHO_MAY])
def test_who_may_and_what_the_audit_keeps(world: World, operation: Operation, allowed: set[str], happened: str) -> None:
    before = AuditLine.objects.count()
    for role in ALL - allowed:
        with pytest.raises(Forbidden):
            operation(world, getattr(world.cast, role))
    # Holds every role, but works elsewhere: not yours and not there are the same.
    with pytest.raises(ObjectDoesNotExist):
        operation(world, world.cast.outsider)
    assert AuditLine.objects.count() == before
    for role in sorted(allowed):
        by = getattr(world.cast, role)
        with transaction.atomic():
            operation(world, by)
            line = AuditLine.objects.filter(happened=happened).first()
            assert (line.by, line.by_name) == (by, str(by))
            assert happened == "patient.registered" or line.patient_id == world.plan.patient_id
            transaction.set_rollback(True)


def test_whoever_left_the_clinic_may_nothing(world: World) -> None:
    world.cast.doctor.is_active = False
    for operation, allowed, _ in WHO_MAY:
        if DOCTOR in allowed:
            with pytest.raises(Forbidden):
                operation(world, world.cast.doctor)


def test_what_patients_do_stands_in_the_audit_under_their_name(world: World) -> None:
    patient_id, now = world.plan.patient_id, world.cast.now
    own = ChecklistItem.objects.filter(session=world.first, by=CareBy.PATIENT).first()
    deeds: dict[str, Callable[[], Any]] = {
        "appointment.confirmed": lambda: confirm_own_appointment(
            patient_id=patient_id, appointment_id=world.booked.pk, now=now
        ),
        "checklist.ticked": lambda: tick_own_item(patient_id=patient_id, item_id=own.pk, ticked=True, now=now),
        "patient.mails_chosen": lambda: choose_mails(
            patient_id=patient_id, appointments=True, care=False, reviews=True, now=now
        ),
        "patient.unsubscribed": lambda: unsubscribe(patient_id=patient_id, group="all", now=now),
    }
    for happened, deed in deeds.items():
        for _ in range(2 if happened != "patient.mails_chosen" else 1):
            deed()
        line = AuditLine.objects.get(happened=happened)
        assert (line.by, line.by_name, line.patient_id) == (None, "patient", patient_id)
