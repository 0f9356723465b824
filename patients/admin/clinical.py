"""Assessments and consents. What was found is for clinicians alone."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString

from clinic import clock
from clinic.admin.base import HouseInline, door
from clinic.admin.filters import location_filter
from clinic.admin.words import chip, day, instant
from clinic.admin.work import WorkAdmin
from clinic.rules.local_time import local_day
from clinic.rules.roles import Deed
from patients.models import AreaFinding, Assessment, Consent
from patients.models.facts import contraindications_found
from patients.rules.clearing import standing_words
from patients.rules.contraindications import contraindication
from patients.rules.figures import SALT_AREAS, meanings


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
    # Codes and percentages are read as words.
    exclude = ("contraindications", "contraindication_dates", "recheck_on", *SALT_AREAS)
    readonly_fields = ("shown_salt", "shown_contraindications")

    def real_page(self, row: Assessment) -> str:
        return door("plans:patient", row.patient_id)

    @admin.display(description="made", ordering="made_at")
    def shown_when(self, row: Assessment) -> str:
        return instant(row.made_at, row.patient.home_location.zone)

    @admin.display(description="SALT")
    def shown_salt(self, row: Assessment) -> str:
        meaning = meanings(row.figures).get("salt")
        return meaning.words if meaning else "–"

    @admin.display(description="contraindications")
    def shown_contraindications(self, row: Assessment) -> str:
        today = local_day(clock.now(), row.patient.home_location.zone)
        found = contraindications_found(row)
        words = (f"{contraindication(one.code).label}. {standing_words(one, today)}".strip() for one in found)
        return " ".join(words) or "None"

    @admin.display(description="verdict", ordering="verdict")
    def shown_verdict(self, row: Assessment) -> SafeString:
        return chip(row.verdict, row.get_verdict_display())


@admin.register(Consent)
class ConsentAdmin(WorkAdmin):
    see_deed = Deed.RECORD_CONSENT
    nothing_here = "A consent is recorded from a patient's page: what was told, on which form, when."
    real_page_words = "Open the patient's consents"
    list_display = ("patient", "topic", "form_version", "shown_told", "method", "shown_state", "recorded_by")
    list_filter = ("topic", "method", location_filter("patient__home_location"))
    list_select_related = ("patient", "recorded_by")
    search_fields = ("patient__folded_name",)
    search_help_text = "Half a patient's name"

    def real_page(self, row: Consent) -> str:
        return door("patients:consent", row.patient_id)

    @admin.display(description="told", ordering="told_on")
    def shown_told(self, row: Consent) -> str:
        return day(row.told_on)

    @admin.display(description="state")
    def shown_state(self, row: Consent) -> SafeString:
        if row.said_no:
            return chip("done", "Said no")
        return chip("done", f"Withdrawn {day(row.withdrawn_on)}") if row.withdrawn_on else chip("good", "In force")
