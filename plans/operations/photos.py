"""Photos put on a review, and put right on it: nothing is overwritten, and every change has its line in the audit."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.models.ids import new_id
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from plans.darkroom import Developed, develop
from plans.models import Photo, Review
from plans.operations.photo_files import forget_files, keep_files
from plans.operations.photo_row import PhotoConditions, photographable, picture_of, view_of, write_photo
from plans.rules.happened import Happened
from plans.rules.states import ReviewState

__all__ = ["PhotoConditions", "add_photo", "move_photo", "set_aside_photo"]


def add_photo(
    *,
    review_id: UUID,
    view_id: UUID,
    upload: bytes,
    conditions: PhotoConditions,
    by: Staff,
    now: datetime,
    developed: Developed | None = None,
) -> Photo:
    """Develop a picture and put it on its review; a retake supersedes the one before.

    Refusals: photo_* (see the darkroom), photo_duplicate, taken_when, no_photo_consent, wrong_view, wrong_state,
    disk_full. Developing happens outside any transaction; `developed` takes a picture that went through the darkroom
    already. The same file again at the same view is no new photo: the one that is there is returned.
    """
    allow(by, Deed.ADD_PHOTO)
    view_of(photographable(review_id, by), view_id)
    picture = developed or develop(upload)
    names = keep_files(picture, new_id().hex)
    try:
        photo, is_new = _write(review_id, view_id, picture, names, conditions, by, now)
    except BaseException:
        forget_files(names.values())
        raise
    if not is_new:
        forget_files(names.values())
    return photo


@transaction.atomic
def _write(
    review_id: UUID,
    view_id: UUID,
    developed: Developed,
    names: dict[str, str],
    conditions: PhotoConditions,
    by: Staff,
    now: datetime,
) -> tuple[Photo, bool]:
    review = photographable(review_id, by, lock=True)
    return write_photo(review, view_of(review, view_id), picture_of(developed), names, conditions, by, now)


@transaction.atomic
def set_aside_photo(*, photo_id: UUID, reason: str, by: Staff, now: datetime) -> Photo:
    """It is no evidence here: another person, another part, a mistake. The picture stays, with the reason."""
    allow(by, Deed.ADD_PHOTO)
    review, photo = _still_open(photo_id, by)
    if not reason.strip():
        raise Refusal("reason", "Write why the photo is set aside: it stays in the record with this reason.")
    photo.superseded_at, photo.set_aside_reason = now, reason.strip()
    photo.save(update_fields=["superseded_at", "set_aside_reason"])
    _note(Happened.PHOTO_SET_ASIDE, review, photo, by, now, reason=photo.set_aside_reason)
    return photo


@transaction.atomic
def move_photo(*, photo_id: UUID, view_id: UUID, by: Staff, now: datetime) -> list[Photo]:
    """Put a photo at the view it really shows. One that is there already changes places with it: neither is lost.

    Returns what moved, the photo asked for first.
    """
    allow(by, Deed.ADD_PHOTO)
    review, photo = _still_open(photo_id, by)
    there, here = view_of(review, view_id), photo.view
    if there == here:
        return [photo]
    other = review.photos.current().filter(view=there).first()
    # One current photo per view, at every moment: this one steps out while the other takes its place.
    Photo.objects.filter(pk=photo.pk).update(superseded_at=now)
    if other:
        other.view = here
        other.save(update_fields=["view"])
        _note(Happened.PHOTO_MOVED, review, other, by, now, came_from=there.key)
    photo.view = there
    photo.save(update_fields=["view", "superseded_at"])
    _note(Happened.PHOTO_MOVED, review, photo, by, now, came_from=here.key)
    return [photo, other] if other else [photo]


def _still_open(photo_id: UUID, by: Staff) -> tuple[Review, Photo]:
    """The review, held, and its photo. Putting right what a decision was based on would change what was decided."""
    found = Photo.objects.visible_to(by).only("review_id").get(pk=photo_id)
    rows = Review.objects.select_related("plan__location").select_for_update(of=("self",))
    review = rows.get(pk=found.review_id)
    photo = review.photos.select_related("view").get(pk=photo_id)
    if review.state != ReviewState.PROMISED:
        raise Refusal("wrong_state", "This review has been decided: its photos are evidence and stay as they are.")
    if photo.superseded_at is not None:
        raise Refusal("photo_not_current", "This photo has been retaken or set aside already.")
    return review, photo


def _note(
    happened: Happened, review: Review, photo: Photo, by: Staff, now: datetime, *, reason: str = "", came_from: str = ""
) -> None:
    record(
        happened,
        about=photo,
        by=by,
        now=now,
        patient_id=review.plan.patient_id,
        location=review.plan.location,
        reason=reason,
        details={"view": photo.view.key, **({"from": came_from} if came_from else {})},
    )
