"""Files on their way to a review, for the page that sends them: JSON, part by part, and shown before they are placed.

A no is {code, sentence} with a status of its own; what a photo is refused for by the darkroom stands in its own state.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from threading import BoundedSemaphore
from typing import Any, Concatenate, ParamSpec, TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic import clock
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page
from plans.darkroom import develop, warm
from plans.forms.uploads import BeginForm, PlaceForm, said_in
from plans.models import Photo, Upload
from plans.operations.photo_files import DISK_FULL, is_full
from plans.operations.uploads import LARGEST_PART, begin_upload, discard_upload, place_upload, receive_part
from plans.operations.uploads_develop import FORGOTTEN, develop_upload, settle_upload
from plans.operations.uploads_tray import is_held
from plans.operations.uploads_wish import wish_of
from plans.photo_tasks import tell_darkroom
from plans.queries.uploads import needs_time, placed_lately, upload_in_sight, upload_seen, uploads_of, zone_of
from plans.rules.states import UploadState
from plans.views.photo_stream import NO_CONSENT, stream

P = ParamSpec("P")
logger = logging.getLogger(__name__)
F = TypeVar("F", bound=PlaceForm)
View = Callable[Concatenate[StaffRequest, P], HttpResponse]

STATUS = {
    "quota": 413, "photo_too_big": 413, "part_too_big": 413, "too_many": 429, "disk_full": 507, "offset": 409,
    "wrong_state": 409, "not_ready": 409, "placed": 409, "photo_duplicate": 409, "photo_not_current": 409,
    "no_photo_consent": 403, "in_the_way": 503,
}  # fmt: skip
TRAY_SIZES = ("thumb", "medium")
# The darkroom is a process as large as a photo: two at once leave room for the pages.
_ROOMS = BoundedSemaphore(2)


def in_json(view: View[P]) -> View[P]:
    """Answer a Refusal, and a disk without room, in the page's own language."""

    @wraps(view)
    def answered(request: StaffRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refusal as no:
            return said_no(no)
        except (OperationalError, OSError) as error:
            if not is_full(error):
                raise
            return said_no(Refusal("disk_full", DISK_FULL))

    return answered


def said_no(no: Refusal, **more: object) -> JsonResponse:
    return JsonResponse({**more, "code": no.code, "sentence": no.sentence}, status=STATUS.get(no.code, 422))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Deed.ADD_PHOTO)
@in_json
def uploads(request: StaffRequest, pk: UUID) -> HttpResponse:
    if request.method == "POST":
        return _begin(request, pk)
    rows = uploads_of(request.user, pk)
    if (waiting := next((one for one in rows if _nobody_is_at(one)), None)) and _looked_after(waiting):
        rows = uploads_of(request.user, pk)
    done = placed_lately(request.user, pk, now=clock.now())
    return JsonResponse({"uploads": [as_json(one) for one in rows], "placed": [as_json(one) for one in done]})


def _begin(request: StaffRequest, pk: UUID) -> JsonResponse:
    zone, now = zone_of(request.user, pk), clock.now()
    form = _read(BeginForm(said_in(request)))
    wish = form.wish(zone=zone, now=now)
    said = form.cleaned_data
    row = begin_upload(
        review_id=pk, size=said["size"], fingerprint=said["fingerprint"], wish=wish, by=request.user, now=now
    )
    if not wish_of(row).many:
        warm()  # while the file travels, the process that will open it starts
    if row.state == UploadState.READY:
        row = settle_upload(upload_id=row.pk, now=now)
    return JsonResponse(as_json(row), status=201)


@require_http_methods(["GET", "HEAD", "PATCH"])
@staff_page(Deed.ADD_PHOTO)
@in_json
def upload(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = upload_seen(request.user, pk)
    if request.method == "PATCH":
        return _receive(request, row)
    if _nobody_is_at(row) and _looked_after(row):
        row = upload_seen(request.user, pk)
    return JsonResponse(as_json(row))


def _receive(request: StaffRequest, row: Upload) -> JsonResponse:
    offset, length = (request.headers.get(name, "") for name in ("Upload-Offset", "Content-Length"))
    if not (offset.isascii() and offset.isdigit() and len(offset) < 12 and length.isdigit()):
        raise Refusal("unreadable", "The page did not say which part this is: load it anew.")
    if int(length) > LARGEST_PART:
        raise Refusal("part_too_big", "A photo comes in parts of at most 4 MB: load the page anew.")
    # The network may take its time; no row is held meanwhile.
    part = request.read(int(length))
    try:
        row = receive_part(upload_id=row.pk, offset=int(offset), part=part, by=request.user, now=clock.now())
    except Refusal as no:
        if no.code != "offset":
            raise
        return said_no(no, **as_json(upload_seen(request.user, row.pk)))
    if row.state == UploadState.RECEIVED and not (wish_of(row).many and tell_darkroom(row.review_id)):
        row = developed_at_once(row.pk)
    return JsonResponse(as_json(row))


@require_POST
@staff_page(Deed.ADD_PHOTO)
@in_json
def upload_place(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = upload_seen(request.user, pk)
    form = _read(PlaceForm(said_in(request)))
    wish, now = wish_of(row), clock.now()
    view_id = form.cleaned_data["view"] or wish.view_id
    if view_id is None:
        raise Refusal("wrong_view", "Say which view this photo shows.")
    said = form.conditions(wish.conditions, zone=zone_of(request.user, row.review_id), now=now)
    row = place_upload(upload_id=pk, view_id=view_id, conditions=said, by=request.user, now=now)
    return JsonResponse(as_json(row))


@require_POST
@staff_page(Deed.ADD_PHOTO)
@in_json
def upload_discard(request: StaffRequest, pk: UUID) -> HttpResponse:
    return JsonResponse(as_json(discard_upload(upload_id=pk, by=request.user, now=clock.now())))


@require_safe
@staff_page(Deed.SEE_PHOTOS)
def upload_shown(request: StaffRequest, pk: UUID, size: str) -> HttpResponse:
    """What waits in the tray, small: only what was developed, never what was sent."""
    row, agrees = upload_in_sight(request.user, pk)
    if not agrees:
        raise PermissionDenied(NO_CONSENT)
    if size not in TRAY_SIZES or row.state != UploadState.READY:
        raise Http404
    return stream(request, row.files[size], media_type="image/jpeg", filename=f"upload-{row.pk.hex[-8:]}-{size}.jpg")


def developed_at_once(upload_id: UUID) -> Upload:
    """In this request, when there is no worker to do it or only one photo to do."""
    with _ROOMS:
        return develop_upload(upload_id=upload_id, now=clock.now(), develop=develop)


def _nobody_is_at(row: Upload) -> bool:
    """Received, and whoever was to develop it is gone: one photo at once, one of a batch when its worker had time."""
    if row.state != UploadState.RECEIVED or is_held(row.pk):
        return False
    return not wish_of(row).many or row.touched_at < clock.now() - FORGOTTEN


def _looked_after(row: Upload) -> bool:
    """Whoever only looks is shown how things stand, whatever keeps the photo from being developed."""
    try:
        developed_at_once(row.pk)
    except Refusal as no:
        logger.warning("upload %s waits: %s", row.pk, no.code)
        return False
    except Exception:
        logger.exception("upload %s cannot be developed", row.pk)
        return False
    return True


def _read(form: F) -> F:
    if not form.is_valid():
        name, faults = next(iter(form.errors.items()))
        raise Refusal("unreadable", f"{name.replace('_', ' ').capitalize()}: {faults[0]}")
    return form


def as_json(row: Upload) -> dict[str, Any]:
    is_ready = row.state == UploadState.READY
    photo = row.photo
    return {
        "id": str(row.pk),
        "state": row.state,
        "size": row.size,
        "received": row.received,
        "fingerprint": row.fingerprint,
        "view": str(photo.view_id) if photo else row.wish.get("view"),
        "code": row.code,
        "sentence": row.sentence,
        "advice": photo.advice if photo else row.figures.get("advice", []),
        "thumb": _address(row, photo, "thumb") if is_ready or photo else "",
        "medium": _address(row, photo, "medium") if is_ready or photo else "",
        "taken_at": row.figures.get("taken_at"),
        "needs_time": needs_time(row),
        "duplicate": row.sentence if row.code == "photo_duplicate" else "",
        "photo": photo_json(photo) if photo else None,
    }


def photo_json(photo: Photo) -> dict[str, Any]:
    return {
        "id": str(photo.pk),
        "view": str(photo.view_id),
        "thumb": reverse("plans:photo", args=[photo.pk, "thumb"]),
        "medium": reverse("plans:photo", args=[photo.pk, "medium"]),
        "advice": photo.advice,
        "taken_at": photo.taken_at.isoformat(),
        "taken_by": photo.taken_by,
        "is_current": photo.superseded_at is None,
    }


def _address(row: Upload, photo: Photo | None, size: str) -> str:
    if photo:
        return reverse("plans:photo", args=[photo.pk, size])
    return reverse("plans:upload-shown", args=[row.pk, size])
