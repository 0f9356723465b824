"""Letters in a location's own words."""

from __future__ import annotations

from django.urls import URLPattern, path

from plans.views import wording, wording_versions

LETTER = "wordings/<uuid:pk>/<slug:kind>/<slug:language>/"

wording_urls: list[URLPattern] = [
    path("wordings/", wording.wordings_page, name="wordings"),
    path(LETTER, wording.wording_page, name="wording"),
    path(f"{LETTER}preview/", wording.wording_preview, name="wording-preview"),
    path(f"{LETTER}test/", wording.wording_test, name="wording-test"),
    path(f"{LETTER}house/", wording_versions.drop_page, name="wording-drop"),
    path(f"{LETTER}versions/<int:number>/", wording_versions.version_page, name="wording-version"),
]
