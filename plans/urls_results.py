"""What was measured over time."""

from django.urls import URLPattern, path

from plans.views import results

results_urls: list[URLPattern] = [
    path("plans/<uuid:pk>/results/", results.results, name="results"),
]
