"""Blinded looks at two photos of one view."""

from django.urls import URLPattern, path

from plans.views import ratings

ratings_urls: list[URLPattern] = [
    path("ratings/", ratings.ratings, name="ratings"),
    path("ratings/<uuid:pk>/", ratings.rating, name="rating"),
    path("ratings/<uuid:pk>/undo/", ratings.rating_undo, name="rating-undo"),
    path("ratings/<uuid:pk>/<str:side>/", ratings.rating_photo, name="rating-photo"),
]
