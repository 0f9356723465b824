"""The decision a review ends in, and what follows from it: written together, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from plans.models import Plan, Protocol, Review
from plans.models.appointment import Appointment
from plans.models.plan_facts import facts_of_a_new_plan, read_plan_facts
from plans.models.protocol_course import course_of
from plans.operations.appointment_state import set_state
from plans.operations.changes import apply_change
from plans.operations.plans import complete_when_all_done, draft_plan, end_plan
from plans.operations.redate import redate_plan
from plans.operations.review_scores import SCORES, Measured, Scores, open_review, write_scores
from plans.rules.cascade import preview
from plans.rules.changes import Change
from plans.rules.decisions import Decide, further_print, is_over
from plans.rules.happened import Happened
from plans.rules.layout import lay_out
from plans.rules.regrow import with_counts
from plans.rules.states import AppointmentState, Decision, PlanState, ReviewState, may_move

__all__ = ["FurtherPlan", "Measured", "PlanChange", "ReviewOutcome", "decide_review"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOutcome(Scores):
    """The decision, with what was found at it. What it does not say of a score stays as it was recorded."""

    decision: Decision
    decision_reason: str
    missing_views_reason: str = ""


@dataclass(frozen=True, slots=True)
class PlanChange:
    """The change of the plan that was decided, as it was looked at. `protocol_id`: the version followed from now on."""

    change: Change
    choices: Mapping[str, str] = field(default_factory=dict)
    protocol_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class FurtherPlan:
    """Another course beside this one, drafted as it was looked at."""

    protocol_id: UUID
    assessment_id: UUID | None
    starts_on: date
    counts: Mapping[str, int]
    price: Decimal | None = None


@transaction.atomic
def decide_review(
    *,
    review_id: UUID,
    outcome: ReviewOutcome,
    by: Staff,
    now: datetime,
    follows: PlanChange | FurtherPlan | None = None,
    seen: str | None = None,
) -> Review:
    """End a review in a decision, and do what was decided. It needs all its views, or a written reason why not.

    `seen` is the fingerprint of what was shown before, None where nothing was. Refusals: wrong_state, reason, device,
    impossible, views_missing, moved (something changed meanwhile), and those of what follows. Nothing is written then.
    """
    allow(by, Deed.REVIEW)
    review = open_review(review_id, by)
    plan = review.plan
    if plan.state == PlanState.DRAFT:
        raise Refusal("wrong_state", "This plan is a draft: activate it, then results can be looked at.")
    missing = _missing(review, outcome)
    if seen is not None:
        _refuse_moved(plan, review, outcome.decision, follows, seen, now)
    _write(review, outcome, by, now)
    for appointment in review.appointments.live():
        _settle_appointment(appointment, by, now)
    if outcome.decision is Decision.STOP_AND_REFER and may_move(PlanState(plan.state), PlanState.STOPPED):
        end_plan(plan, PlanState.STOPPED, reason=outcome.decision_reason or "review: stop and refer", now=now)
    else:
        redate_plan(plan, now=now)
        _follow(plan, follows, outcome, by, now)
    record(
        Happened.REVIEW_DECIDED,
        about=review,
        by=by,
        now=now,
        patient_id=plan.patient_id,
        location=plan.location,
        reason=outcome.decision_reason,
        details={"decision": outcome.decision.value, "missing": missing},
    )
    return review


def _missing(review: Review, outcome: ReviewOutcome) -> list[str]:
    needed = review.view_set.views.filter(is_required=True)
    missing = list(needed.exclude(photos__in=review.photos.current()).values_list("title", flat=True))
    if missing and not outcome.missing_views_reason.strip():
        raise Refusal("views_missing", f"Views are missing: {', '.join(missing)}. Add them, or write why not.")
    return missing


def _refuse_moved(
    plan: Plan, review: Review, decision: Decision, follows: PlanChange | FurtherPlan | None, seen: str, now: datetime
) -> None:
    stops = decision is Decision.STOP_AND_REFER
    change = follows if isinstance(follows, PlanChange) else None
    wanted = Decide(review.key, change.change if change else None, stops=stops)
    shown = preview(read_plan_facts(plan, now=now), wanted, change.choices if change else {})
    beside = _further_print(plan, follows, now) if isinstance(follows, FurtherPlan) else ""
    if shown.fingerprint + beside != seen:
        raise Refusal("moved", "Something changed since you looked: look at what the decision means now.")
    if shown.open:
        raise Refusal("undecided", f"Decide first: {shown.open[0].sentence}")


def _further_print(plan: Plan, wanted: FurtherPlan, now: datetime) -> str:
    course = with_counts(course_of(Protocol.objects.published().whole().get(pk=wanted.protocol_id)), wanted.counts)
    return further_print(
        facts_of_a_new_plan(plan.patient, course, lay_out(course), starts_on=wanted.starts_on, now=now)
    )


def _write(review: Review, outcome: ReviewOutcome, by: Staff, now: datetime) -> None:
    said = {name: value for name in SCORES if (value := getattr(outcome, name)) not in (None, "")}
    review.decision, review.decision_reason = outcome.decision, outcome.decision_reason
    review.missing_views_reason = outcome.missing_views_reason
    review.state, review.decided_at, review.decided_by = ReviewState.DECIDED, now, by
    write_scores(review, said, outcome.measured, is_all=False)
    review.save()


def _follow(
    plan: Plan, follows: PlanChange | FurtherPlan | None, outcome: ReviewOutcome, by: Staff, now: datetime
) -> None:
    """Do what was decided; `apply_change` also says when the plan is complete."""
    match follows:
        case PlanChange(change, choices, protocol_id):
            # What was shown with the decision is checked; this is the same change, the review being decided by now.
            shown = preview(read_plan_facts(plan, now=now), change, choices)
            apply_change(
                plan_id=plan.pk, change=change, choices=choices, seen=shown.fingerprint,
                reason=outcome.decision_reason, protocol_id=protocol_id, by=by, now=now,
            )  # fmt: skip
            return
        case FurtherPlan():
            draft_plan(
                patient_id=plan.patient_id, protocol_id=follows.protocol_id, assessment_id=follows.assessment_id,
                starts_on=follows.starts_on, counts=follows.counts, price=follows.price, by=by, now=now,
            )  # fmt: skip
    complete_when_all_done(plan, by=by, now=now)


def _settle_appointment(appointment: Appointment, by: Staff, now: datetime) -> None:
    """Decided at the visit, the appointment is done; decided without her, it is not needed any more."""
    if is_over(AppointmentState(appointment.state), appointment.starts, now):
        appointment.ended_at = now
        set_state(appointment, AppointmentState.DONE, by=by, now=now)
    else:
        set_state(appointment, AppointmentState.CANCELLED, by=by, now=now, reason="the review was decided")
