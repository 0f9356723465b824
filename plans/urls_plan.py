"""The patient's page and the plan's pages."""

from django.urls import URLPattern, path

from plans.views import documents, patient, plan, plan_new

plan_urls: list[URLPattern] = [
    path("patients/<uuid:pk>/", patient.patient_page, name="patient"),
    path("patients/<uuid:pk>/plan/", plan_new.plan_new, name="plan-new"),
    path("plans/<uuid:pk>/", plan.plan_page, name="plan"),
    path("plans/<uuid:pk>/pdf/", documents.plan_pdf, name="plan-pdf"),
    path("plans/<uuid:pk>/activate/", plan.plan_activate, name="plan-activate"),
    path("plans/<uuid:pk>/stop/", plan.plan_stop, name="plan-stop"),
]
