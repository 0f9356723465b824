from django.urls import URLPattern, URLResolver, path

from patients import views
from patients.urls_import import import_urls

app_name = "patients"
urlpatterns: list[URLPattern | URLResolver] = [
    *import_urls,
    path("patients/", views.patient_list, name="list"),
    path("patients/new/", views.patient_new, name="new"),
    path("patients/<uuid:pk>/edit/", views.patient_edit, name="edit"),
    path("patients/<uuid:pk>/assess/", views.patient_assess, name="assess"),
    path("patients/<uuid:pk>/consent/", views.patient_consent, name="consent"),
]
