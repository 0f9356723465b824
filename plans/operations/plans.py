"""A plan's life: drafted from a protocol, activated when nothing speaks against it, stopped with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.models import Assessment, Patient
from patients.models.facts import newest_assessment, why_no_consent, why_not_treat
from plans.models import Plan, Protocol, Session
from plans.models.facts import live_appointments
from plans.models.protocol_course import course_of
from plans.operations.appointment_state import set_state
from plans.operations.redate import redate_plan, set_window
from plans.operations.reminders import lock_patient
from plans.rules.course import Course
from plans.rules.happened import Happened
from plans.rules.layout import lay_out
from plans.rules.protocol_check import why_not_start
from plans.rules.states import AppointmentState, PlanState, ReviewState, SessionState, may_move
from plans.rules.windows import session_windows


@transaction.atomic
def draft_plan(
    *,
    patient_id: UUID,
    protocol_id: UUID,
    assessment_id: UUID | None,
    starts_on: date,
    counts: Mapping[str, int] | None = None,
    price: Decimal | None = None,
    by: Staff,
    now: datetime,
) -> Plan:
    """Copy a published protocol version into a dated draft. `counts`: sessions per component, else the usual number."""
    allow(by, Deed.CHANGE_PLAN)
    patient = Patient.objects.visible_to(by).select_related("home_location").get(pk=patient_id)
    protocol = Protocol.objects.published().whole().get(pk=protocol_id)
    assessment = Assessment.objects.visible_to(by).get(pk=assessment_id, patient=patient) if assessment_id else None
    today = now.astimezone(patient.home_location.zone).date()
    if sentence := why_not_start(starts_on, today):
        raise Refusal("starts_on", sentence)
    course = _with_counts(course_of(protocol), counts or {})
    plan = Plan(
        patient=patient,
        protocol=protocol,
        assessment=assessment,
        location=patient.home_location,
        clinician=by,
        title=protocol.title,
        starts_on=starts_on,
        currency=patient.home_location.currency,
        made_at=now,
        price=protocol.price if price is None else price,
    )
    plan.course = course
    plan.save()
    _lay_out_sessions(plan, course)
    redate_plan(plan, now=now)
    record(
        Happened.PLAN_DRAFTED,
        about=plan,
        by=by,
        now=now,
        patient_id=patient.pk,
        location=plan.location,
        details={"protocol": protocol.key, "version": protocol.version, "counts": dict(counts or {})},
    )
    return plan


@transaction.atomic
def activate_plan(*, plan_id: UUID, override_reason: str = "", by: Staff, now: datetime) -> Plan:
    """Start a drafted plan. Needs an assessment and consent; what speaks against it refuses, or yields to a reason.

    Refusals: wrong_state, no_assessment, no_consent (never overridden), and the suitability rules' own codes.
    """
    allow(by, Deed.ACTIVATE_PLAN)
    plan = _locked(plan_id, by)
    _must_move(plan, PlanState.ACTIVE, "activated")
    course = plan.course
    newest = newest_assessment(plan.patient)
    if plan.assessment is None or newest is None:
        raise Refusal("no_assessment", "Assess the patient first: a plan stands on what was found.")
    modalities = tuple(component.modality.value for component in course.components)
    if refusal := why_no_consent(plan.patient, modalities):
        raise refusal
    today = local_day(now, plan.location.zone)
    if refusal := why_not_treat(newest, modalities, day=today, override_reason=override_reason):
        raise refusal
    if override_reason:
        allow(by, Deed.OVERRIDE)
    plan.state, plan.activated_at, plan.override_reason = PlanState.ACTIVE, now, override_reason.strip()
    plan.save()
    redate_plan(plan, now=now)
    record(
        Happened.PLAN_ACTIVATED,
        about=plan,
        by=by,
        now=now,
        patient_id=plan.patient_id,
        location=plan.location,
        reason=override_reason,
    )
    return plan


@transaction.atomic
def stop_plan(*, plan_id: UUID, reason: str, by: Staff, now: datetime) -> Plan:
    """End a plan early: sessions to come and their appointments are cancelled, care after done sessions goes on."""
    allow(by, Deed.CHANGE_PLAN)
    plan = _locked(plan_id, by)
    _must_move(plan, PlanState.STOPPED, "stopped")
    if not reason.strip():
        raise Refusal("reason", "Write why the plan ends.")
    end_plan(plan, PlanState.STOPPED, reason=reason.strip(), now=now)
    record(
        Happened.PLAN_STOPPED,
        about=plan,
        by=by,
        now=now,
        patient_id=plan.patient_id,
        location=plan.location,
        reason=reason.strip(),
    )
    return plan


def end_plan(plan: Plan, state: PlanState, *, reason: str, now: datetime) -> None:
    """Close a plan's open sessions, reviews and appointments. Call inside a transaction."""
    if state is PlanState.STOPPED:
        for session in plan.sessions.filter(state=SessionState.PLANNED):
            session.state = SessionState.CANCELLED
            session.save(update_fields=["state"])
        for review in plan.reviews.filter(state=ReviewState.PROMISED):
            review.state = ReviewState.SKIPPED
            review.save(update_fields=["state"])
        for appointment in live_appointments([plan]).values():
            set_state(appointment, AppointmentState.CANCELLED, now=now, reason="the plan ended")
    plan.state, plan.ended_at, plan.end_reason = state, now, reason
    plan.save()
    redate_plan(plan, now=now)


def complete_when_all_done(plan: Plan, *, by: Staff, now: datetime) -> None:
    """A plan is complete when nothing is left to do and every review is decided."""
    if plan.sessions.to_do().exists() or plan.reviews.open().exists():
        return
    end_plan(plan, PlanState.COMPLETED, reason="all sessions and reviews are done", now=now)
    record(Happened.PLAN_COMPLETED, about=plan, by=by, now=now, patient_id=plan.patient_id, location=plan.location)


def _locked(plan_id: UUID, by: Staff) -> Plan:
    """First the patient, as everywhere, then the row as it is by then."""
    rows = Plan.objects.visible_to(by).select_related("patient", "location", "assessment")
    lock_patient(rows.get(pk=plan_id).patient_id)
    return rows.select_for_update(of=("self",)).get(pk=plan_id)


def _must_move(plan: Plan, state: PlanState, verb: str) -> None:
    if not may_move(PlanState(plan.state), state):
        raise Refusal("wrong_state", f"This plan is {plan.get_state_display().lower()} and cannot be {verb}.")


def _with_counts(course: Course, counts: Mapping[str, int]) -> Course:
    """The patient's copy says how many sessions she gets: the usual number becomes hers."""
    parts = []
    for part in course.components:
        wanted = counts.get(part.key, part.sessions_usual)
        if not part.sessions_min <= wanted <= part.sessions_max:
            raise Refusal(
                "session_count",
                f"{part.modality.label}: this protocol has {part.sessions_min} to {part.sessions_max} sessions, "
                f"not {wanted}.",
            )
        parts.append(replace(part, sessions_usual=wanted))
    return replace(course, components=tuple(parts))


def _lay_out_sessions(plan: Plan, course: Course) -> None:
    steps = lay_out(course)
    windows = session_windows(course, steps, starts_on=plan.starts_on)
    for step in steps:
        session = Session(
            plan=plan,
            number=step.number,
            kind=step.kind,
            parts_json=[[part.component, part.ordinal] for part in step.parts],
        )
        set_window(session, windows[step.number])
        session.save()
