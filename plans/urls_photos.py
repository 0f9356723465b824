"""Photos: on their way in, put right, and shown to who may see them."""

from django.urls import URLPattern, path

from plans.views import photos, uploads

photos_urls: list[URLPattern] = [
    path("reviews/<uuid:pk>/photos/", photos.photo_add, name="photo-add"),
    path("reviews/<uuid:pk>/uploads/", uploads.uploads, name="upload-begin"),
    path("uploads/<uuid:pk>/", uploads.upload, name="upload"),
    path("uploads/<uuid:pk>/place/", uploads.upload_place, name="upload-place"),
    path("uploads/<uuid:pk>/discard/", uploads.upload_discard, name="upload-discard"),
    path("uploads/<uuid:pk>/<str:size>/", uploads.upload_shown, name="upload-shown"),
    path("photos/<uuid:pk>/move/", photos.photo_move, name="photo-move"),
    path("photos/<uuid:pk>/set-aside/", photos.photo_set_aside, name="photo-set-aside"),
    path("photos/<uuid:pk>/<str:size>/", photos.photo, name="photo"),
]
