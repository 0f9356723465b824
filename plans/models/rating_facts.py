"""Which pairs of photos somebody may rate blindly: what both the page and the operation have to agree on.

Not whoever took one of the two photos, decided the review, leads the plan or treated the patient in it: they know how
it went, and would know the picture. The patient's consent to photos for the record has to be in force.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from clinic.models import Staff
from patients.models import Consent
from patients.rules.consent import ConsentTopic
from plans.models.measurement import PairRating
from plans.models.photo import Photo
from plans.models.plan import Session
from plans.models.treatment import Treatment


@dataclass(frozen=True, slots=True)
class Waiting:
    """A review's photo, the baseline's of the same view, and the view's title."""

    later: UUID
    earlier: UUID
    view: str


def pairs_to_rate(by: Staff, most: int) -> list[Waiting]:
    """Return the newest pairs `by` may rate and was never shown, no more than `most`. One query."""
    earlier = Photo.objects.current().filter(
        review__plan=OuterRef("review__plan"), review__months=0, view__key=OuterRef("view__key")
    )
    shown = PairRating.objects.filter(after=OuterRef("pk"), before=OuterRef("earlier_id"), rater=by)
    plan = OuterRef("review__plan")
    rows = (
        Photo.objects.visible_to(by)
        .current()
        .filter(review__months__gt=0)
        .exclude(Q(added_by=by) | Q(review__decided_by=by) | Q(review__plan__clinician=by))
        .exclude(Exists(Session.objects.filter(plan=plan, done_by=by)))
        .exclude(Exists(Treatment.objects.filter(session__plan=plan, operator=by)))
        .filter(Exists(_agreed("review__plan__patient")))
        .annotate(earlier_id=Subquery(earlier.exclude(added_by=by).values("pk")[:1]))
        .filter(earlier_id__isnull=False)
        .exclude(Exists(shown))
        .order_by("-pk")
        .values_list("pk", "earlier_id", "view__title")
    )
    return [Waiting(later, earlier, view) for later, earlier, view in rows[:most] if earlier]


def ratings_open_to(by: Staff) -> QuerySet[PairRating]:
    """Return what `by` was shown and may still look at: nobody else's, and nothing whose consent was withdrawn."""
    mine = PairRating.objects.filter(rater=by).filter(Exists(_agreed("review__plan__patient")))
    return mine if by.is_superuser else mine.filter(review__plan__patient__home_location__staff=by)


def _agreed(patient: str) -> QuerySet[Consent]:
    return Consent.objects.in_force().filter(patient=OuterRef(patient), topic=ConsentTopic.PHOTO_RECORD)
