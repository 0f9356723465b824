"""Photos: added by a plain form, put right, and served one by one to who may see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import File
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from clinic import clock
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page
from plans.darkroom import Developed, develop_many
from plans.darkroom.tank.limits import MAX_BYTES
from plans.forms.conditions import ConditionsForm
from plans.forms.review import TakenForm
from plans.forms.uploads import said_in
from plans.models import Photo, View
from plans.operations.photo_row import PhotoConditions, on_day
from plans.operations.photos import add_photo, move_photo, set_aside_photo
from plans.queries.photo_shown import photo_shown
from plans.queries.review_story import ReviewStory, review_story
from plans.views.photo_stream import NO_CONSENT, stream
from plans.views.reviews import show_review
from plans.views.uploads import in_json, photo_json

RENDITIONS = ("large", "medium", "thumb")
ORIGINAL = "original"


@require_safe
@staff_page(Deed.SEE_PHOTOS)
def photo(request: StaffRequest, pk: UUID, size: str) -> HttpResponse:
    row, agrees = photo_shown(request.user, pk)
    if not agrees:
        raise PermissionDenied(NO_CONSENT)
    if size not in (*RENDITIONS, ORIGINAL):
        raise Http404
    is_original = size == ORIGINAL
    # Renditions are our own JPEGs; only an original may be of another kind.
    return stream(
        request,
        getattr(row, size).name,
        media_type=row.media_type if is_original else "image/jpeg",
        filename=_name(row, size),
        as_attachment=is_original,
    )


def _name(row: Photo, size: str) -> str:
    """A name that says nothing of the person: a file leaves the house under it."""
    return f"{row.view.key}-{row.review.key}-{row.pk.hex[-8:]}-{size}.jpg"


@require_POST
@staff_page(Deed.ADD_PHOTO)
@in_json
def photo_move(request: StaffRequest, pk: UUID) -> HttpResponse:
    """To the view it really shows; what is there changes places with it."""
    try:
        view_id = UUID(str(said_in(request).get("view", "")))
    except ValueError:
        raise Refusal("wrong_view", "Say which view this photo shows.") from None
    moved = move_photo(photo_id=pk, view_id=view_id, by=request.user, now=clock.now())
    return JsonResponse({"photo": photo_json(moved[0]), "photos": [photo_json(one) for one in moved]})


@require_POST
@staff_page(Deed.ADD_PHOTO)
@in_json
def photo_set_aside(request: StaffRequest, pk: UUID) -> HttpResponse:
    reason = str(said_in(request).get("reason", ""))[:240]
    row = set_aside_photo(photo_id=pk, reason=reason, by=request.user, now=clock.now())
    return JsonResponse({"photo": photo_json(row)})


@require_POST
@staff_page(Deed.ADD_PHOTO)
def photo_add(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take what can be taken: a photo that is refused says why at its view, the others are kept."""
    now = clock.now()
    story = review_story(request.user, pk, now=now)
    form = ConditionsForm(request.POST, story=story)
    sent = list(_sent(request, story))
    if not sent:
        form.add_error(None, "Choose at least one photo.")
    taken = TakenForm(request.POST)
    otherwise = _taken_on(taken, form, story, now)
    faults: dict[UUID, str] = {}
    is_complete = form.is_valid() and taken.is_valid()
    if is_complete:
        added, faults = _develop_and_add(request, pk, form.conditions(), otherwise, sent)
        if added:
            messages.success(request, "One photo is added." if added == 1 else f"{added} photos are added.")
    if is_complete and not faults:
        return redirect(f"{reverse('plans:review', args=[pk])}#photos")
    fresh = review_story(request.user, pk, now=now)
    return show_review(request, fresh, conditions=form, faults=faults)


def _taken_on(taken: TakenForm, form: ConditionsForm, story: ReviewStory, now: datetime) -> datetime | None:
    """When those were taken whose file does not say; None when nobody says."""
    day = taken.cleaned_data["taken_on"] if taken.is_valid() else None
    try:
        return on_day(day, story.zone, now) if day else None
    except Refusal as no:
        form.add_error(None, no.sentence)
        return None


def _sent(request: StaffRequest, story: ReviewStory) -> Iterator[tuple[View, File[bytes]]]:
    """Files chosen at a view, then those sent together: in order to the views that are still without one."""
    named = {pair.view: request.FILES.get(f"view-{pair.key}") for pair in story.pairs}
    together = iter(request.FILES.getlist("together"))
    empty = iter([view for view in story.missing if not named[view]])
    yield from ((view, file) for view, file in named.items() if file)
    yield from zip(empty, together, strict=False)


def _develop_and_add(
    request: StaffRequest,
    pk: UUID,
    conditions: PhotoConditions,
    otherwise: datetime | None,
    sent: list[tuple[View, File[bytes]]],
) -> tuple[int, dict[UUID, str]]:
    taken, faults = 0, {}
    uploads = (_read(file) for _, file in sent)
    for (view, _), developed in zip(sent, develop_many(uploads), strict=True):
        try:
            if isinstance(developed, Refusal):
                raise developed
            add_photo(
                review_id=pk,
                view_id=view.pk,
                upload=b"",
                developed=developed,
                conditions=_timed(conditions, developed, otherwise),
                by=request.user,
                now=clock.now(),
            )
            taken += 1
        except Refusal as refusal:
            faults[view.pk] = refusal.sentence
    return taken, faults


def _timed(conditions: PhotoConditions, developed: Developed, otherwise: datetime | None) -> PhotoConditions:
    """The file's own clock goes first; what was said is for those without one."""
    return conditions if developed.taken_at else replace(conditions, taken_at=otherwise)


def _read(file: File[bytes]) -> bytes:
    """No more than one byte too much of what is too big: enough for the darkroom to refuse it."""
    return bytes(file.read(MAX_BYTES + 1))
