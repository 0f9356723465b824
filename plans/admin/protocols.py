"""Protocols with their components, reviews, care rules and sources. A published version is read, never changed."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.safestring import SafeString

from clinic.admin.base import HouseInline, HouseStackedInline, RecordedAdmin
from clinic.admin.permissions import DeedPermissions
from clinic.admin.words import chip
from clinic.rules.roles import Deed
from plans.models import CareRule, Component, LeastGap, Protocol, ReviewPoint
from plans.rules.happened import Happened
from plans.rules.states import ProtocolState


class DraftOnly(DeedPermissions):
    """What hangs on a protocol can be changed as long as the protocol itself can."""

    see_deed = Deed.SEE_PROTOCOLS
    change_deed = Deed.CHANGE_PROTOCOLS

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        published = isinstance(obj, Protocol) and obj.state != ProtocolState.DRAFT
        return super().has_change_permission(request, obj) and not published


class ComponentInline(DraftOnly, HouseInline):
    model = Component
    fields = (
        "modality",
        "sessions_min",
        "sessions_usual",
        "sessions_max",
        "interval_earliest",
        "interval_target",
        "interval_latest",
        "starts",
        "shares_visit_with",
        "minutes",
    )
    verbose_name_plural = "Courses of treatment"


class LeastGapInline(DraftOnly, HouseInline):
    model = LeastGap
    fields = ("first", "second", "span")


class ReviewPointInline(DraftOnly, HouseInline):
    model = ReviewPoint
    fields = ("title", "offset", "opens_before", "closes_after")
    verbose_name_plural = "Reviews, counted from the first session done"


class CareRuleInline(DraftOnly, HouseStackedInline):
    model = CareRule
    fields = (("phase", "kind", "act"), "text", ("starts", "ends", "ongoing"), ("by", "in_force"), "source")
    verbose_name_plural = "Care before and after"


@admin.register(Protocol)
class ProtocolAdmin(DraftOnly, RecordedAdmin):
    changed = Happened.PROTOCOL_CHANGED
    history_deed = Deed.SEE_PROTOCOLS
    nothing_here = "The library brings them: manage.py load_protocols."
    list_display = ("title", "version", "shown_state", "shown_default", "source", "price")
    list_filter = ("state", "is_default")
    search_fields = ("title", "key", "summary", "source")
    ordering = ("title", "-version")
    inlines = (ComponentInline, LeastGapInline, ReviewPointInline, CareRuleInline)
    readonly_fields = ("key", "version", "state", "published_at")
    fieldsets = (
        (None, {"fields": (("title", "state"), ("key", "version", "published_at"), "summary", "note")}),
        ("Source", {"fields": ("source",)}),
        ("Photos and price", {"fields": (("view_set", "is_default"), ("price", "price_note"))}),
        ("Maintenance", {"fields": (("booster_earliest", "booster_target", "booster_latest"),)}),
    )

    @admin.display(description="state", ordering="state")
    def shown_state(self, row: Protocol) -> SafeString:
        return chip(row.state, row.get_state_display())

    @admin.display(description="suggested first", ordering="is_default")
    def shown_default(self, row: Protocol) -> str:
        return "Yes" if row.is_default else "–"
