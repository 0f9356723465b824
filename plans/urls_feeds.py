from __future__ import annotations

from django.urls import URLPattern, path

from plans.views import feeds

feeds_urls: list[URLPattern] = [
    path("feeds/", feeds.feed_list, name="feeds"),
    path("feeds/new/<uuid:pk>/", feeds.feed_new, name="feed-new"),
    path("feeds/<uuid:pk>/revoke/", feeds.feed_revoke, name="feed-revoke"),
    path("feeds/<str:secret>.ics", feeds.feed, name="feed"),
]
