"""The postroom, and the watchdog's question."""

from django.urls import URLPattern, path

from plans.views import deep, postroom

postroom_urls: list[URLPattern] = [
    path("postroom/", postroom.postroom, name="postroom"),
    path("postroom/hold/", postroom.postroom_hold, name="postroom-hold"),
    path("postroom/release/", postroom.postroom_release, name="postroom-release"),
    path("healthz/deep", deep.healthz_deep, name="healthz-deep"),
]
