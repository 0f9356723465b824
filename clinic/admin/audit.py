"""The audit: managers read their places, clinicians their patients. Nobody writes in it here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from clinic.admin.base import HouseAdmin
from clinic.admin.permissions import may_do, staff_of
from clinic.admin.words import instant, zone_of
from clinic.models import AuditLine, Location, Staff
from clinic.models.audit import AuditLineQuerySet
from clinic.rules.roles import Deed


@admin.register(AuditLine)
class AuditLineAdmin(HouseAdmin):
    see_deed = Deed.SEE_AUDIT
    nothing_here = "Every deed leaves a line: who, what, when, why."
    list_display = ("shown_at", "shown_by", "happened", "shown_about", "shown_reason")
    list_display_links = ("shown_at",)
    list_filter = ("happened",)
    search_fields = ("by_name", "happened", "about_words", "open_reason")
    search_help_text = "A name, a deed such as appointment.moved, words of a reason"
    more_lookups = ("about_id", "about_id__exact", "patient_id", "patient_id__exact")
    list_select_related = ("location",)
    fields = (
        "shown_at",
        "by_name",
        "happened",
        "about_kind",
        "about_words",
        "location",
        "shown_reason",
        "shown_details",
    )
    readonly_fields = fields

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_do(request, Deed.SEE_AUDIT) or may_do(request, Deed.SEE_OWN_AUDIT)

    # Which patients somebody may see is known one house further up, which puts its answer here.
    own_patients: Callable[[Staff], QuerySet[Any]]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditLine]:
        """Lines about one's own patients; for managers those of their places and of the house as well."""
        by = staff_of(request)
        rows = cast(AuditLineQuerySet, super().get_queryset(request)).as_read_by(by)
        if by.is_superuser:
            return rows
        seen = Q(patient_id__in=self.own_patients(by))
        if may_do(request, Deed.SEE_AUDIT):
            places = Location.objects.visible_to(by).values("pk")
            seen |= Q(patient_id__isnull=True) & (Q(location__in=places) | Q(location__isnull=True))
        return rows.filter(seen)

    @admin.display(description="by", ordering="by_name")
    def shown_by(self, row: AuditLine) -> str:
        return row.by_name

    @admin.display(description="about", ordering="about_words")
    def shown_about(self, row: AuditLine) -> str:
        return row.about_words

    @admin.display(description="reason")
    def shown_reason(self, row: Any) -> str:
        return str(row.open_reason)

    @admin.display(description="details")
    def shown_details(self, row: Any) -> str:
        return ", ".join(f"{name}: {value}" for name, value in row.details.items()) if row.is_open else ""

    @admin.display(description="when", ordering="at")
    def shown_at(self, row: AuditLine) -> str:
        return instant(row.at, zone_of(row))
