"""The list of patients, found by half a name."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from clinic.admin.audit import AuditLineAdmin
from clinic.admin.base import door
from clinic.admin.filters import location_filter
from clinic.admin.words import chip, day, link
from clinic.admin.work import WorkAdmin
from clinic.rules.roles import Deed
from patients.models import MailboxState, Patient

AuditLineAdmin.own_patients = staticmethod(lambda by: Patient.objects.visible_to(by).values("pk"))


@admin.register(Patient)
class PatientAdmin(WorkAdmin):
    see_deed = Deed.SEE_PATIENT
    history_deed = Deed.SEE_PATIENT
    nothing_here = "Register the first patient, or bring in a table of all of them."
    real_page_words = "Open the patient's page"
    list_display_links = None
    list_display = ("shown_name", "shown_birth", "phone", "email", "home_location", "shown_mailbox")
    list_filter = (location_filter("home_location"), "language", "mailbox")
    list_select_related = ("home_location",)
    readonly_fields = ("mailbox",)
    search_fields = ("folded_name", "email", "phone")
    search_help_text = "Half a name, an e-mail address or part of a phone number"
    fieldsets = (
        ("Person", {"fields": (("first_name", "last_name"), ("birth_date", "sex"), "alert")}),
        ("Contact", {"fields": (("phone", "email"), ("language", "home_location"), "mailbox")}),
        ("Mails", {"fields": (("wants_appointment_mail", "wants_care_mail", "wants_review_mail"),)}),
    )

    def real_page(self, row: Patient) -> str:
        return door("plans:patient", row.pk)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Patient], search_term: str
    ) -> tuple[QuerySet[Patient], bool]:
        """By the model's own words, so that “muller” finds Müller here as everywhere."""
        words = queryset.filter(pk__in=Patient.objects.matching(search_term).values("pk"))
        return (words if search_term.strip() else queryset), False

    @admin.display(description="name", ordering="folded_name")
    def shown_name(self, row: Patient) -> SafeString:
        return link(door("plans:patient", row.pk), row.name)

    @admin.display(description="born", ordering="birth_date")
    def shown_birth(self, row: Patient) -> str:
        return day(row.birth_date)

    @admin.display(description="mail", ordering="mailbox")
    def shown_mailbox(self, row: Patient) -> SafeString:
        if not row.email:
            return chip("wait", "No address")
        return chip("alarm" if row.mailbox == MailboxState.DEAD else "good", row.get_mailbox_display())
