"""Taking the photos of a review: which views are there, which are weak or missing, and how the last set was taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.rules.consent import ConsentTopic
from plans.models import Photo, Plan, Review, View
from plans.models.photo_rules import thresholds_of
from plans.queries.pairs import baseline_of
from plans.queries.photo_advice import advice_of
from plans.rules.states import ReviewState


@dataclass(frozen=True, slots=True)
class Shot:
    """One view on the way through the set: its photo at the baseline, its photo now, and what is weak about that."""

    view: View
    before: Photo | None
    now: Photo | None
    advice: tuple[str, ...]

    @property
    def state(self) -> str:
        if self.now is None:
            return "missing"
        return "weak" if self.advice else "taken"

    @property
    def chip(self) -> str:
        return {"missing": "calm", "weak": "wait", "taken": "good"}[self.state]

    @property
    def word(self) -> str:
        return "If wanted" if self.now is None and not self.view.is_required else self.state.capitalize()


@dataclass(frozen=True, slots=True)
class CaptureStory:
    """`last`: its conditions are offered again. `first`: the shot to begin with, None once all are taken."""

    review: Review
    plan: Plan
    zone: ZoneInfo
    today: date
    baseline: Review | None
    pairs: tuple[Shot, ...]
    last: Photo | None
    has_consent: bool
    is_open: bool
    asked_for: Shot | None

    @property
    def can_add(self) -> bool:
        return self.is_open and self.has_consent

    @property
    def taken(self) -> int:
        return sum(shot.now is not None for shot in self.pairs)

    @property
    def missing(self) -> tuple[Shot, ...]:
        """Return the views the review cannot be closed without."""
        return tuple(shot for shot in self.pairs if shot.now is None and shot.view.is_required)

    @property
    def first(self) -> Shot | None:
        return self.asked_for or next(iter(self.missing), None)


def capture_story(by: Staff, review_id: UUID, *, view: str, now: datetime) -> CaptureStory:
    """Return the page; `view` names the one to begin with. Forbidden by role; DoesNotExist for somebody else's."""
    if not (by.can(Deed.SEE_PHOTOS) and by.can(Deed.ADD_PHOTO)):
        raise Forbidden(Deed.ADD_PHOTO)
    rows = Review.objects.visible_to(by).select_related("plan__patient", "plan__location__photo_rules", "view_set")
    review = rows.get(pk=review_id)
    plan = review.plan
    baseline = baseline_of(review)
    shots = _shots(review, baseline)
    return CaptureStory(
        review=review,
        plan=plan,
        zone=plan.location.zone,
        today=local_day(now, plan.location.zone),
        baseline=baseline,
        pairs=shots,
        last=_last_of(review),
        has_consent=plan.patient.consents.in_force().filter(topic=ConsentTopic.PHOTO_RECORD).exists(),
        is_open=review.state == ReviewState.PROMISED,
        asked_for=next((shot for shot in shots if str(shot.view.pk) == view), None),
    )


def _shots(review: Review, baseline: Review | None) -> tuple[Shot, ...]:
    now = {one.view_id: one for one in review.photos.current()}
    # By the view's key: a newer view set has a row of its own for the same view.
    before = {one.view.key: one for one in baseline.photos.current().select_related("view")} if baseline else {}
    bar = thresholds_of(review.plan.location)
    return tuple(
        Shot(view, before.get(view.key), photo, advice_of(photo, bar) if photo else ())
        for view in review.view_set.views.order_by("position")
        for photo in (now.get(view.pk),)
    )


def _last_of(review: Review) -> Photo | None:
    """Return the newest photo of this review, else of the other reviews: one set is taken like the one before."""
    newest = Photo.objects.current().filter(review__plan_id=review.plan_id).order_by("-added_at")
    return newest.filter(review=review).first() or newest.first()
