from __future__ import annotations

from django.urls import URLPattern

board_urls: list[URLPattern] = []
