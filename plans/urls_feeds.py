from __future__ import annotations

from django.urls import URLPattern

feeds_urls: list[URLPattern] = []
