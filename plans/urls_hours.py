from __future__ import annotations

from django.urls import URLPattern, path

from plans.views import away, hours

hours_urls: list[URLPattern] = [
    path("hours/", hours.hours, name="hours"),
    path("hours/week/<str:key>/", hours.hours_week, name="hours-week"),
    path("hours/special/", hours.hours_special, name="hours-special"),
    path("hours/special/<uuid:pk>/remove/", hours.hours_special_remove, name="hours-special-remove"),
    path("hours/holidays/<uuid:pk>/", hours.hours_holidays, name="hours-holidays"),
    path("hours/away/", away.away_new, name="away-new"),
    path("hours/away/<uuid:pk>/remove/", away.away_remove, name="away-remove"),
    path("desk/away/<uuid:pk>/", away.away, name="away"),
]
