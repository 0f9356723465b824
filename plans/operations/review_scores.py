"""What a review found, written down at any moment while it is open: figures and photos need not come together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.rules.figures import faults
from plans.models import Measurement, Review
from plans.operations.reminders import lock_patient
from plans.rules.happened import Happened
from plans.rules.measures import Measure, MeasureMethod
from plans.rules.outcome import Figure, why_impossible
from plans.rules.states import PlanState, ReviewState


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure; `area` empty for the whole scalp. The device is always named."""

    measure: Measure
    value: Decimal
    method: MeasureMethod
    device: str
    area: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """Everything a review may find. None and empty: not looked at."""

    shedding_scale: int | None = None
    wash_count: int | None = None
    pull_test_hairs: int | None = None
    salt_top: int | None = None
    salt_back: int | None = None
    salt_left: int | None = None
    salt_right: int | None = None
    scale: str = ""
    grade: str = ""
    adherence: str = ""
    side_effects: str = ""
    patient_rating: int | None = None
    patient_says: str = ""
    notes: str = ""
    measured: tuple[Measured, ...] = ()


SCORES = tuple(field.name for field in fields(Scores) if field.name != "measured")


@transaction.atomic
def record_scores(*, review_id: UUID, scores: Scores, by: Staff, now: datetime) -> Review:
    """Write down what was found so far, as it stands: what is empty now is taken out again.

    Refusals: wrong_state (decided already, or a draft's), device, impossible.
    """
    allow(by, Deed.REVIEW)
    review = open_review(review_id, by)
    if review.plan.state == PlanState.DRAFT:
        raise Refusal("wrong_state", "This plan is a draft: activate it, then results can be looked at.")
    if write_scores(review, {name: getattr(scores, name) for name in SCORES}, scores.measured, is_all=True):
        review.save()
        record(
            Happened.REVIEW_SCORED, about=review, by=by, now=now, patient_id=review.plan.patient_id,
            location=review.plan.location,
        )  # fmt: skip
    return review


def open_review(review_id: UUID, by: Staff) -> Review:
    """Lock it, the patient first as everywhere. Refusal when it has ended. Call inside a transaction."""
    rows = Review.objects.visible_to(by).select_related("plan__patient__home_location", "plan__location", "view_set")
    lock_patient(rows.get(pk=review_id).plan.patient_id)
    review = rows.select_for_update(of=("self",)).get(pk=review_id)
    if review.state == ReviewState.DECIDED:
        raise Refusal("wrong_state", "This review has been decided already.")
    if review.state != ReviewState.PROMISED:
        raise Refusal("wrong_state", "This review is not held any more: nothing can be written on it.")
    return review


def write_scores(review: Review, scores: dict[str, object], measured: Iterable[Measured], *, is_all: bool) -> bool:
    """Set the scores and write the figures; return whether anything changed. The review is for the caller to save.

    `is_all`: figures that are not among `measured` are taken out.
    """
    measured = tuple(measured)
    if not all(one.device.strip() for one in measured):
        raise Refusal("device", "Write with which device each figure was measured: only the same device is compared.")
    for one in measured:
        if not 0 <= one.value <= one.measure.most:
            raise Refusal("impossible", why_impossible(one.measure))
    before = [getattr(review, name) for name in scores]
    for name, value in scores.items():
        setattr(review, name, value)
    if wrong := faults(review.figures):
        raise Refusal("impossible", next(iter(wrong.values())))
    is_changed = before != list(scores.values())
    return _write_measured(review, measured, is_all=is_all) or is_changed


def _write_measured(review: Review, measured: tuple[Measured, ...], *, is_all: bool) -> bool:
    """By trend: the same measure, area, method and device is the same figure, corrected."""
    rows = {figure_of(row).trend: row for row in review.measurements.all()}
    is_changed = False
    for one in measured:
        figure = Figure(one.measure, one.value, one.method, one.device, one.area)
        row = rows.pop(figure.trend, None) or Measurement(
            review=review, measure=one.measure, area=one.area, method=one.method
        )
        if row.value != one.value or row.device != one.device.strip():
            row.value, row.device, is_changed = one.value, one.device.strip(), True
            row.save()
    if is_all:
        for row in rows.values():
            row.delete()
            is_changed = True
    return is_changed


def figure_of(row: Measurement) -> Figure:
    return Figure(Measure(row.measure), row.value, MeasureMethod(row.method), row.device, row.area)
