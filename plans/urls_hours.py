from __future__ import annotations

from django.urls import URLPattern

hours_urls: list[URLPattern] = []
