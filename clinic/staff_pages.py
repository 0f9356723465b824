"""The frame around every staff page: who may enter, the shell it stands in, and how a no is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeGuard, TypeVar

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from clinic.models import Staff
from clinic.rules.refusal import Forbidden, Refusal
from clinic.rules.roles import Deed

P = ParamSpec("P")
T = TypeVar("T")
Page = Callable[Concatenate[HttpRequest, P], HttpResponse]


class StaffRequest(HttpRequest):
    """A request that `staff_page` has let in. For annotations only."""

    user: Staff


def staff_page(*deeds: Deed) -> Callable[[Callable[Concatenate[StaffRequest, P], HttpResponse]], Page[P]]:
    """Let in staff who may do all `deeds`; turn the program's ways of saying no into pages.

    Not logged in: the login page. Forbidden: a 403 that carries nothing of the patient. A row that is not there or not
    yours: the same 404. A Refusal nobody caught: its sentence, on the page the form was sent from.
    """

    def wrap(page: Callable[Concatenate[StaffRequest, P], HttpResponse]) -> Page[P]:
        @wraps(page)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not is_staff_request(request):
                return _to_the_login(request)
            if not all(request.user.can(deed) for deed in deeds):
                raise PermissionDenied
            try:
                return page(request, *args, **kwargs)
            except Forbidden:
                # `from None`: the answer, and whatever logs it, shall not carry what was asked for.
                raise PermissionDenied from None
            except ObjectDoesNotExist:
                raise Http404 from None
            except Refusal as refusal:
                messages.error(request, refusal.sentence)
                return redirect(_sent_from(request))

        return guarded

    return wrap


def _to_the_login(request: HttpRequest) -> HttpResponse:
    """A part of a page cannot become the login form: the whole page goes there, and comes back."""
    if not request.headers.get("HX-Request"):
        return redirect_to_login(request.get_full_path())
    page = request.headers.get("HX-Current-URL", "").removeprefix(f"{request.scheme}://{request.get_host()}")
    way = redirect_to_login(page if page.startswith("/") else reverse("admin:index"))
    return HttpResponse(status=401, headers={"HX-Redirect": way["Location"]})


def is_staff_request(request: HttpRequest) -> TypeGuard[StaffRequest]:
    return isinstance(request.user, Staff) and request.user.is_active and request.user.is_staff


def _sent_from(request: HttpRequest) -> str:
    """The page of ours whose form was sent; the dashboard when the browser does not say."""
    referer = request.headers.get("Referer", "")
    own = f"{request.scheme}://{request.get_host()}/"
    if request.method == "POST" and referer.startswith(own):
        return "/" + referer[len(own) :].lstrip("/")
    return "admin:index"


def staff_context(request: HttpRequest, title: str, **more: object) -> dict[str, Any]:
    """What `staff/base.html` needs: the sidebar, the header, the theme, and the page's title."""
    return {**admin.site.each_context(request), "title": title, **more}


def staff_render(
    request: HttpRequest, template: str, title: str, context: Mapping[str, object] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a page inside the staff shell."""
    return render(request, template, staff_context(request, title, **(context or {})), status=status)


def attempt(form: BaseForm, deed: Callable[[], T]) -> T | None:
    """Do the deed; a Refusal becomes the form's own error (with its code) and None, so that what was typed is kept.

    Ask `form.has_error("__all__", "too_early")` to offer a written override.
    """
    try:
        return deed()
    except Refusal as refusal:
        form.add_error(None, ValidationError(refusal.sentence, code=refusal.code))
        return None
