"""One photo for serving, to who may see it, as long as the patient agrees that there are any."""

from __future__ import annotations

from uuid import UUID

from clinic.models import Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.rules.consent import ConsentTopic
from plans.models import Photo


def photo_shown(by: Staff, photo_id: UUID) -> tuple[Photo, bool]:
    """The photo, and whether the patient agrees to photos for the record today. Forbidden by role; DoesNotExist for
    somebody else's."""
    if not by.can(Deed.SEE_PHOTOS):
        raise Forbidden(Deed.SEE_PHOTOS)
    photo = Photo.objects.visible_to(by).select_related("view", "review__plan__patient").get(pk=photo_id)
    consents = photo.review.plan.patient.consents.in_force()
    return photo, consents.filter(topic=ConsentTopic.PHOTO_RECORD).exists()
