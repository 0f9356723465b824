"""From what was sent to what may be kept: one upload developed, settled where it wished to go, and old ones cleared.

Developing happens outside any transaction, by whoever holds the file's lock in the tray. The names of the developed
files follow from the upload's id: a try that was killed is found and written over by the next.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from clinic.rules.refusal import Forbidden, Refusal
from plans.darkroom import Developed, advise
from plans.darkroom.sentences import refusal
from plans.models import Upload
from plans.models.photo_rules import thresholds_of
from plans.operations.photo_files import forget_files, keep_files
from plans.operations.photo_row import Picture, ask_photographable, camera_says, picture_of, twin_of
from plans.operations.uploads import clear_away, place_upload
from plans.operations.uploads_tray import Busy, held, remove
from plans.operations.uploads_wish import wish_of
from plans.rules.states import UploadState

logger = logging.getLogger(__name__)
Develop = Callable[[bytes], Developed]

MOST_TRIES = 5
FORGOTTEN = timedelta(seconds=90)
KEPT = timedelta(days=7)
_LOST = Refusal("photo_lost", "The file was lost on the way: send it again.")


def develop_upload(*, upload_id: UUID, now: datetime, develop: Develop) -> Upload:
    """Develop what was received, and place it where it wished to go. Somebody else is at it, or it is done: as it is.

    A file that is no photo ends REFUSED with its sentence. Refusal: disk_full, and then it still waits in the tray.
    """
    try:
        with held(upload_id) as raw:
            _develop(upload_id, raw, develop, now)
    except Busy:
        return Upload.objects.get(pk=upload_id)
    except FileNotFoundError:
        _end(upload_id, _LOST, now)
    return settle_upload(upload_id=upload_id, now=now)


def _develop(upload_id: UUID, raw: bytes, develop: Develop, now: datetime) -> None:
    upload = _try_once_more(upload_id)
    if upload is None:
        return
    try:
        names = _into_media(upload, raw, develop, now)
    except Refusal as no:
        if no.code == "disk_full":
            _not_its_fault(upload_id)
            raise
        _end(upload_id, no, now)
    except Exception:
        _not_its_fault(upload_id)
        raise
    else:
        if names:
            forget_files(names)
        remove(upload_id)


def _into_media(upload: Upload, raw: bytes, develop: Develop, now: datetime) -> list[str]:
    """Returns the files nobody wants any more, because it was discarded meanwhile."""
    if upload.figures["tries"] > MOST_TRIES:
        raise refusal("photo_broken")
    ask_photographable(upload.review)
    developed = develop(raw)
    names = keep_files(developed, upload.pk.hex)
    try:
        is_kept = _keep(upload, picture_of(developed), names, now)
    except BaseException:
        forget_files(names.values())
        raise
    return [] if is_kept else list(names.values())


@transaction.atomic
def _try_once_more(upload_id: UUID) -> Upload | None:
    """None when nothing is to be done. Tries are counted before they are made: some may end with the process."""
    rows = Upload.objects.select_related("review__plan__patient", "review__plan__location")
    upload = rows.select_for_update(of=("self",)).get(pk=upload_id)
    if upload.state != UploadState.RECEIVED:
        return None
    upload.figures = {"tries": upload.figures.get("tries", 0) + 1}
    upload.save(update_fields=["figures"])
    return upload


def _not_its_fault(upload_id: UUID) -> None:
    Upload.objects.filter(pk=upload_id, state=UploadState.RECEIVED).update(figures={})


@transaction.atomic
def _keep(upload: Upload, picture: Picture, names: dict[str, str], now: datetime) -> bool:
    """False when it was discarded meanwhile."""
    row = Upload.objects.select_for_update().get(pk=upload.pk)
    if row.state != UploadState.RECEIVED:
        return False
    location = upload.review.plan.location
    if not camera_says(picture.taken_at, location.zone, now):
        picture = replace(picture, taken_at=None)
    tilt = wish_of(row).conditions.tilt
    advice = advise(picture.quality, thresholds_of(location), tilt=tilt)
    row.state, row.files, row.figures = UploadState.READY, names, {**picture.to_json(), "advice": list(advice)}
    row.source_sha256, row.touched_at, row.code, row.sentence = picture.source_sha256, now, "", ""
    row.save()
    return True


@transaction.atomic
def _end(upload_id: UUID, no: Refusal, now: datetime) -> None:
    upload = Upload.objects.select_for_update().get(pk=upload_id)
    if upload.state == UploadState.RECEIVED:
        upload.state, upload.touched_at, upload.files, upload.figures = UploadState.REFUSED, now, {}, {}
        upload.code, upload.sentence = no.code, no.sentence
        upload.save()
        remove(upload_id)


def settle_upload(*, upload_id: UUID, now: datetime) -> Upload:
    """Place a developed upload at the view it was sent for; what is in its way is written on it, for a person."""
    upload = Upload.objects.select_related("created_by", "review__plan").get(pk=upload_id)
    if upload.state != UploadState.READY:
        return upload
    wish = wish_of(upload)
    try:
        if wish.view_id:
            return place_upload(upload_id=upload_id, view_id=wish.view_id, by=upload.created_by, now=now)
        twin_of(upload.source_sha256, upload.review, None)
    except Refusal as no:
        rows = Upload.objects.filter(pk=upload_id, state=UploadState.READY)
        rows.update(code=no.code, sentence=no.sentence)
        upload.refresh_from_db()
    except Forbidden:
        logger.info("upload %s waits: its sender may not add photos any more", upload_id)
    return upload


def forgotten_uploads(now: datetime) -> list[UUID]:
    """The reviews at which something waits to be developed that nobody seems to be at."""
    rows = Upload.objects.filter(state=UploadState.RECEIVED, touched_at__lt=now - FORGOTTEN)
    return list(rows.order_by("review_id").values_list("review_id", flat=True).distinct())


def next_to_develop(review_id: UUID, but: set[UUID]) -> UUID | None:
    rows = Upload.objects.filter(review_id=review_id, state=UploadState.RECEIVED).exclude(pk__in=but)
    return rows.order_by("touched_at", "pk").values_list("pk", flat=True).first()


def discard_stale(*, now: datetime, limit: int = 200) -> int:
    """What nobody touched for a week is discarded with its files, and what is settled as long is forgotten."""
    before = now - KEPT
    rows = Upload.objects.open().filter(touched_at__lt=before)
    stale = list(rows.values_list("pk", flat=True)[:limit])
    for upload_id in stale:
        if upload := _give_up(upload_id, before):
            clear_away(upload)
    closed = (UploadState.PLACED, UploadState.DISCARDED)
    Upload.objects.filter(state__in=closed, touched_at__lt=before).delete()
    return len(stale)


@transaction.atomic
def _give_up(upload_id: UUID, before: datetime) -> Upload | None:
    """Discard it, unless somebody came back to it at this moment."""
    rows = Upload.objects.open().filter(touched_at__lt=before)
    upload = rows.select_for_update().filter(pk=upload_id).first()
    if upload is None:
        return None
    upload.state, upload.files, upload.figures = UploadState.DISCARDED, {}, {}
    upload.save(update_fields=["state", "files", "figures"])
    return upload
