from __future__ import annotations

from django.urls import URLPattern

series_urls: list[URLPattern] = []
