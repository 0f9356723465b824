"""Calendar addresses for staff, and the calendars behind them: for programs, which log in nowhere."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotFound
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from clinic import clock
from clinic.models.ids import new_id
from clinic.staff_pages import StaffRequest, attempt, staff_page, staff_render
from plans.forms.feeds import FeedForm
from plans.letters.gather import mail_domain
from plans.models.feed_reach import allow_feeds, feeds_of, whose
from plans.operations.feeds import MadeFeed, make_feed, note_read, revoke_feed
from plans.queries.feed import feed_behind, feed_events, feed_name, feed_places
from plans.rules.feed import calendar_text


@staff_page()
def feed_list(request: StaffRequest) -> HttpResponse:
    context = {"places": feed_places(request.user), "now": clock.now()}
    return staff_render(request, "plans/feeds.html", "Calendar addresses", context)


@staff_page()
def feed_new(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Ask about names; then show the address, this once: only its digest is kept."""
    allow_feeds(request.user)
    thing = whose(request.user, pk)
    form = FeedForm(request.POST if request.method == "POST" else None, initial={"token": new_id()})
    if request.method == "POST" and form.is_valid():
        made = attempt(
            form,
            lambda: make_feed(
                thing_id=pk,
                shows_names=form.cleaned_data["shows_names"],
                token=form.cleaned_data["token"],
                by=request.user,
                now=clock.now(),
            ),
        )
        if made:
            return _made(request, made)
    context = {"form": form, "thing": thing}
    return staff_render(request, "plans/feed_new.html", f"Calendar address for {thing}", context)


def _made(request: StaffRequest, made: MadeFeed) -> HttpResponse:
    path = reverse("plans:feed", args=[made.secret]) if made.secret else ""
    address = f"{settings.PUBLIC_URL}{path}" if path else ""
    context = {"feed": made.feed, "address": address, "subscribe": f"webcal{address[address.find(':') :]}"}
    title = "The address is ready" if address else "This address was made already"
    return staff_render(request, "plans/feed_made.html", title, context)


@staff_page()
def feed_revoke(request: StaffRequest, pk: UUID) -> HttpResponse:
    allow_feeds(request.user)
    row = feeds_of(request.user).select_related("location", "practitioner", "room").get(pk=pk)
    if request.method == "POST":
        revoke_feed(feed_id=pk, by=request.user, now=clock.now())
        messages.success(request, f"The address is revoked: nobody reads the calendar of {_owner(row)} by it any more.")
        return redirect("plans:feeds")
    return staff_render(request, "plans/feed_revoke.html", f"Revoke an address of {_owner(row)}?", {"feed": row})


@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponseBase:
    """The calendar. An address that was never there and one that is revoked are the same empty 404."""
    now = clock.now()
    try:
        row = feed_behind(secret)
    except ObjectDoesNotExist:
        return _private(HttpResponseNotFound(content_type="text/plain"))
    written = calendar_text(feed_name(row), feed_events(row, domain=mail_domain(row.location), now=now))
    if request.method == "GET":
        note_read(row, now=now)
    answer = HttpResponse(written, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="calendar.ics"'
    answer["ETag"] = f'"{sha256(written).hexdigest()[:32]}"'
    return _private(get_conditional_response(request, etag=answer["ETag"], response=answer) or answer)


def _private(answer: HttpResponseBase) -> HttpResponseBase:
    answer["Cache-Control"] = "private, no-cache"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _owner(row: object) -> object:
    return getattr(row, "practitioner", None) or getattr(row, "room", None)
