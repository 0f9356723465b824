"""How a follow-up lies on its baseline: measured once per pair and kept beside the photos, which never change."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.rules.consent import ConsentTopic
from plans.darkroom.aligner import METHOD, NOT_INSTALLED, Laid, align
from plans.models import Alignment, Photo


def align_pair(*, before_id: UUID, after_id: UUID, by: Staff, now: datetime) -> Alignment:
    """Return how `after` lies on `before`, measured now if nobody asked before.

    Refusals: wrong_pair, no_photo_consent, photo_missing. A picture that cannot be laid on the other is an answer
    too, not a Refusal: its row says why. What this program could not measure for want of the extra is not kept.
    No audit line: the row says nothing the two photos do not say, and anybody who sees them may have it made again.
    """
    allow(by, Deed.SEE_PHOTOS)
    before, after = _pair(before_id, after_id, by)
    known = Alignment.objects.filter(before=before, after=after, method=METHOD).first()
    if known:
        return known
    # Outside any transaction: a tenth of a second of arithmetic holds no lock.
    laid = align(_picture(before), _picture(after))
    if laid.reason == NOT_INSTALLED:
        return Alignment(before=before, after=after, made_at=now, **_figures(laid))
    return _write(before, after, laid, now)


def _pair(before_id: UUID, after_id: UUID, by: Staff) -> tuple[Photo, Photo]:
    rows = Photo.objects.visible_to(by).select_related("view", "review__plan__patient")
    before, after = rows.get(pk=before_id), rows.get(pk=after_id)
    patient = after.review.plan.patient
    same = before.review.plan.patient_id == patient.pk and before.view.key == after.view.key
    if not same or before.pk == after.pk:
        raise Refusal("wrong_pair", "Only two photos of one patient's same view can be laid on each other.")
    if not patient.consents.in_force().filter(topic=ConsentTopic.PHOTO_RECORD).exists():
        raise Refusal("no_photo_consent", "The patient does not agree to photos for the record: nothing is measured.")
    return before, after


def _picture(photo: Photo) -> bytes:
    try:
        with photo.large.open() as file:
            return bytes(file.read())
    except FileNotFoundError:
        raise Refusal(
            "photo_missing", "The file of one of the photos is missing: tell whoever runs the server."
        ) from None


@transaction.atomic
def _write(before: Photo, after: Photo, laid: Laid, now: datetime) -> Alignment:
    row, _ = Alignment.objects.update_or_create(before=before, after=after, defaults={**_figures(laid), "made_at": now})
    return row


def _figures(laid: Laid) -> dict[str, object]:
    return {
        "state": laid.state,
        "method": METHOD,
        "matrix": list(laid.matrix),
        "residual_px": laid.residual_px,
        "points": laid.points,
        "scale": laid.scale,
        "turn_degrees": laid.turn_degrees,
        "shift_percent": laid.shift_percent,
        "reason": laid.reason,
    }
