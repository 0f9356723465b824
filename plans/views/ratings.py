"""Blinded ratings: two photos of one view, and nothing on the page, in an address or in a header that says whose they
are, when they were taken, or which came first."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from clinic import clock
from clinic.rules.roles import Deed
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.rating import RatingForm
from plans.models import PairRating
from plans.operations.ratings import begin_rating, rate_pair, take_back_rating
from plans.queries.ratings import just_sent, photo_at, rating_desk, rating_shown
from plans.rules.ratings import ANSWERS
from plans.views.photo_stream import NOTHING_RUNS

SIDES = ("left", "right")


@staff_page(Deed.SEE_PHOTOS, Deed.REVIEW)
def ratings(request: StaffRequest) -> HttpResponse:
    """What is left to rate. POST lays out the next pair."""
    if request.method == "POST":
        return _next(request)
    context = {"desk": rating_desk(request.user), "sent": _sent(request)}
    return staff_render(request, "plans/ratings.html", "Blinded ratings", context)


@staff_page(Deed.SEE_PHOTOS, Deed.REVIEW)
def rating(request: StaffRequest, pk: UUID) -> HttpResponse:
    row = rating_shown(request.user, pk)
    if row.score is not None:
        return redirect("plans:ratings")
    form = RatingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and request.POST.get("answer") == "skip":
        messages.info(request, "Put by without an answer.")
        return _next(request)
    if request.method == "POST" and form.is_valid():
        answer = form.cleaned_data["answer"]
        done = attempt(form, lambda: rate_pair(rating_id=pk, answer=answer, by=request.user, now=clock.now()))
        if done:
            return _next(request, sent=done)
    context = {"rating": row, "form": form, "answers": ANSWERS, "sides": SIDES, "sent": _sent(request)}
    return staff_render(request, "plans/rating.html", "Which shows more hair?", context)


@require_POST
@staff_page(Deed.SEE_PHOTOS, Deed.REVIEW)
def rating_undo(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Back to the pair whose answer was a slip."""
    take_back_rating(rating_id=pk, by=request.user, now=clock.now())
    return redirect("plans:rating", pk)


@require_safe
@staff_page(Deed.SEE_PHOTOS, Deed.REVIEW)
def rating_photo(request: StaffRequest, pk: UUID, side: str) -> HttpResponse:
    """One side's picture, always from our own hand: a bucket's address, a file's date or its version tell the order."""
    if side not in SIDES:
        raise Http404
    row = photo_at(request.user, pk, left=side == "left")
    try:
        with row.large.open() as file:
            content = file.read()
    except FileNotFoundError:
        raise Http404 from None
    answer = HttpResponse(content, content_type="image/jpeg")
    answer["Content-Disposition"] = f'inline; filename="{side}.jpg"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    answer["Content-Security-Policy"] = NOTHING_RUNS
    return answer


def _next(request: StaffRequest, sent: PairRating | None = None) -> HttpResponse:
    """The next pair at once, or the list when there is none. `sent` can be undone there."""
    following = begin_rating(by=request.user, now=clock.now())
    page = reverse("plans:rating", args=[following.pk]) if following else reverse("plans:ratings")
    return redirect(f"{page}?sent={sent.pk}" if sent else page)


def _sent(request: StaffRequest) -> PairRating | None:
    """The answer that was sent just now, as long as it can be taken back."""
    try:
        return just_sent(request.user, UUID(request.GET.get("sent", "")), now=clock.now())
    except (ValueError, ObjectDoesNotExist):
        return None
