"""One review's photos beside those of an earlier one, view by view."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Photo, Plan, Review
from plans.models.photo_answers import photo_answers
from plans.queries.pairs import Pair, pairs_of
from plans.queries.photo_words import Condition, conditions_side_by_side
from plans.rules.photo_use import PhotoUse, why_not_used
from plans.rules.wording import day_words


@dataclass(frozen=True, slots=True)
class Choice:
    """A review that may stand left. `words`: its title, its plan where that is another one, when it was due."""

    review: Review
    words: str


@dataclass(frozen=True, slots=True)
class ComparedView:
    pair: Pair
    conditions: tuple[Condition, ...]
    before_on: str
    now_on: str

    @property
    def key(self) -> str:
        return self.pair.view.key

    @property
    def is_pair(self) -> bool:
        return self.pair.before is not None and self.pair.now is not None


@dataclass(frozen=True, slots=True)
class CompareStory:
    """`against` None: nothing earlier is there. `why_hidden`: why no picture may be shown; empty where they may."""

    review: Review
    plan: Plan
    patient: Patient
    zone: ZoneInfo
    against: Review | None
    choices: tuple[Choice, ...]
    views: tuple[ComparedView, ...]
    why_hidden: str

    @property
    def has_photos(self) -> bool:
        return any(one.pair.now or one.pair.before for one in self.views)

    @property
    def taken(self) -> int:
        return sum(one.pair.now is not None for one in self.views)

    def view(self, key: str) -> ComparedView | None:
        """Return the view asked for; else the first pair, else the first one with any photo."""
        asked = [one for one in self.views if one.key == key]
        pairs = [one for one in self.views if one.is_pair]
        shown = [one for one in self.views if one.pair.now or one.pair.before]
        return next(iter([*asked, *pairs, *shown, *self.views]), None)


def compare_story(by: Staff, review_id: UUID, against_id: str = "") -> CompareStory:
    """Return the page; `against_id` of a review that is not there to choose is as if nothing had been asked for.

    Forbidden for who may not see photos; DoesNotExist for somebody else's.
    """
    if not by.can(Deed.SEE_PHOTOS):
        raise Forbidden(Deed.SEE_PHOTOS)
    rows = Review.objects.visible_to(by).select_related("plan__patient__home_location", "plan__location", "view_set")
    review = rows.get(pk=review_id)
    plan = review.plan
    zone = plan.location.zone
    earlier = _earlier(by, review)
    against = next((one for one in earlier if str(one.pk) == against_id), None) or _usual(review, earlier)
    why_hidden = why_not_used(PhotoUse.RECORD, photo_answers(plan.patient_id), plan.patient.name)
    return CompareStory(
        review=review,
        plan=plan,
        patient=plan.patient,
        zone=zone,
        against=against,
        choices=tuple(Choice(one, _words(one, plan)) for one in earlier),
        views=() if why_hidden else tuple(_compared(pair, zone) for pair in pairs_of(review, against, zone=zone)),
        why_hidden=why_hidden,
    )


def _earlier(by: Staff, review: Review) -> list[Review]:
    """What may stand left: the plan's baseline, and every earlier review of the patient that has photos."""
    photos = Count("photos", filter=Q(photos__superseded_at__isnull=True))
    mine = Review.objects.visible_to(by).filter(plan__patient=review.plan.patient_id).exclude(pk=review.pk)
    before = Q(due__lt=review.due) | Q(plan=review.plan_id, months__lt=review.months)
    rows = mine.filter(before).alias(shots=photos).filter(Q(shots__gt=0) | Q(plan=review.plan_id, months=0))
    return list(rows.select_related("plan").order_by("due", "months", "id").distinct())


def _usual(review: Review, earlier: list[Review]) -> Review | None:
    return next((one for one in earlier if one.plan_id == review.plan_id and one.months == 0), None)


def _words(review: Review, plan: Plan) -> str:
    whose = "" if review.plan_id == plan.pk else f", {review.plan.title}"
    return f"{review.title}{whose}, {day_words(review.due)}"


def _compared(pair: Pair, zone: ZoneInfo) -> ComparedView:
    return ComparedView(
        pair, conditions_side_by_side(pair.before, pair.now, zone), _on(pair.before, zone), _on(pair.now, zone)
    )


def _on(photo: Photo | None, zone: ZoneInfo) -> str:
    return day_words(local_day(photo.taken_at, zone)) if photo else ""
