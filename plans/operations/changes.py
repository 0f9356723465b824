"""Changing a plan under way: what was shown before is what is written, or the world has moved and nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from plans.models import Appointment, Pause, Plan, Protocol, Session
from plans.models.facts import live_appointments
from plans.models.plan_facts import read_plan_facts
from plans.operations.appointment_state import set_state
from plans.operations.booking import move_held
from plans.operations.plans import complete_when_all_done
from plans.operations.redate import redate_plan
from plans.operations.reminders import lock_patient
from plans.rules.cascade import Preview, moved_to, preview
from plans.rules.changes import Change
from plans.rules.conflicts import Choice
from plans.rules.course import Course
from plans.rules.diff_words import sentences
from plans.rules.happened import Happened
from plans.rules.plan_facts import PlanFacts
from plans.rules.protocol_concerns import contradictions
from plans.rules.states import AppointmentState, PlanState, SessionState
from plans.rules.steps import Step

# Far above any session's number: where numbers wait while they are dealt out anew.
ASIDE = 10_000


@transaction.atomic
def apply_change(
    *,
    plan_id: UUID,
    change: Change,
    choices: Mapping[str, str],
    seen: str,
    reason: str,
    by: Staff,
    now: datetime,
    protocol_id: UUID | None = None,
) -> Plan:
    """Write what the preview showed. `seen` is the preview's fingerprint, `choices` its decided conflicts,
    `protocol_id` the version the plan follows from now on, when it is another.

    Refusals: wrong_state, reason, moved (something changed meanwhile), undecided (a conflict waits for a choice),
    contradiction, and the change's own; a move to another time may be refused as any booking. Nothing is written then.
    """
    allow(by, Deed.CHANGE_PLAN)
    plan = _locked(plan_id, by)
    if not reason.strip():
        raise Refusal("reason", "Write why the plan is changed.")
    facts = read_plan_facts(plan, now=now)
    shown = preview(facts, change, choices)
    if shown.fingerprint != seen:
        raise Refusal("moved", "Something changed since you looked: look at what the change means now.")
    if shown.open:
        raise Refusal("undecided", f"Decide first: {shown.open[0].sentence}")
    _refuse_contradiction(facts.course, shown.facts.course)
    booked = live_appointments([plan])
    if protocol_id:
        plan.protocol = Protocol.objects.published().get(pk=protocol_id, key=plan.protocol.key)
    _write_plan(plan, facts, shown.facts, reason.strip(), by, now)
    _write_steps(plan, facts, shown.facts, reason.strip())
    _cancel_chosen(plan, shown, booked, now)
    redate_plan(plan, now=now)
    _move_chosen(plan, shown, booked, reason.strip(), by, now)
    complete_when_all_done(plan, by=by, now=now)
    record(
        _happened(facts, shown.facts),
        about=plan,
        by=by,
        now=now,
        patient_id=plan.patient_id,
        location=plan.location,
        reason=reason.strip(),
        details={"change": type(change).__name__, "what": sentences(shown.diff, facts.zone), "choices": dict(choices)},
    )
    return plan


def _locked(plan_id: UUID, by: Staff) -> Plan:
    """First the patient, as everywhere, so that nobody books one of the sessions meanwhile."""
    plan = Plan.objects.visible_to(by).only("patient").get(pk=plan_id)
    lock_patient(plan.patient_id)
    rows = Plan.objects.select_related("patient__home_location", "location", "assessment", "protocol")
    plan = rows.select_for_update(of=("self",)).get(pk=plan_id)
    if plan.state == PlanState.STOPPED:
        raise Refusal("wrong_state", "This plan was stopped: make a new one.")
    return plan


def _refuse_contradiction(before: Course, after: Course) -> None:
    """A change may not bring two rules that cannot both be kept: the clinic settles which holds."""
    if after == before:
        return
    known = {concern.rules for concern in contradictions(before)}
    if new := next((concern for concern in contradictions(after) if concern.rules not in known), None):
        raise Refusal("contradiction", f"{new.sentence} {new.settle}")


def _write_plan(plan: Plan, before: PlanFacts, after: PlanFacts, reason: str, by: Staff, now: datetime) -> None:
    if after.paused_since and not before.paused_since:
        Pause.objects.create(plan=plan, begins=after.paused_since, reason=reason, begun_at=now, begun_by=by)
    if before.paused_since and not after.paused_since:
        pause = plan.pauses.get(ends__isnull=True)
        pause.ends, pause.ended_by = after.pauses[-1].ends, by
        pause.save()
    if after.course != before.course:
        plan.course = after.course
    if after.state is not before.state:
        plan.state, plan.ended_at, plan.end_reason = after.state, None, ""
    plan.save()


def _write_steps(plan: Plan, before: PlanFacts, after: PlanFacts, reason: str) -> None:
    """Write sessions that are new, renumbered, given other parts, skipped, taken back, cancelled or set by hand."""
    rows = {str(session.pk): session for session in plan.sessions.all()}
    was = {step.ref: step for step in before.steps}
    changed = [step for step in after.steps if was.get(step.ref) != step]
    for place, step in enumerate(changed):
        if step.ref in rows:
            # The database keeps numbers unique at every moment: first out of the way, then to their places.
            plan.sessions.filter(pk=step.ref).update(number=ASIDE + place)
    for step in changed:
        session = rows.get(step.ref) or _new_session(plan, after)
        _set(session, step, was.get(step.ref), reason)
        session.save()


def _new_session(plan: Plan, after: PlanFacts) -> Session:
    """Its window is worked out with all the others; until then it has the day of the change."""
    day = after.today
    return Session(plan=plan, earliest=day, target=day, latest=day, calculated=day)


def _set(session: Session, step: Step, was: Step | None, reason: str) -> None:
    session.number, session.kind, session.pinned = step.number, step.kind, step.pinned
    session.parts_json = [[part.component, part.ordinal] for part in step.parts]
    if was and was.state is not step.state:
        session.remarks = "" if step.state is SessionState.PLANNED else reason
    session.state = step.state


def _cancel_chosen(plan: Plan, shown: Preview, booked: Mapping[UUID, Appointment], now: datetime) -> None:
    for subject, choice in shown.choices.items():
        if choice == Choice.CANCEL:
            appointment = _appointment(plan, subject, booked)
            set_state(appointment, AppointmentState.CANCELLED, now=now, reason="the plan was changed")


def _move_chosen(
    plan: Plan, shown: Preview, booked: Mapping[UUID, Appointment], reason: str, by: Staff, now: datetime
) -> None:
    """After the plan is dated anew: the new time is held against the new window."""
    for subject, choice in shown.choices.items():
        word, _, times = choice.partition(":")
        if word == Choice.MOVE:
            starts, ends = moved_to(times)
            old = _appointment(plan, subject, booked)
            move_held(old.pk, starts=starts, ends=ends, reason=reason, by=by, now=now)


def _appointment(plan: Plan, subject: str, booked: Mapping[UUID, Appointment]) -> Appointment:
    """The live appointment of a session (by its id) or a review (by its key)."""
    keys = {row.key: row.pk for row in plan.reviews.all()}
    return booked[keys.get(subject) or UUID(subject)]


def _happened(before: PlanFacts, after: PlanFacts) -> Happened:
    if after.paused_since and not before.paused_since:
        return Happened.PLAN_PAUSED
    if before.paused_since and not after.paused_since:
        return Happened.PLAN_RESUMED
    return Happened.PLAN_CHANGED
