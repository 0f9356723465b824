from django.urls import URLPattern, URLResolver, path

from patients import consent_form_views as forms
from patients import consent_views as views

consent_urls: list[URLPattern | URLResolver] = [
    path("patients/<uuid:pk>/consent/", views.patient_consent, name="consent"),
    path("patients/<uuid:pk>/consent/ask/", views.consent_ask, name="consent-ask"),
    path("patients/<uuid:pk>/consent/blank/", views.consent_blank, name="consent-blank"),
    path("consents/<uuid:pk>/", views.consent_signed, name="consent-signed"),
    path("consents/<uuid:pk>/signature/", views.consent_signature, name="consent-signature"),
    path("consent-forms/<uuid:pk>/", forms.consent_form, name="consent-form"),
    path("consent-forms/<uuid:pk>/publish/", forms.consent_form_publish, name="consent-form-publish"),
    path("consent-forms/<uuid:pk>/next/", forms.consent_form_next, name="consent-form-next"),
]
