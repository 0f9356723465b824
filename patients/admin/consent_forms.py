"""The texts patients sign. A draft is written here; it is compared and published on its own page."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.widgets import UnfoldAdminTextareaWidget

from clinic import clock
from clinic.admin.base import HouseAdmin, door
from clinic.admin.filters import location_filter
from clinic.admin.permissions import staff_of
from clinic.admin.words import chip, instant, zone_of
from clinic.rules.roles import Deed
from patients.models import ConsentForm
from patients.operations.consent_forms import FormWords, change_consent_form, draft_consent_form
from patients.rules.consent import ConsentTopic
from patients.rules.consent_forms import FormState
from patients.rules.consent_text import why_not_text

SCOPE, WORDS = ("topic", "location", "jurisdiction"), ("title", "text", "source")


class ConsentFormForm(forms.ModelForm[ConsentForm]):
    class Meta:
        model = ConsentForm
        fields = (*SCOPE, *WORDS)
        widgets = {"text": UnfoldAdminTextareaWidget({"rows": 14})}

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if wrong := why_not_text(said.get("title", ""), said.get("text", "")):
            self.add_error(wrong[0], ValidationError(wrong[1], code=wrong[0]))
        if said.get("location") and said.get("jurisdiction"):
            self.add_error("jurisdiction", "A form for one location follows that location: leave this empty.")
        elif self.instance._state.adding and "topic" in said and self._has_draft(said):
            self.add_error(None, "The next version of this form is being written already: go on with that one.")
        return said

    def _has_draft(self, said: dict[str, Any]) -> bool:
        place, jurisdiction = said.get("location"), said.get("jurisdiction") or ""
        family = ConsentForm(topic=said["topic"], location=place, jurisdiction=jurisdiction)
        return ConsentForm.objects.family_of(family).filter(state=FormState.DRAFT).exists()


@admin.register(ConsentForm)
class ConsentFormAdmin(HouseAdmin):
    form = ConsentFormForm
    see_deed = change_deed = Deed.CHANGE_CLINIC
    add_allowed = True
    change_form_before_template = "patients/_consent_form_page.html"
    nothing_here = "What patients read and sign, topic by topic. manage.py load_consent_forms brings the first texts."
    list_display = ("title", "topic", "shown_for", "shown_version", "shown_state", "shown_since")
    list_filter = ("state", "topic", "jurisdiction", location_filter("location"))
    list_select_related = ("location",)
    search_fields = ("title", "text")
    search_help_text = "Words of the title or the text"
    fieldsets = (
        ("Who reads it", {"fields": (SCOPE,)}),
        ("What they read", {"fields": WORDS}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Whom a form is for is settled when it is begun: another family has versions of its own."""
        return SCOPE if obj else ()

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        is_read = isinstance(obj, ConsentForm) and obj.state != FormState.DRAFT
        return super().has_change_permission(request, obj) and not is_read

    def save_model(self, request: HttpRequest, obj: ConsentForm, form: ModelForm[ConsentForm], change: bool) -> None:
        words = FormWords(obj.title, obj.text, obj.source)
        if change:
            change_consent_form(form_id=obj.pk, words=words, by=staff_of(request), now=clock.now())
            return
        made = draft_consent_form(
            topic=ConsentTopic(obj.topic),
            location_id=obj.location_id,
            jurisdiction=obj.jurisdiction,
            words=words,
            by=staff_of(request),
            now=clock.now(),
        )
        # The admin goes on with its own object: it becomes the row the operation wrote.
        obj.pk, obj.version = made.pk, made.version
        obj._state.adding = False

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = context.get("original")
        context["form_page"] = door("patients:consent-form", row.pk) if row is not None else ""
        return cast(HttpResponse, super().render_change_form(request, context, *args, **kwargs))

    @admin.display(description="for")
    def shown_for(self, row: ConsentForm) -> str:
        return row.whom_for

    @admin.display(description="version", ordering="version")
    def shown_version(self, row: ConsentForm) -> str:
        return row.version_words

    @admin.display(description="state", ordering="state")
    def shown_state(self, row: ConsentForm) -> SafeString:
        return chip(row.state, row.get_state_display())

    @admin.display(description="in force since", ordering="published_at")
    def shown_since(self, row: ConsentForm) -> str:
        return instant(row.published_at, zone_of(row.location))
