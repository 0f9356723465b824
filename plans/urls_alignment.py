"""How a follow-up lies on its baseline."""

from django.urls import URLPattern, path

from plans.views import alignment

alignment_urls: list[URLPattern] = [
    path("photos/<uuid:after>/on/<uuid:before>/", alignment.align, name="align"),
]
