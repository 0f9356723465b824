"""Files on their way to a review, as the page that sends them has to know of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.rules.consent import ConsentTopic
from plans.models import Review, Upload
from plans.rules.states import UploadState

LATELY = timedelta(hours=1)


def uploads_of(by: Staff, review_id: UUID) -> list[Upload]:
    """Everything at this review that is still open, oldest first. DoesNotExist for somebody else's."""
    _allow(by)
    review = Review.objects.visible_to(by).get(pk=review_id)
    return list(review.uploads.open())


def placed_lately(by: Staff, review_id: UUID, *, now: datetime) -> list[Upload]:
    """What became a photo within the hour: a page that only looked away finds what became of its files."""
    rows = Upload.objects.filter(review_id=review_id, state=UploadState.PLACED, touched_at__gt=now - LATELY)
    return list(rows.select_related("photo").order_by("touched_at"))


def upload_seen(by: Staff, upload_id: UUID) -> Upload:
    _allow(by)
    return Upload.objects.visible_to(by).select_related("photo").get(pk=upload_id)


def upload_in_sight(by: Staff, upload_id: UUID) -> tuple[Upload, bool]:
    """The upload, and whether the patient agrees to photos for the record today."""
    upload = Upload.objects.visible_to(by).select_related("review__plan__patient").get(pk=upload_id)
    consents = upload.review.plan.patient.consents.in_force()
    return upload, consents.filter(topic=ConsentTopic.PHOTO_RECORD).exists()


def zone_of(by: Staff, review_id: UUID) -> ZoneInfo:
    """The clock a photo's day is told by."""
    return Review.objects.visible_to(by).select_related("plan__location").get(pk=review_id).plan.location.zone


def _allow(by: Staff) -> None:
    if not by.can(Deed.ADD_PHOTO):
        raise Forbidden(Deed.ADD_PHOTO)


def needs_time(upload: Upload) -> bool:
    """Neither the file nor anybody says yet when it was taken."""
    if upload.state != UploadState.READY or upload.wish.get("captured"):
        return False
    return not (upload.figures.get("taken_at") or upload.wish.get("conditions", {}).get("taken_at"))
