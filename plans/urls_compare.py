"""Then and now: compared, in a strip over all reviews, and handed out as a sheet."""

from django.urls import URLPattern, path

from plans.views import compare, sheet

compare_urls: list[URLPattern] = [
    path("reviews/<uuid:pk>/compare/", compare.compare_page, name="compare"),
    path("reviews/<uuid:pk>/sheet/", sheet.sheet_page, name="sheet"),
    path("plans/<uuid:pk>/photos/", compare.strip_page, name="strip"),
]
