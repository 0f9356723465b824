"""What holds for every page staff see: it is kept nowhere, and a session ends by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

Next = Callable[[HttpRequest], HttpResponse]

LONGEST_SESSION = 12 * 3600  # seconds; a shift, and no more, however busy the session is
TOUCH_EVERY = 60  # seconds; saves one write for every page but one a minute
# What a page sends when it looks for changes by itself: a board left open is nobody at work.
BY_ITSELF = frozenset({"seen", "token"})


def private_pages(next_step: Next) -> Next:
    """Nothing is kept by browsers or proxies unless a view says otherwise. Static files never come this far."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = next_step(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    return answer


def working_hours(next_step: Next) -> Next:
    """Keep the session of somebody at work alive, and end it after a shift."""

    def answer(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            _keep_or_end(request, time.time())
        return next_step(request)

    return answer


def _keep_or_end(request: HttpRequest, now: float) -> None:
    began = request.session.setdefault("began", now)
    if now - began > LONGEST_SESSION:
        logout(request)
    elif now - request.session.get("seen", 0) > TOUCH_EVERY and not _looks_by_itself(request):
        request.session["seen"] = now


def _looks_by_itself(request: HttpRequest) -> bool:
    return request.method == "GET" and not BY_ITSELF.isdisjoint(request.GET)
