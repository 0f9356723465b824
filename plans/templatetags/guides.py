"""Our own drawings of how a standard picture is taken: what the camera sees, the picture's edges, where it stands."""

from __future__ import annotations

from functools import cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from plans.rules.view_sets import GUIDES

register = template.Library()


@register.simple_tag
def guide(key: str) -> SafeString | str:
    """`{% guide view.guide %}`: the drawing, for the eye only: say beside it what it shows. Unknown key: nothing."""
    return _drawn(key) if key in GUIDES else ""


@cache
def _drawn(key: str) -> SafeString:
    return mark_safe(render_to_string(f"plans/guides/{key}.svg").replace("\n", ""))
