"""Blinded ratings: what is left to rate, the pair somebody is looking at, and what the raters said of a review."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.models import Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from plans.models import PairRating, Photo, Review
from plans.models.rating_facts import pairs_to_rate, ratings_open_to
from plans.rules.ratings import UNDO_WITHIN, mean_of

# Nobody rates more in a sitting, and counting further would only cost time.
MOST_COUNTED = 200
LAST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class RatingDesk:
    """`waiting`: a view's title and how many pairs of it. `put_by`: shown and never rated, recognised or left.

    `more` where there are even more than were counted. `done`: the last ones rated, newest first.
    """

    waiting: tuple[tuple[str, int], ...]
    more: bool
    put_by: tuple[PairRating, ...]
    done: tuple[PairRating, ...]

    @property
    def count(self) -> int:
        return sum(number for _, number in self.waiting)


def rating_desk(by: Staff) -> RatingDesk:
    """Return the list, without a name or a date of anybody's photo. Three queries. Forbidden by role."""
    _allow(by)
    titles = [pair.view for pair in pairs_to_rate(by, MOST_COUNTED + 1)]
    mine = ratings_open_to(by).select_related("view", "review__plan__location")
    return RatingDesk(
        waiting=tuple(sorted(Counter(titles[:MOST_COUNTED]).items())),
        more=len(titles) > MOST_COUNTED,
        put_by=tuple(mine.filter(score__isnull=True).order_by("-shown_at")[:MOST_COUNTED]),
        done=tuple(mine.filter(score__isnull=False).order_by("-rated_at")[:LAST_SHOWN]),
    )


def rating_shown(by: Staff, rating_id: UUID) -> PairRating:
    """Return one's own rating. DoesNotExist for another's, or once the consent is withdrawn. Forbidden by role."""
    _allow(by)
    return ratings_open_to(by).select_related("view", "before__view", "after__view").get(pk=rating_id)


def photo_at(by: Staff, rating_id: UUID, *, left: bool) -> Photo:
    """Return the photo that lies on that side."""
    rating = rating_shown(by, rating_id)
    return rating.after if rating.is_later_left is left else rating.before


def just_sent(by: Staff, rating_id: UUID, *, now: datetime) -> PairRating | None:
    """Return one's own rating while it can still be taken back."""
    return ratings_open_to(by).filter(pk=rating_id, rated_at__gt=now - UNDO_WITHIN).first()


def rating_of(review: Review) -> dict[UUID, tuple[float, int]]:
    """Return, by view id, the mean of the blinded scores of the photos that stand, and how many gave one. One query."""
    return _means(((view, score) for _, view, score in _scores([review])))


def ratings_over(reviews: Iterable[Review]) -> dict[UUID, tuple[float, int]]:
    """Return, by review id, the mean over all its views and raters, and how many scores it is of. One query."""
    return _means((review, score) for review, _, score in _scores(reviews))


def _scores(reviews: Iterable[Review]) -> list[tuple[UUID, UUID, int]]:
    """A photo that was taken again took its ratings with it."""
    rows = PairRating.objects.filter(review__in=list(reviews), score__isnull=False)
    stand = rows.filter(before__superseded_at__isnull=True, after__superseded_at__isnull=True)
    found = stand.values_list("review_id", "view_id", "score")
    return [(review, view, score) for review, view, score in found if score is not None]


def _means(scores: Iterable[tuple[UUID, int]]) -> dict[UUID, tuple[float, int]]:
    found: dict[UUID, list[int]] = defaultdict(list)
    for key, score in scores:
        found[key].append(score)
    return {key: (mean_of(several), len(several)) for key, several in found.items()}


def _allow(by: Staff) -> None:
    for deed in (Deed.SEE_PHOTOS, Deed.REVIEW):
        if not by.can(deed):
            raise Forbidden(deed)
