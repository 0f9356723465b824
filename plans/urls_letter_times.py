"""When letters leave."""

from __future__ import annotations

from django.urls import URLPattern, path

from plans.views import letter_times

letter_times_urls: list[URLPattern] = [
    path("letters/", letter_times.letter_times_here, name="letter-times-here"),
    path("letters/<uuid:pk>/", letter_times.letter_times, name="letter-times"),
]
