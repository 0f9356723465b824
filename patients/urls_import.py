"""The addresses of bringing in a table."""

from django.urls import path

from patients import import_job_views, import_views

import_urls = [
    path("patients/import/", import_views.upload, name="import"),
    path("patients/import/done/", import_views.done, name="import-done"),
    path("patients/import/<uuid:key>/", import_views.columns, name="import-columns"),
    path("patients/import/<uuid:key>/check/", import_views.check, name="import-check"),
    path("patients/import/<uuid:key>/progress/", import_job_views.progress, name="import-progress"),
]
