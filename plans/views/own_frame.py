"""The frame of every page behind a signed link: private, without scripts, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, wraps
from typing import Concatenate, ParamSpec, cast

from csp.decorators import csp
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import trans_real
from django.views.decorators.csrf import csrf_exempt

from clinic.catalogues import catalogue
from clinic.language import ENGLISH, tongue
from clinic.models import Location
from clinic.rules.refusal import Refusal
from patients.models import Language, Patient
from plans.views.own_words import refusal_words

P = ParamSpec("P")
# The whole policy, not a change to the staff pages' one: what is not named here must not be left over from there.
STRICT = {
    "default-src": ["'none'"], "style-src": ["'self'"], "img-src": ["'self'"], "form-action": ["'self'"],
    "base-uri": ["'none'"], "frame-ancestors": ["'none'"],
}  # fmt: skip

View = Callable[Concatenate[HttpRequest, str, P], HttpResponse]


def private_link(page: View[P]) -> View[P]:
    """A link that is broken, old or revoked says so; nothing of it reaches caches, referers or search engines."""

    @wraps(page)
    def guarded(request: HttpRequest, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = page(request, token, *args, **kwargs)
        except Refusal as refusal:
            response = _link_over(request, refusal)
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    # The token is the authority here, there is no session that a foreign page could ride on.
    return csrf_exempt(cast("View[P]", csp(STRICT)(guarded)))  # type: ignore[arg-type]  # stubs know no path


def language_of(request: HttpRequest, patient: Patient | None = None) -> str:
    """The language asked for in the address, which changes this view only; else her own; else her browser's."""
    asked = request.GET.get("lang", "")
    if asked in Language.values:
        return asked
    if patient is not None:
        return patient.language if patient.language in Language.values else ENGLISH
    wanted = request.headers.get("Accept-Language", "").lower()
    return next((code for code in Language.values if wanted.startswith(code)), ENGLISH)


@contextmanager
def speaking(request: HttpRequest, patient: Patient | None = None) -> Iterator[str]:
    """Within it, Django's `gettext` answers in the page's language."""
    language = language_of(request, patient)
    _teach(language)
    with translation.override(language):
        yield language


@cache
def _teach(language: str) -> None:
    """Give Django the house's own sentences, once per process: it would look for compiled files only."""
    if language != ENGLISH:
        trans_real.translation(language).merge(catalogue(language))


def kept_language(request: HttpRequest, patient: Patient) -> str:
    """What an address on the page has to end with, so that the next page is in the language of this one."""
    language = language_of(request, patient)
    return "" if language == patient.language else f"?lang={language}"


def own_render(
    request: HttpRequest,
    template: str,
    patient: Patient,
    context: Mapping[str, object],
    *,
    location: Location | None = None,
    status: int = 200,
) -> HttpResponse:
    """`location`: whose page it is, her home's when not said."""
    with speaking(request, patient) as language:
        more = {
            "patient": patient,
            "location": location or patient.home_location,
            "keep": kept_language(request, patient),
            "languages": [(code, name) for code, name in Language.choices if code != language],
        }
        return _rendered(request, template, {**more, **context}, language, status)


def back_to_page(request: HttpRequest, token: str, patient: Patient, said: str = "") -> HttpResponse:
    """To the page itself, so that loading it again sends nothing twice. No cookie carries the message."""
    address, keep = reverse("plans:own-page", args=[token]), kept_language(request, patient)
    if not said:
        return redirect(f"{address}{keep}")
    return redirect(f"{address}{keep}{'&' if keep else '?'}said={said}")


def _link_over(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    with speaking(request) as language:
        context = {"sentence": refusal_words(refusal)}
        return _rendered(request, "patient/link_over.html", context, language, 410)


def _rendered(
    request: HttpRequest, template: str, context: Mapping[str, object], language: str, status: int
) -> HttpResponse:
    return render(
        request, template, {"language": language, "direction": tongue(language).direction, **context}, status=status
    )
