"""What the calendar asks for while somebody works in it."""

from __future__ import annotations

from django.urls import URLPattern, path

from plans.views import calendar_booking, calendar_details

calendar_urls: list[URLPattern] = [
    path("desk/new/", calendar_booking.calendar_new, name="calendar-new"),
    path("desk/find/", calendar_booking.calendar_find, name="calendar-find"),
    path("desk/<uuid:pk>/", calendar_details.calendar_details, name="calendar-details"),
    path("desk/<uuid:pk>/<slug:step>/", calendar_details.calendar_step, name="calendar-step"),
]
