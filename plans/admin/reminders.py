"""Every letter, planned and gone. The outbox shows what waits for a human; this is the whole list."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from clinic.admin.base import door
from clinic.admin.filters import location_filter
from clinic.admin.words import chip, instant, link
from clinic.admin.work import WorkAdmin
from clinic.rules.roles import Deed
from plans.models import Reminder


@admin.register(Reminder)
class ReminderAdmin(WorkAdmin):
    see_deed = Deed.SEE_OUTBOX
    nothing_here = "Letters are planned with every booking, and stand here before they go."
    real_page_words = "Open the letter"
    list_display_links = None
    list_display = ("shown_kind", "patient", "shown_due", "shown_state", "shown_sent", "recipient")
    list_filter = ("state", "kind", location_filter("location"))
    list_select_related = ("patient", "location")
    search_fields = ("patient__folded_name", "recipient", "subject")
    search_help_text = "Half a patient's name, an address or a subject"
    ordering = ("-due_at",)
    fields = (
        ("kind", "patient"),
        ("state", "state_reason"),
        ("shown_due", "shown_until"),
        ("shown_sent", "recipient"),
        "subject",
        ("attempt", "last_code", "last_text"),
        ("settled_by", "message_id"),
    )
    readonly_fields = ("shown_due", "shown_until", "shown_sent")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reminder]:
        rows: QuerySet[Reminder] = super().get_queryset(request)
        return rows.defer("mime")

    def real_page(self, row: Reminder) -> str:
        return door("plans:letter", row.pk)

    @admin.display(description="letter", ordering="kind")
    def shown_kind(self, row: Reminder) -> SafeString:
        return link(self.real_page(row), row.get_kind_display())

    @admin.display(description="due", ordering="due_at")
    def shown_due(self, row: Reminder) -> str:
        return instant(row.due_at, row.location.zone)

    @admin.display(description="useless after", ordering="useful_until")
    def shown_until(self, row: Reminder) -> str:
        return instant(row.useful_until, row.location.zone)

    @admin.display(description="sent", ordering="sent_at")
    def shown_sent(self, row: Reminder) -> str:
        return instant(row.sent_at, row.location.zone)

    @admin.display(description="state", ordering="state")
    def shown_state(self, row: Reminder) -> SafeString:
        return chip(row.state, row.get_state_display())
