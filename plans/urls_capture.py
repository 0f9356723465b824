"""Taking the photos of a review, view by view."""

from django.urls import URLPattern, path

from plans.views import capture

capture_urls: list[URLPattern] = [
    path("reviews/<uuid:pk>/capture/", capture.capture_page, name="capture"),
]
