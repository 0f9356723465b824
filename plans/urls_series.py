"""What is left of a plan, booked together."""

from __future__ import annotations

from django.urls import URLPattern, path

from plans.views import series

series_urls: list[URLPattern] = [path("plans/<uuid:pk>/series/", series.plan_series, name="series")]
