"""Before and after on one sheet: chosen, asked for by the patient's own yes, written down, handed over."""

from __future__ import annotations

from uuid import UUID

from django.core.files.storage import default_storage
from django.http import HttpResponse

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.documents.sheet_paper import SheetWish, sheet_paper
from plans.documents.typeset import typeset, typeset_picture
from plans.forms.sheet import PNG, SheetForm, proposed
from plans.models import Photo, Review
from plans.operations.sheets import hand_out_photos
from plans.queries.sheet import SheetStory, remarks_of, sheet_story

TEMPLATE = "sheet.typ"
FINE_ENOUGH = 200  # dots per inch: a slide is filled, and the file can be sent by mail


@staff_page(Deed.SEE_PHOTOS)
def sheet_page(request: StaffRequest, pk: UUID) -> HttpResponse:
    """GET chooses; POST makes the file, notes it, and hands it over once."""
    now = clock.now()
    story = sheet_story(request.user, pk, now=now)
    form = SheetForm(request.POST if request.method == "POST" else None, story=story, initial=proposed(story))
    if form.is_valid() and _noted(request, pk, form):
        return _file(story, form)
    context = {
        "story": story,
        "review": story.review,
        "plan": story.plan,
        "patient": story.patient,
        "form": form,
        "reviews": [(one, str(one.pk) in form.chosen("reviews")) for one in story.reviews],
        "views": [(key, title, key in form.chosen("views")) for key, title in story.views.items()],
        "kinds": form.fields["kind"].choices,  # type: ignore[attr-defined]
    }
    return staff_render(request, "plans/sheet.html", "Before-and-after sheet", context)


def _noted(request: StaffRequest, pk: UUID, form: SheetForm) -> Review | None:
    return attempt(
        form,
        lambda: hand_out_photos(
            review_id=pk,
            use=form.use_asked,
            reviews=form.reviews_asked,
            views=form.cleaned_data["views"],
            kind=form.cleaned_data["kind"],
            reason=form.cleaned_data["reason"],
            by=request.user,
            now=clock.now(),
        ),
    )


def _file(story: SheetStory, form: SheetForm) -> HttpResponse:
    chosen = [one for one in story.reviews if one.pk in form.reviews_asked]
    wish = SheetWish(form.use_asked, chosen, form.cleaned_data["views"])
    paper = sheet_paper(story, wish, remarks_of(story, chosen, wish.views), _read)
    kind = form.cleaned_data["kind"]
    content = {**paper, "kind": kind}
    now = clock.now()
    if kind == PNG:
        made, media_type = typeset_picture(TEMPLATE, content, now=now, ppi=FINE_ENOUGH), "image/png"
    else:
        made, media_type = typeset(TEMPLATE, content, now=now), "application/pdf"
    answer = HttpResponse(made, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="before-and-after-{story.review.pk.hex[-8:]}.{kind}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _read(photo: Photo) -> bytes | None:
    try:
        with default_storage.open(str(photo.large.name)) as file:
            content: bytes = file.read()
            return content
    except FileNotFoundError:
        return None
