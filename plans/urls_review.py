"""A review: what it found and what it ends in."""

from django.urls import URLPattern, path

from plans.views import review_decide, reviews

review_urls: list[URLPattern] = [
    path("reviews/<uuid:pk>/", reviews.review_page, name="review"),
    path("reviews/<uuid:pk>/decide/<slug:decision>/", review_decide.review_decide, name="review-decide"),
]
