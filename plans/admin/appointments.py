"""All appointments, past and to come. The day itself stands on the desk's own page."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from clinic.admin.base import door
from clinic.admin.filters import location_filter
from clinic.admin.words import chip, instant, link
from clinic.admin.work import WorkAdmin
from clinic.rules.roles import Deed
from plans.admin.filters import WhenFilter
from plans.models import Appointment


@admin.register(Appointment)
class AppointmentAdmin(WorkAdmin):
    see_deed = Deed.SEE_PATIENT
    history_deed = Deed.SEE_PATIENT
    nothing_here = "Book the first one from a patient's plan."
    real_page_words = "Open the appointment"
    list_display_links = None
    list_display = ("shown_when", "patient", "shown_what", "practitioner", "room", "shown_state")
    list_filter = (WhenFilter, "state", "purpose", location_filter("location"))
    list_select_related = ("patient", "session", "review", "practitioner", "room", "location")
    search_fields = ("patient__folded_name", "practitioner__name")
    search_help_text = "Half a patient's name, or a practitioner"
    ordering = ("-starts",)
    fields = (
        ("patient", "location"),
        ("purpose", "state"),
        ("session", "review"),
        ("shown_when", "shown_end"),
        ("practitioner", "room"),
        ("rescheduled_from", "reason"),
    )
    readonly_fields = ("shown_when", "shown_end")

    def real_page(self, row: Appointment) -> str:
        return door("plans:appointment", row.pk)

    @admin.display(description="starts", ordering="starts")
    def shown_when(self, row: Appointment) -> SafeString:
        return link(door("plans:appointment", row.pk), instant(row.starts, row.location.zone))

    @admin.display(description="ends", ordering="ends")
    def shown_end(self, row: Appointment) -> str:
        return instant(row.ends, row.location.zone)

    @admin.display(description="for", ordering="purpose")
    def shown_what(self, row: Appointment) -> str:
        if row.session:
            return f"Session {row.session.number}"
        return row.review.title if row.review else row.get_purpose_display()

    @admin.display(description="state", ordering="state")
    def shown_state(self, row: Appointment) -> SafeString:
        return chip(row.state, row.get_state_display())
