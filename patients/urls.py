from django.urls import URLPattern, URLResolver, path

from patients import assess_views, views
from patients.urls_consent import consent_urls
from patients.urls_import import import_urls

app_name = "patients"
urlpatterns: list[URLPattern | URLResolver] = [
    *import_urls,
    *consent_urls,
    path("patients/", views.patient_list, name="list"),
    path("patients/new/", views.patient_new, name="new"),
    path("patients/<uuid:pk>/edit/", views.patient_edit, name="edit"),
    path("patients/<uuid:pk>/assess/", assess_views.patient_assess, name="assess"),
]
