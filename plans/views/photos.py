"""Photos, served one by one to who may see them, and kept nowhere on the way."""

from __future__ import annotations

from uuid import UUID

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse

from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, staff_page
from plans.models import Photo
from plans.queries.review_story import photo_shown

RENDITIONS = ("large", "medium", "thumb")
ORIGINAL = "original"
NOTHING_RUNS = "default-src 'none'; sandbox"


@staff_page(Deed.SEE_PHOTOS)
def photo(request: StaffRequest, pk: UUID, size: str) -> HttpResponse:
    row = photo_shown(request.user, pk)
    if size not in (*RENDITIONS, ORIGINAL):
        raise Http404
    try:
        file = default_storage.open(getattr(row, size).name)
    except FileNotFoundError:
        raise Http404 from None
    with file:
        # Renditions are our own JPEGs; only an original may be of another kind.
        answer = HttpResponse(file.read(), content_type=row.media_type if size == ORIGINAL else "image/jpeg")
    how = "attachment" if size == ORIGINAL else "inline"
    answer["Content-Disposition"] = f'{how}; filename="{_name(row, size)}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = NOTHING_RUNS
    return answer


def _name(row: Photo, size: str) -> str:
    """A name that says nothing of the person: a file leaves the house under it."""
    return f"{row.view.key}-{row.review.key}-{row.pk.hex[-8:]}-{size}.jpg"
