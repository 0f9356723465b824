from __future__ import annotations

from django.urls import URLPattern

calendar_urls: list[URLPattern] = []
