"""Protocols: read, compared, written, published."""

from django.urls import URLPattern, path

from plans.views import protocol_edit, protocols

protocol_urls: list[URLPattern] = [
    path("protocols/<uuid:pk>/", protocols.protocol, name="protocol"),
    path("protocols/<uuid:pk>/compare/<uuid:other>/", protocols.protocol_compare, name="protocol-compare"),
    path("protocols/<uuid:pk>/draft/", protocols.protocol_draft, name="protocol-draft"),
    path("protocols/<uuid:pk>/edit/", protocol_edit.protocol_edit, name="protocol-edit"),
    path("protocols/<uuid:pk>/preview/", protocol_edit.protocol_preview, name="protocol-preview"),
    path("protocols/<uuid:pk>/copy/", protocols.protocol_copy, name="protocol-copy"),
    path("protocols/<uuid:pk>/publish/", protocols.protocol_publish, name="protocol-publish"),
    path("protocols/<uuid:pk>/retire/", protocols.protocol_retire, name="protocol-retire"),
    path("protocols/<uuid:pk>/discard/", protocols.protocol_discard, name="protocol-discard"),
]
