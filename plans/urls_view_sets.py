"""Which views a diagnosis needs, and when a photo or a pair is called weak."""

from django.urls import URLPattern, path

from plans.views import photo_rules, view_sets

view_sets_urls: list[URLPattern] = [
    path("view-sets/", view_sets.view_sets, name="view-sets"),
    path("view-sets/<uuid:pk>/", view_sets.view_set, name="view-set"),
    path("view-sets/<uuid:pk>/compare/<uuid:other>/", view_sets.view_set_compare, name="view-set-compare"),
    path("view-sets/<uuid:pk>/edit/", view_sets.view_set_edit, name="view-set-edit"),
    path("view-sets/<uuid:pk>/copy/", view_sets.view_set_copy, name="view-set-copy"),
    path("view-sets/<uuid:pk>/retire/", view_sets.view_set_retire, name="view-set-retire"),
    path("view-sets/<uuid:pk>/renew/", view_sets.view_set_renew, name="view-set-renew"),
    path("photo-rules/", photo_rules.photo_rules_here, name="photo-rules-here"),
    path("photo-rules/<uuid:pk>/", photo_rules.photo_rules, name="photo-rules"),
]
