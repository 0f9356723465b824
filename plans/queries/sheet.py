"""What may be handed out of a review's photos, for which use, and what a sheet of them is made from."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Photo, Plan, Review
from plans.models.photo_answers import photo_answers
from plans.queries.pairs import pairs_of
from plans.rules.photo_use import Answers, PhotoAnswer, PhotoUse, why_not_used
from plans.rules.wording import day_words


@dataclass(frozen=True, slots=True)
class UseLine:
    """One use, the consent it stands on, and why it is refused (empty: it is covered)."""

    use: PhotoUse
    answer: PhotoAnswer | None
    why_not: str


@dataclass(frozen=True, slots=True)
class SheetStory:
    """`reviews`: this one and the patient's earlier ones that have photos, in date order; `photos` are theirs."""

    review: Review
    plan: Plan
    patient: Patient
    zone: ZoneInfo
    uses: tuple[UseLine, ...]
    answers: Answers
    reviews: tuple[Review, ...]
    photos: tuple[Photo, ...]
    today_words: str

    @property
    def views(self) -> dict[str, str]:
        """Title by key, of every view that any of the reviews has a photo of."""
        return {one.view.key: one.view.title for one in self.photos}

    @property
    def why_hidden(self) -> str:
        return why_not_used(PhotoUse.RECORD, self.answers, self.patient.name)

    def photo(self, review: Review, key: str) -> Photo | None:
        return next((one for one in self.photos if one.review_id == review.pk and one.view.key == key), None)


def sheet_story(by: Staff, review_id: UUID, *, now: datetime) -> SheetStory:
    """Forbidden for who may not see photos; DoesNotExist for somebody else's."""
    if not by.can(Deed.SEE_PHOTOS):
        raise Forbidden(Deed.SEE_PHOTOS)
    visible = Review.objects.visible_to(by)
    review = visible.select_related("plan__patient__home_location", "plan__location", "view_set").get(pk=review_id)
    plan, patient = review.plan, review.plan.patient
    answers = photo_answers(patient.pk)
    upto = Q(due__lt=review.due) | Q(plan=plan.pk, months__lte=review.months)
    photos = Photo.objects.current().filter(review__in=visible.filter(upto, plan__patient=patient.pk).values("pk"))
    rows = list(photos.select_related("view", "review__plan__location").order_by("view__position", "view__key"))
    reviews = {one.review_id: one.review for one in rows}
    return SheetStory(
        review=review,
        plan=plan,
        patient=patient,
        zone=plan.location.zone,
        uses=tuple(UseLine(use, answers.get(use.topic), why_not_used(use, answers, patient.name)) for use in PhotoUse),
        answers=answers,
        reviews=tuple(sorted(reviews.values(), key=lambda one: (one.due, one.months))),
        photos=tuple(rows),
        today_words=day_words(local_day(now, plan.location.zone)),
    )


def remarks_of(story: SheetStory, reviews: Iterable[Review], keys: Collection[str]) -> dict[str, list[str]]:
    """Return by view what makes the chosen reviews hard to compare with the first of them."""
    first, *later = reviews
    found: dict[str, list[str]] = {}
    for review in later:
        review.plan.patient = story.patient
        for pair in pairs_of(review, first, zone=story.zone):
            if pair.differs and pair.view.key in keys:
                whose = f"{review.title}: " if len(later) > 1 else ""
                found.setdefault(pair.view.key, []).append(f"{whose}{' '.join(pair.differs)}")
    return found
