"""Sessions, what was given in them, and their checklists."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from clinic.admin.base import HouseInline, HouseStackedInline, door
from clinic.admin.filters import location_filter
from clinic.admin.words import chip, day, instant, link, zone_of
from clinic.admin.work import WorkAdmin
from clinic.rules.roles import Deed
from plans.models import ChecklistItem, Session, Treatment


class TreatmentInline(HouseStackedInline):
    model = Treatment
    see_deed = Deed.SEE_CLINICAL


class ChecklistInline(HouseInline):
    model = ChecklistItem
    see_deed = Deed.SEE_PLAN
    fields = readonly_fields = ("phase", "kind", "text", "by", "shown_tick", "ticked_by")
    verbose_name_plural = "Checklist"

    @admin.display(description="ticked")
    def shown_tick(self, row: ChecklistItem) -> str:
        return instant(row.ticked_at, zone_of(row))


@admin.register(Session)
class SessionAdmin(WorkAdmin):
    see_deed = Deed.SEE_PLAN
    history_deed = Deed.SEE_CLINICAL
    nothing_here = "Sessions come with a plan, each with the dates between which it should be."
    real_page_words = "Open the plan"
    list_display_links = None
    list_display = ("shown_what", "shown_course", "shown_window", "shown_target", "shown_state")
    list_filter = ("state", "kind", location_filter("plan__location"))
    list_select_related = ("plan__patient",)
    search_fields = ("plan__patient__folded_name",)
    search_help_text = "Half a patient's name"
    ordering = ("target",)
    fields = (("plan", "number"), ("kind", "state"), ("earliest", "target", "latest"), ("calculated", "pinned"))
    clinical_fields = (("started_at", "ended_at", "done_by"), "remarks")
    inlines = (TreatmentInline, ChecklistInline)

    def real_page(self, row: Session) -> str:
        return door("plans:plan", row.plan_id)

    @admin.display(description="session", ordering="number")
    def shown_what(self, row: Session) -> SafeString:
        return link(door("plans:plan", row.plan_id), f"Session {row.number}, {row.plan.patient}")

    @admin.display(description="course", ordering="plan__title")
    def shown_course(self, row: Session) -> str:
        return row.plan.title

    @admin.display(description="window", ordering="earliest")
    def shown_window(self, row: Session) -> str:
        return f"{day(row.earliest)} – {day(row.latest)}"

    @admin.display(description="best on", ordering="target")
    def shown_target(self, row: Session) -> str:
        return day(row.target)

    @admin.display(description="state", ordering="state")
    def shown_state(self, row: Session) -> SafeString:
        return chip(row.state, row.get_state_display())


@admin.register(Treatment)
class TreatmentAdmin(WorkAdmin):
    """The way from a lot to everybody who received it."""

    see_deed = Deed.SEE_CLINICAL
    real_page_words = "Open the plan"
    list_display = ("shown_who", "modality", "method", "lot", "amount_ml", "shown_when", "operator")
    list_filter = ("modality", "method", location_filter("session__plan__location"))
    nothing_here = "What was given in a session stands here, with its lot. It is written when a session is completed."
    more_lookups = ("lot", "lot__exact", "lot__id__exact")
    list_select_related = ("session__plan__patient", "session__plan__location", "lot__product", "operator")
    search_fields = ("session__plan__patient__folded_name", "lot__number", "lot__product__name")
    search_help_text = "Half a patient's name, a lot number or a product"

    def real_page(self, row: Treatment) -> str:
        return door("plans:plan", row.session.plan_id)

    @admin.display(description="patient")
    def shown_who(self, row: Treatment) -> str:
        return f"{row.session.plan.patient}, session {row.session.number}"

    @admin.display(description="when", ordering="session__ended_at")
    def shown_when(self, row: Treatment) -> str:
        return instant(row.session.ended_at, row.session.plan.location.zone)
