"""What patients asked for and reported, for the desk and for clinicians; and the link they did it by."""

from __future__ import annotations

from django.urls import URLPattern, path

from plans.views import requests

requests_urls: list[URLPattern] = [
    path("requests/", requests.requests_page, name="requests"),
    path("requests/<uuid:pk>/settle/", requests.request_settle, name="request-settle"),
    path("patients/<uuid:pk>/link/", requests.link_page, name="patient-link"),
]
