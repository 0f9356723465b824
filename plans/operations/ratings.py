"""Rating two photos of one view without knowing whose they are, when they were taken, and which came first."""

from __future__ import annotations

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from plans.models import PairRating, Photo
from plans.models.rating_facts import pairs_to_rate, ratings_open_to
from plans.rules.happened import Happened
from plans.rules.ratings import ON_ITS_WAY, UNDO_WITHIN, score_of

AMONG = 200  # the newest pairs, of which one is drawn


@transaction.atomic
def begin_rating(*, by: Staff, now: datetime) -> PairRating | None:
    """Lay out a pair that is still to be rated; None when there is none.

    Drawn by lot, so that two views of one person seldom follow each other, and so is which photo lies left.
    """
    allow(by, Deed.SEE_PHOTOS)
    allow(by, Deed.REVIEW)
    waiting = pairs_to_rate(by, AMONG)
    if not waiting:
        return None
    pair = secrets.choice(waiting)
    after = Photo.objects.get(pk=pair.later)
    # Pressed twice at once: both presses lead to the one pair.
    rating, _ = PairRating.objects.get_or_create(
        before_id=pair.earlier,
        after=after,
        rater=by,
        defaults={
            "review_id": after.review_id,
            "view_id": after.view_id,
            "is_later_left": bool(secrets.randbits(1)),
            "shown_at": now,
        },
    )
    return rating


@transaction.atomic
def rate_pair(*, rating_id: UUID, answer: int, by: Staff, now: datetime) -> PairRating:
    """Keep an answer, −3 the left photo shows much more … 3 the right one. Refusal: rated_already."""
    rating = _locked(rating_id, by)
    if rating.score is not None:
        raise Refusal("rated_already", "You have rated this pair: an answer is not changed afterwards.")
    rating.score, rating.rated_at = score_of(answer, is_later_left=rating.is_later_left), now
    rating.save(update_fields=["score", "rated_at"])
    _write_down(rating, by, now, {"score": rating.score})
    return rating


@transaction.atomic
def take_back_rating(*, rating_id: UUID, by: Staff, now: datetime) -> PairRating:
    """Undo a slip, within ten seconds. Refusal: too_late."""
    rating = _locked(rating_id, by)
    if rating.rated_at is None or now > rating.rated_at + UNDO_WITHIN + ON_ITS_WAY:
        raise Refusal("too_late", "The ten seconds for taking an answer back are over.")
    rating.score = rating.rated_at = None
    rating.save(update_fields=["score", "rated_at"])
    _write_down(rating, by, now, {"taken_back": True})
    return rating


def _locked(rating_id: UUID, by: Staff) -> PairRating:
    allow(by, Deed.SEE_PHOTOS)
    allow(by, Deed.REVIEW)
    rows = ratings_open_to(by).select_related("view", "review__plan__patient", "review__plan__location")
    return rows.select_for_update(of=("self",)).get(pk=rating_id)


def _write_down(rating: PairRating, by: Staff, now: datetime, details: dict[str, object]) -> None:
    plan = rating.review.plan
    record(
        Happened.PAIR_RATED, about=rating, by=by, now=now, patient_id=plan.patient_id, location=plan.location,
        details=details,
    )  # fmt: skip
