"""Protocols in a list. They are read, written and compared on pages of their own; here nothing of them is changed."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from clinic.admin.base import HouseInline, HouseStackedInline, door
from clinic.admin.words import chip, link
from clinic.admin.work import WorkAdmin
from clinic.rules.roles import Deed
from plans.models import CareRule, Component, LeastGap, Protocol, ReviewPoint
from plans.models.protocol import Alongside


class ComponentInline(HouseInline):
    model = Component
    see_deed = Deed.SEE_PROTOCOLS
    fields = (
        "key",
        "modality",
        "sessions_min",
        "sessions_usual",
        "sessions_max",
        "interval_earliest",
        "interval_target",
        "interval_latest",
        "starts",
        "starts_after",
        "shares_visit_with",
        "minutes",
    )
    verbose_name_plural = "Courses of treatment"


class LeastGapInline(HouseInline):
    model = LeastGap
    see_deed = Deed.SEE_PROTOCOLS
    fields = ("first", "second", "span")


class ReviewPointInline(HouseInline):
    model = ReviewPoint
    see_deed = Deed.SEE_PROTOCOLS
    fields = ("title", "offset", "opens_before", "closes_after")
    verbose_name_plural = "Reviews, counted from the first session done"


class CareRuleInline(HouseStackedInline):
    model = CareRule
    see_deed = Deed.SEE_PROTOCOLS
    fields = (
        ("phase", "kind", "act"),
        "text",
        ("starts", "ends", "ongoing"),
        ("by", "in_force", "conflicts_with"),
        "source",
    )
    verbose_name_plural = "Care before and after"


class AlongsideInline(HouseInline):
    model = Alongside
    see_deed = Deed.SEE_PROTOCOLS
    fields = ("name", "modality", "starts", "lasts", "source")


@admin.register(Protocol)
class ProtocolAdmin(WorkAdmin):
    see_deed = history_deed = Deed.SEE_PROTOCOLS
    nothing_here = "The library brings them: manage.py load_protocols."
    real_page_words = "Open the protocol"
    list_display_links = None
    list_display = ("shown_title", "version", "shown_state", "shown_default", "source", "price")
    list_filter = ("state", "is_default")
    search_fields = ("title", "key", "summary", "source")
    ordering = ("title", "-version")
    inlines = (ComponentInline, LeastGapInline, ReviewPointInline, CareRuleInline, AlongsideInline)
    fieldsets = (
        (None, {"fields": (("title", "state"), ("key", "version", "published_at"), "summary", "note", "change_note")}),
        ("Source", {"fields": ("source",)}),
        ("Photos and price", {"fields": (("view_set", "is_default"), ("price", "price_note"))}),
        ("Maintenance", {"fields": (("booster_earliest", "booster_target", "booster_latest"),)}),
    )

    def real_page(self, row: Protocol) -> str:
        return door("plans:protocol", row.pk)

    @admin.display(description="protocol", ordering="title")
    def shown_title(self, row: Protocol) -> SafeString:
        return link(door("plans:protocol", row.pk), row.title)

    @admin.display(description="state", ordering="state")
    def shown_state(self, row: Protocol) -> SafeString:
        return chip(row.state, row.get_state_display())

    @admin.display(description="suggested first", ordering="is_default")
    def shown_default(self, row: Protocol) -> str:
        return "Yes" if row.is_default else "–"
