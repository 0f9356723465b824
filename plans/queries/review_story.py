"""A review's page: each view with its photo then and now, what makes a pair hard to compare, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.rules.consent import ConsentTopic
from plans.models import Appointment, Photo, Plan, Review, View
from plans.queries.spoken import between_words
from plans.rules.comparable import Conditions, why_not_comparable
from plans.rules.states import Decision, PlanState, ReviewState
from plans.rules.wording import day_words, distance_words

CONSEQUENCES: Mapping[Decision, str] = {
    Decision.CONTINUE: "The plan goes on as it is: its sessions and reviews keep their dates.",
    Decision.ADJUST: "The plan goes on. Change its sessions on the plan's page afterwards.",
    Decision.ADD_TREATMENT: "The plan goes on. Choose the further treatment as a new plan afterwards.",
    Decision.MAINTENANCE: "The plan goes on. What keeps the result is planned as maintenance afterwards.",
    Decision.STOP_AND_REFER: "The plan is stopped: its sessions, reviews and appointments to come are cancelled, "
    "and their mails with them. Care after what was done goes on.",
}
RATINGS = {
    -3: "Much worse", -2: "Worse", -1: "A little worse", 0: "The same",
    1: "A little better", 2: "Better", 3: "Much better",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ViewPair:
    """One view: the baseline's photo and this review's, either None; `differs`: why they are hard to compare."""

    view: View
    before: Photo | None
    now: Photo | None
    retakes: int
    differs: tuple[str, ...]

    @property
    def key(self) -> str:
        return str(self.view.pk)


@dataclass(frozen=True, slots=True)
class ReviewStory:
    """`pairs` in the view set's order; `baseline` None at the baseline itself."""

    review: Review
    plan: Plan
    zone: ZoneInfo
    today: date
    when: str
    appointment: Appointment | None
    baseline: Review | None
    pairs: tuple[ViewPair, ...]
    last: Photo | None
    has_consent: bool
    can_add: bool
    can_decide: bool
    is_open: bool
    rating_words: str

    @property
    def is_baseline(self) -> bool:
        return self.review.months == 0

    @property
    def missing(self) -> tuple[View, ...]:
        return tuple(pair.view for pair in self.pairs if pair.now is None)

    @property
    def taken(self) -> int:
        return len(self.pairs) - len(self.missing)


def review_story(by: Staff, review_id: UUID, *, now: datetime) -> ReviewStory:
    """Return the page. Forbidden for who may not see photos; DoesNotExist for somebody else's."""
    if not by.can(Deed.SEE_PHOTOS):
        raise Forbidden(Deed.SEE_PHOTOS)
    rows = Review.objects.visible_to(by).select_related(
        "plan__patient__home_location", "plan__location", "view_set", "decided_by"
    )
    review = rows.get(pk=review_id)
    plan, zone = review.plan, review.plan.location.zone
    today = local_day(now, zone)
    baseline = plan.reviews.filter(months=0).exclude(pk=review.pk).first() if review.months else None
    photos = _photos(review)
    is_open = review.state == ReviewState.PROMISED
    consent = plan.patient.consents.in_force().filter(topic=ConsentTopic.PHOTO_RECORD).exists()
    return ReviewStory(
        review=review,
        plan=plan,
        zone=zone,
        today=today,
        when=_when(review, today),
        appointment=review.appointments.live().select_related("location", "practitioner").first(),
        baseline=baseline,
        pairs=_pairs(review, photos, _before(baseline), zone),
        last=max((one for one in photos if one.superseded_at is None), key=lambda one: one.added_at, default=None),
        has_consent=consent,
        can_add=is_open and consent and by.can(Deed.ADD_PHOTO),
        can_decide=is_open and by.can(Deed.REVIEW) and plan.state != PlanState.DRAFT,
        is_open=is_open,
        rating_words=RATINGS.get(review.patient_rating, "") if review.patient_rating is not None else "",
    )


def photo_shown(by: Staff, photo_id: UUID) -> Photo:
    """Return one photo for serving. Forbidden by role; DoesNotExist for somebody else's."""
    if not by.can(Deed.SEE_PHOTOS):
        raise Forbidden(Deed.SEE_PHOTOS)
    return Photo.objects.visible_to(by).select_related("view", "review").get(pk=photo_id)


def _photos(review: Review) -> list[Photo]:
    return list(review.photos.select_related("view", "added_by").order_by("-added_at"))


def _before(baseline: Review | None) -> dict[str, Photo]:
    """The baseline's photos by the view's key: a newer view set may have a row of its own for the same view."""
    if baseline is None:
        return {}
    return {one.view.key: one for one in baseline.photos.current().select_related("view")}


def _pairs(review: Review, photos: list[Photo], before: Mapping[str, Photo], zone: ZoneInfo) -> tuple[ViewPair, ...]:
    found = []
    for view in review.view_set.views.order_by("position"):
        mine = [one for one in photos if one.view_id == view.pk]
        now = next((one for one in mine if one.superseded_at is None), None)
        then = before.get(view.key)
        differs = why_not_comparable(_conditions(then, zone), _conditions(now, zone)) if then and now else ()
        found.append(ViewPair(view, then, now, sum(one.superseded_at is not None for one in mine), differs))
    return tuple(found)


def _conditions(photo: Photo, zone: ZoneInfo) -> Conditions:
    return Conditions(
        taken_on=local_day(photo.taken_at, zone),
        is_wet=photo.is_wet,
        parting=photo.parting,
        lighting=photo.lighting,
        distance_cm=photo.distance_cm,
        last_dyed_on=photo.last_dyed_on,
    )


def _when(review: Review, today: date) -> str:
    if review.months == 0:
        return f"Before the first session, {day_words(review.due)}."
    due = f"Due {day_words(review.due)}, {distance_words(review.due, today)}."
    return f"{due} Between {between_words(review.opens, review.closes)}."
