"""Who would come earlier, and the times that were set free."""

from __future__ import annotations

from django.urls import URLPattern, path

from plans.views import waiting

waiting_urls: list[URLPattern] = [
    path("desk/waiting/", waiting.waiting_page, name="waiting"),
    path("waiting/<uuid:pk>/end/", waiting.waiting_end, name="waiting-end"),
    path("appointments/<uuid:pk>/earlier/", waiting.waiting_add, name="waiting-add"),
    path("appointments/<uuid:pk>/offer/", waiting.waiting_offer, name="waiting-offer"),
    path("appointments/<uuid:pk>/offer/<uuid:entry>/give/", waiting.waiting_give, name="waiting-give"),
]
