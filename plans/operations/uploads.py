"""Files on their way to a review: begun, received part by part, placed at a view, or discarded.

Whoever is cut off begins again with the same fingerprint and goes on where the program is. Locks are taken in one
order: the review, then the upload.
"""

from __future__ import annotations

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from plans.models import Upload
from plans.operations.photo_files import forget_files, names_for
from plans.operations.photo_row import PhotoConditions, Picture, photographable, view_of, write_photo
from plans.operations.uploads_limits import ON_ITS_WAY, allow_upload
from plans.operations.uploads_tray import append, remove, size_in_tray
from plans.operations.uploads_wish import Wish, conditions_of
from plans.rules.states import UploadState

LARGEST_PART = 4 * 1024 * 1024
# The sender's own word for the file; a digest, so never its name.
_FINGERPRINT = re.compile(r"[0-9A-Za-z_-]{8,64}")


@transaction.atomic
def begin_upload(*, review_id: UUID, size: int, fingerprint: str, wish: Wish, by: Staff, now: datetime) -> Upload:
    """Announce a file. The same one of the same person, still on its way, is gone on with.

    Refusals: wrong_state, no_photo_consent, wrong_view, fingerprint, photo_empty, photo_too_big, too_many, quota,
    disk_full.
    """
    allow(by, Deed.ADD_PHOTO)
    review = photographable(review_id, by, lock=True)
    if wish.view_id:
        view_of(review, wish.view_id)
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise Refusal("fingerprint", "The page sent no mark to know this file by: load the page anew.")
    rows = review.uploads.filter(created_by=by, fingerprint=fingerprint, size=size, state__in=ON_ITS_WAY)
    if old := rows.select_for_update().last():
        old.wish, old.touched_at, old.code, old.sentence = wish.to_json(), now, "", ""
        old.save(update_fields=["wish", "touched_at", "code", "sentence"])
        return old
    allow_upload(review, size, by, now)
    return Upload.objects.create(
        review=review, size=size, fingerprint=fingerprint, wish=wish.to_json(), created_at=now, created_by=by,
        touched_at=now,
    )  # fmt: skip


def receive_part(*, upload_id: UUID, offset: int, part: bytes, by: Staff, now: datetime) -> Upload:
    """Take the next part; with the last byte the upload is RECEIVED. Refusals: offset (ask how far we are, and go on
    there), part_too_big, too_much, disk_full."""
    allow(by, Deed.ADD_PHOTO)
    if not 0 < len(part) <= LARGEST_PART:
        raise Refusal("part_too_big", "A photo comes in parts of at most 4 MB: load the page anew.")
    upload, is_taken = _take(upload_id, offset, part, by, now)
    if not is_taken:
        raise Refusal("offset", "This part does not follow on what is here already.")
    return upload


@transaction.atomic
def _take(upload_id: UUID, offset: int, part: bytes, by: Staff, now: datetime) -> tuple[Upload, bool]:
    upload = Upload.objects.visible_to(by).select_for_update(of=("self",)).get(pk=upload_id)
    if upload.state != UploadState.RECEIVING:
        return upload, False
    here = min(upload.received, size_in_tray(upload.pk))  # a power cut may have taken what the row counts already
    is_next = offset == here
    if is_next:
        if here + len(part) > upload.size:
            raise Refusal("too_much", "More came than was announced: begin this file again.")
        append(upload.pk, part, at=here)
        here += len(part)
        upload.touched_at = now
        if here == upload.size:
            upload.state = UploadState.RECEIVED
    upload.received = here
    upload.save(update_fields=["received", "state", "touched_at"])
    return upload, is_next


def place_upload(
    *, upload_id: UUID, view_id: UUID, by: Staff, now: datetime, conditions: PhotoConditions | None = None
) -> Upload:
    """Make a developed upload the photo of a view; `conditions` instead of what was said when it was begun.

    Refusals: not_ready, wrong_view, wrong_state, no_photo_consent, photo_duplicate, taken_when.
    """
    allow(by, Deed.ADD_PHOTO)
    upload, unused = _place(upload_id, view_id, conditions, by, now)
    forget_files(unused)
    return upload


@transaction.atomic
def _place(
    upload_id: UUID, view_id: UUID, said: PhotoConditions | None, by: Staff, now: datetime
) -> tuple[Upload, list[str]]:
    found = Upload.objects.visible_to(by).only("review_id").get(pk=upload_id)
    review = photographable(found.review_id, by, lock=True)
    view = view_of(review, view_id)
    upload = Upload.objects.select_related("photo").select_for_update(of=("self",)).get(pk=upload_id)
    if upload.photo and upload.photo.view_id == view.pk:
        return upload, []  # sent twice
    if upload.state != UploadState.READY:
        raise Refusal("not_ready", "This file is not a photo that waits for its view.")
    picture = Picture.from_json(upload.figures)
    photo, is_new = write_photo(review, view, picture, upload.files, conditions_of(upload, said), by, now)
    unused = [] if is_new else list(upload.files.values())
    # The same file again: it is that photo, and the upload that brought it first has nothing more to say.
    Upload.objects.filter(photo=photo).update(photo=None, state=UploadState.DISCARDED)
    upload.photo, upload.state, upload.touched_at = photo, UploadState.PLACED, now
    upload.files, upload.figures, upload.code, upload.sentence = {}, {}, "", ""
    upload.save()
    return upload, unused


def discard_upload(*, upload_id: UUID, by: Staff, now: datetime) -> Upload:
    """Nobody wants it: what came of it is removed. Refusal: placed."""
    allow(by, Deed.ADD_PHOTO)
    upload = _discard(upload_id, by, now)
    clear_away(upload)
    return upload


@transaction.atomic
def _discard(upload_id: UUID, by: Staff, now: datetime) -> Upload:
    upload = Upload.objects.visible_to(by).select_for_update(of=("self",)).get(pk=upload_id)
    if upload.state == UploadState.PLACED:
        raise Refusal("placed", "This photo is placed already: set it aside on the review instead.")
    upload.state, upload.touched_at = UploadState.DISCARDED, now
    upload.files, upload.figures = {}, {}
    upload.save(update_fields=["state", "touched_at", "files", "figures"])
    return upload


def clear_away(upload: Upload) -> None:
    """After its row said so: the file as it was sent, and what was developed from it."""
    remove(upload.pk)
    forget_files(names_for(upload.pk.hex).values())
