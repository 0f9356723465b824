"""Plans: whose, which course, how it stands."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from clinic.admin.base import HouseInline, door
from clinic.admin.filters import location_filter
from clinic.admin.words import chip, day, link
from clinic.admin.work import WorkAdmin
from clinic.rules.roles import Deed
from plans.admin.filters import NextAppointmentFilter
from plans.models import Plan, Session


class SessionInline(HouseInline):
    model = Session
    see_deed = Deed.SEE_PLAN
    fields = readonly_fields = ("number", "kind", "earliest", "target", "latest", "state")
    verbose_name_plural = "Sessions"


@admin.register(Plan)
class PlanAdmin(WorkAdmin):
    see_deed = Deed.SEE_PLAN
    history_deed = Deed.SEE_CLINICAL
    nothing_here = "A plan begins on a patient's page: choose a protocol, see its dates, activate it."
    real_page_words = "Open the plan"
    list_display_links = None
    list_display = ("shown_title", "patient", "shown_state", "shown_start", "clinician", "location")
    list_filter = ("state", NextAppointmentFilter, location_filter("location"))
    list_select_related = ("patient", "clinician", "location")
    search_fields = ("title", "patient__folded_name")
    search_help_text = "Half a patient's name, or a course"
    fields = (("patient", "title"), ("state", "starts_on"), ("clinician", "location"), "price", "protocol")
    clinical_fields = ("assessment", "override_reason", "end_reason")
    inlines = (SessionInline,)

    def real_page(self, row: Plan) -> str:
        return door("plans:plan", row.pk)

    @admin.display(description="plan", ordering="title")
    def shown_title(self, row: Plan) -> SafeString:
        return link(door("plans:plan", row.pk), row.title)

    @admin.display(description="state", ordering="state")
    def shown_state(self, row: Plan) -> SafeString:
        return chip(row.state, row.get_state_display())

    @admin.display(description="starts", ordering="starts_on")
    def shown_start(self, row: Plan) -> str:
        return day(row.starts_on)
