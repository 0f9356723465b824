"""Photos leave the house on a sheet: for a use the patient said yes to, with who took them out and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Photo, Review
from plans.models.photo_answers import photo_answers
from plans.rules.happened import Happened
from plans.rules.photo_use import MOST_ON_A_SHEET, PhotoUse, why_not_used


@transaction.atomic
def hand_out_photos(
    *,
    review_id: UUID,
    use: PhotoUse,
    reviews: Sequence[UUID],
    views: Sequence[str],
    kind: str,
    reason: str,
    by: Staff,
    now: datetime,
) -> Review:
    """Note that photos of `reviews` (the patient's) go out on a sheet, of the views of those keys.

    Refusals: no_photo_consent, reason_needed, too_many, no_photos.
    """
    allow(by, Deed.SEE_PHOTOS)
    review = Review.objects.visible_to(by).select_related("plan__patient", "plan__location").get(pk=review_id)
    patient = review.plan.patient
    # A consent that is being withdrawn is waited for: what is handed out after it was withdrawn would be a wrong.
    Patient.objects.select_for_update(of=("self",)).get(pk=patient.pk)
    why_not = why_not_used(use, photo_answers(patient.pk), patient.name)
    if why_not:
        raise Refusal("no_photo_consent", why_not)
    if not reason.strip():
        raise Refusal("reason_needed", "Write what the sheet is for, or to whom it goes.")
    if len(set(reviews)) > MOST_ON_A_SHEET:
        raise Refusal("too_many", f"Choose {MOST_ON_A_SHEET} reviews at most: more cannot be seen on one sheet.")
    photos = Photo.objects.visible_to(by).current().filter(review__in=reviews, view__key__in=views)
    mine = [str(pk) for pk in photos.filter(review__plan__patient=patient).values_list("pk", flat=True).order_by("pk")]
    if not mine:
        raise Refusal("no_photos", "There is no photo of these views at these reviews: choose others.")
    record(
        Happened.PHOTOS_EXPORTED,
        about=review,
        by=by,
        now=now,
        patient_id=patient.pk,
        location=review.plan.location,
        reason=reason.strip(),
        details={"use": use.value, "views": sorted(set(views)), "kind": kind, "photos": mine},
    )
    return review
