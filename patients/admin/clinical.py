"""Assessments and consents. What was found is for clinicians alone."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from clinic.admin.base import HouseInline, door
from clinic.admin.filters import location_filter
from clinic.admin.words import chip, day, instant
from clinic.admin.work import WorkAdmin
from clinic.rules.roles import Deed
from patients.models import AreaFinding, Assessment, Consent


class FindingInline(HouseInline):
    model = AreaFinding
    see_deed = Deed.SEE_CLINICAL
    verbose_name_plural = "Findings per area"


@admin.register(Assessment)
class AssessmentAdmin(WorkAdmin):
    see_deed = Deed.SEE_CLINICAL
    nothing_here = "An assessment is made from a patient's page. It ends in a verdict with its reasons."
    real_page_words = "Open the patient's page"
    list_display = ("patient", "shown_when", "hair_loss_type", "grade", "shown_verdict", "made_by")
    list_filter = ("verdict", "hair_loss_type", location_filter("patient__home_location"))
    list_select_related = ("patient__home_location", "made_by")
    search_fields = ("patient__folded_name",)
    search_help_text = "Half a patient's name"
    inlines = (FindingInline,)

    def real_page(self, row: Assessment) -> str:
        return door("plans:patient", row.patient_id)

    @admin.display(description="made", ordering="made_at")
    def shown_when(self, row: Assessment) -> str:
        return instant(row.made_at, row.patient.home_location.zone)

    @admin.display(description="verdict", ordering="verdict")
    def shown_verdict(self, row: Assessment) -> SafeString:
        return chip(row.verdict, row.get_verdict_display())


@admin.register(Consent)
class ConsentAdmin(WorkAdmin):
    see_deed = Deed.RECORD_CONSENT
    nothing_here = "A consent is recorded from a patient's page: what was told, on which form, when."
    real_page_words = "Open the patient's page"
    list_display = ("patient", "topic", "form_version", "shown_told", "shown_state", "recorded_by")
    list_filter = ("topic", location_filter("patient__home_location"))
    list_select_related = ("patient", "recorded_by")
    search_fields = ("patient__folded_name",)
    search_help_text = "Half a patient's name"

    def real_page(self, row: Consent) -> str:
        return door("plans:patient", row.patient_id)

    @admin.display(description="told", ordering="told_on")
    def shown_told(self, row: Consent) -> str:
        return day(row.told_on)

    @admin.display(description="state")
    def shown_state(self, row: Consent) -> SafeString:
        return chip("done", f"Withdrawn {day(row.withdrawn_on)}") if row.withdrawn_on else chip("good", "In force")
