"""Changing a plan under way."""

from django.urls import URLPattern, path

from plans.views import changes

change_urls: list[URLPattern] = [
    path("plans/<uuid:pk>/change/<str:kind>/", changes.plan_change, name="plan-change"),
]
