"""Who says so: the library's source keys, with their titles at hand."""

from __future__ import annotations

from functools import cache

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from patients.rules.consent_library import read_consent_sources
from plans.rules.library import LIBRARY
from plans.rules.library_shared import Source, read_sources

register = template.Library()
OWNER, OURS = "OWNER", "program"
PLAIN = {OWNER: "the clinic's owner", OURS: "this program"}


@cache
def known_sources() -> dict[str, Source]:
    """The protocol library's sources, then those only the consent forms name."""
    known = read_sources(LIBRARY)
    others = {key: Source(key, one.title, one.note) for key, one in read_consent_sources().items()}
    return {**known, **{key: one for key, one in others.items() if key not in known}}


@register.filter
def cite(keys: str) -> SafeString:
    """`{{ reason.source|cite }}`: "S1, S3" with each source's title behind its key."""
    return format_html_join(", ", "{}", ((_cited(key.strip()),) for key in keys.split(",") if key.strip()))


@register.inclusion_tag("staff/_sources.html")
def source_list() -> dict[str, object]:
    """`{% source_list %}`: what the keys on this page stand for."""
    return {"sources": [source for key, source in known_sources().items() if key != OWNER]}


def _cited(key: str) -> SafeString | str:
    source = known_sources().get(key)
    if key in PLAIN or source is None:
        return PLAIN.get(key, key)
    return format_html('<abbr title="{}. {}">{}</abbr>', source.title, source.note, key)
