"""How much may come in: per patient, per person at once, per person and hour, and what the disk has left."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.db.models import Case, Count, F, Q, Sum, When

from clinic.models import Staff
from clinic.rules.refusal import Refusal
from plans.darkroom.sentences import refusal
from plans.darkroom.tank.limits import MAX_BYTES
from plans.models import Photo, Review, Upload
from plans.operations.photo_files import DISK_FULL
from plans.rules.states import UploadState

ON_ITS_WAY = (UploadState.RECEIVING, UploadState.RECEIVED, UploadState.READY)
_HOUR = timedelta(hours=1)
_MB = 1_000_000


def allow_upload(review: Review, size: int, by: Staff, now: datetime) -> None:
    """Refusals: photo_empty, photo_too_big, too_many, quota, disk_full. Asked before the first byte is taken."""
    if size <= 0:
        raise refusal("photo_empty")
    if size > MAX_BYTES:
        raise refusal("photo_too_big")
    _person(size, by, now)
    _patient(review, size)
    _disk(size)


def _person(size: int, by: Staff, now: datetime) -> None:
    lately = Q(created_at__gt=now - _HOUR)
    # What was announced counts until it is given up; then only what came.
    came = Case(When(state=UploadState.DISCARDED, then=F("received")), default=F("size"))
    mine = Upload.objects.filter(created_by=by).filter(lately | Q(state__in=ON_ITS_WAY))
    found = mine.aggregate(open=Count("pk", filter=Q(state__in=ON_ITS_WAY)), bytes=Sum(came, filter=lately))
    if found["open"] >= settings.PHOTO_MOST_OPEN:
        raise Refusal(
            "too_many",
            f"{found['open']} photos of yours still wait for their view: match or discard them first.",
        )
    if (found["bytes"] or 0) + size > settings.PHOTO_BYTES_PER_HOUR:
        most = settings.PHOTO_BYTES_PER_HOUR // _MB
        raise Refusal("too_many", f"You sent {most} MB within an hour, the most there may be: go on in an hour.")


def _patient(review: Review, size: int) -> None:
    patient = review.plan.patient_id
    kept = Photo.objects.filter(review__plan__patient=patient).aggregate(all=Sum("bytes"))["all"] or 0
    coming = Upload.objects.filter(review__plan__patient=patient, state__in=ON_ITS_WAY)
    if kept + (coming.aggregate(all=Sum("size"))["all"] or 0) + size > settings.PHOTO_BYTES_PER_PATIENT:
        most = settings.PHOTO_BYTES_PER_PATIENT // _MB
        raise Refusal("quota", f"The photos of this patient fill the {most} MB there are for one: ask your manager.")


def _disk(size: int) -> None:
    places = [Path(settings.VAR_DIR)]
    if isinstance(default_storage, FileSystemStorage):
        places.append(Path(default_storage.location))
    # A file lies there twice for a moment: as it was sent, and developed.
    if any(_free(place) < settings.PHOTO_DISK_FLOOR + 2 * size for place in places):
        raise Refusal("disk_full", DISK_FULL)


def _free(place: Path) -> int:
    """Of a folder that is not there yet, what the one above it has."""
    there = next(one for one in (place, *place.parents) if one.exists())
    return shutil.disk_usage(there).free
