from __future__ import annotations

from django.urls import URLPattern

waiting_urls: list[URLPattern] = []
