"""What stands before two decisions: what speaks for and against activating a plan, and what stopping it would undo."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Assessment, Consent
from patients.models.consent_facts import consent_faults
from patients.models.facts import assessment_facts, newest_assessment
from patients.rules.consent import ConsentTopic, needed_for_treatment
from patients.rules.consent_forms import ConsentFault
from patients.rules.suitability import Reason, Suitability, Verdict, Weighs, blocking, judge, may_override
from plans.models import Appointment, Plan, Reminder, Review, Session
from plans.models.appointment import LIVE
from plans.rules.states import PlanState, ReviewState, SessionState, may_move


@dataclass(frozen=True, slots=True)
class ConsentLine:
    topic: ConsentTopic
    consent: Consent | None
    fault: ConsentFault | None


@dataclass(frozen=True, slots=True)
class Activation:
    """`firm` holds the plan up for good, `relative` yields to a written reason. `first` is the first session."""

    plan: Plan
    today: date
    assessment: Assessment | None
    verdict: Verdict | None
    in_favour: tuple[Reason, ...]
    cautions: tuple[Reason, ...]
    firm: tuple[Reason, ...]
    relative: tuple[Reason, ...]
    consents: tuple[ConsentLine, ...]
    consent_faults: tuple[ConsentFault, ...]
    first: Session | None
    is_draft: bool

    @property
    def is_possible(self) -> bool:
        return self.is_draft and self.verdict is not None and not self.firm and not self.consent_faults


@dataclass(frozen=True, slots=True)
class Ending:
    """What stopping cancels, and what stays."""

    plan: Plan
    zone: ZoneInfo
    today: date
    sessions: tuple[Session, ...]
    reviews: tuple[Review, ...]
    appointments: tuple[Appointment, ...]
    letters: tuple[Reminder, ...]
    done: int
    is_possible: bool


def activation(by: Staff, plan_id: UUID, *, now: datetime) -> Activation:
    if not by.can(Deed.ACTIVATE_PLAN):
        raise Forbidden(Deed.ACTIVATE_PLAN)
    plan = _plan(by, plan_id)
    today = local_day(now, plan.location.zone)
    modalities = tuple(part.modality.value for part in plan.course.components)
    newest = newest_assessment(plan.patient) if plan.assessment_id else None
    found = _judged(newest, modalities, today)
    reasons = found.reasons if found else ()
    holding = blocking(reasons)
    in_force = {consent.topic: consent for consent in plan.patient.consents.in_force()}
    faults = {fault.topic: fault for fault in consent_faults(plan.patient, modalities)}
    return Activation(
        plan=plan,
        today=today,
        assessment=newest,
        verdict=found.verdict if found else None,
        in_favour=tuple(reason for reason in reasons if reason.weighs is Weighs.FOR),
        cautions=tuple(r for r in reasons if r not in holding and r.weighs is not Weighs.FOR),
        firm=tuple(reason for reason in holding if not may_override(reason.code)),
        relative=tuple(reason for reason in holding if may_override(reason.code)),
        consents=tuple(
            ConsentLine(topic, in_force.get(topic.value), faults.get(topic))
            for topic in needed_for_treatment(modalities)
        ),
        consent_faults=tuple(faults.values()),
        first=plan.sessions.order_by("number").first(),
        is_draft=plan.state == PlanState.DRAFT,
    )


def ending(by: Staff, plan_id: UUID, *, now: datetime) -> Ending:
    """Return what would be cancelled. Letters about what was done stay: care does not end with the plan."""
    if not by.can(Deed.CHANGE_PLAN):
        raise Forbidden(Deed.CHANGE_PLAN)
    plan = _plan(by, plan_id)
    sessions = tuple(plan.sessions.to_do().order_by("number"))
    reviews = tuple(plan.reviews.filter(state=ReviewState.PROMISED).order_by("due"))
    live = Appointment.objects.filter(state__in=LIVE).select_related("practitioner", "location", "session", "review")
    mine = live.filter(session__plan=plan) | live.filter(review__plan=plan)
    appointments = tuple(mine.order_by("starts"))
    gone = [row.pk for row in (*sessions, *reviews, *appointments)]
    letters = plan.reminders.open().filter(about_id__in=gone).select_related("location").defer("mime")
    return Ending(
        plan=plan,
        zone=plan.location.zone,
        today=local_day(now, plan.location.zone),
        sessions=sessions,
        reviews=reviews,
        appointments=appointments,
        letters=tuple(letters.order_by("due_at")),
        done=plan.sessions.filter(state=SessionState.DONE).count(),
        is_possible=may_move(PlanState(plan.state), PlanState.STOPPED),
    )


def _plan(by: Staff, plan_id: UUID) -> Plan:
    rows = Plan.objects.visible_to(by).select_related("patient__home_location", "location", "assessment__made_by")
    return rows.get(pk=plan_id)


def _judged(newest: Assessment | None, modalities: tuple[str, ...], today: date) -> Suitability | None:
    if newest is None:
        return None
    age = newest.patient.age_on(today)
    return judge(assessment_facts(newest, newest.findings.all(), age=age, day=today), modalities)
