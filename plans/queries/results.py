"""A plan's results over time: what was measured, scored and said, with what was done when and what sources expect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Assessment
from plans.models import Measurement, Plan, Review, Session
from plans.queries.ratings import ratings_over
from plans.queries.result_charts import ResultChart, axis_over, result_chart
from plans.queries.result_events import (
    MARKS,
    SHOWN,
    Expectation,
    Held,
    bands_of,
    expectations_of,
    first_session,
    held_at,
    lanes_of,
)
from plans.queries.result_figures import day_of, measured, rated, scored
from plans.queries.review_story import RATINGS
from plans.rules.plot import figure_words
from plans.rules.plot_shapes import Lane
from plans.rules.states import PlanState, ReviewState


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """What was said and decided at one review; `mean` of `raters` blinded scores."""

    review: Review
    day: date
    rating: str
    mean: str
    raters: int


@dataclass(frozen=True, slots=True)
class ResultsStory:
    """`is_whole`: all the patient's `plans` together. `next_review`: where figures are written down next."""

    plan: Plan
    zone: ZoneInfo
    today: date
    is_whole: bool
    plans: int
    lanes: tuple[Lane, ...]
    charts: tuple[ResultChart, ...]
    reviews: tuple[ReviewRow, ...]
    held: tuple[Held, ...]
    expectations: tuple[Expectation, ...]
    counted_from: date | None
    is_estimated: bool
    next_review: Review | None

    @property
    def marks(self) -> tuple[tuple[str, str], ...]:
        """The marks under the charts of this page, with what they mean."""
        looks = {event.look for lane in self.lanes for event in lane.events}
        return tuple((look, words) for look, words in MARKS.items() if look in looks)


def results_story(by: Staff, plan_id: UUID, *, whole: bool, now: datetime) -> ResultsStory:
    """Return the page. Forbidden for who may not read findings and photos; DoesNotExist for somebody else's.

    Eight queries, however much was measured.
    """
    for deed in (Deed.SEE_CLINICAL, Deed.SEE_PHOTOS):
        if not by.can(deed):
            raise Forbidden(deed)
    plan = Plan.objects.visible_to(by).select_related("patient", "location", "assessment").get(pk=plan_id)
    zone = plan.location.zone
    today = local_day(now, zone)
    all_plans = [one for one in plan.patient.plans.all() if one.state != PlanState.DRAFT or one.pk == plan.pk]
    shown = [one.pk for one in all_plans if whole or one.pk == plan.pk]
    reviews = list(Review.objects.filter(plan__in=shown).select_related("plan").order_by("due", "pk"))
    sessions = list(
        Session.objects.filter(plan__in=shown).select_related("plan").prefetch_related("treatments__lot__product")
    )
    blinded = ratings_over(reviews)
    assessments = _assessments(plan, all_plans, whole=whole)
    held = held_at(sessions, zone)
    first, is_estimated = first_session(plan, sessions, held)
    expectations = expectations_of(plan.course, first, today)
    measurements = Measurement.objects.filter(review__in=reviews).select_related("review")
    findings = [finding for one in assessments for finding in one.findings.all()]
    found = {
        **measured(measurements, findings, zone, today),
        **scored(reviews, assessments, zone, today),
        **rated(reviews, blinded, zone, today),
    }
    lanes = lanes_of(held, reviews, zone, today)
    axis = axis_over(found.values(), lanes, bands_of(expectations), today=today)
    return ResultsStory(
        plan=plan,
        zone=zone,
        today=today,
        is_whole=whole,
        plans=len(all_plans),
        lanes=lanes,
        charts=tuple(result_chart(subject, seen, axis) for subject, seen in found.items()),
        reviews=tuple(_row(one, blinded, zone, today) for one in reviews if one.state in SHOWN),
        held=held,
        expectations=expectations,
        counted_from=first,
        is_estimated=is_estimated,
        next_review=next((one for one in reviews if one.state == ReviewState.PROMISED), None),
    )


def _assessments(plan: Plan, plans: list[Plan], *, whole: bool) -> list[Assessment]:
    """The plan's own and those made since, up to the next plan's: what was found for that one is its beginning."""
    rows = list(plan.patient.assessments.prefetch_related("findings").order_by("made_at"))
    if whole:
        return rows
    since = plan.assessment.made_at if plan.assessment else plan.made_at
    others = {one.assessment_id for one in plans if one.pk != plan.pk and one.assessment_id != plan.assessment_id}
    until = min((one.made_at for one in rows if one.pk in others and one.made_at > since), default=None)
    return [one for one in rows if since <= one.made_at and (until is None or one.made_at < until)]


def _row(review: Review, blinded: Mapping[UUID, tuple[float, int]], zone: ZoneInfo, today: date) -> ReviewRow:
    mean, raters = blinded.get(review.pk, (None, 0))
    said = RATINGS.get(review.patient_rating, "") if review.patient_rating is not None else ""
    day = review.due if review.state == ReviewState.PROMISED else day_of(review, zone, today)
    return ReviewRow(review, day, said, "" if mean is None else _signed(mean), raters)


def _signed(mean: float) -> str:
    return f"{'+' if mean > 0 else ''}{figure_words(Decimal(str(mean)))}"
