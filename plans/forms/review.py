"""Forms of a review: how its photos were taken, and what it ends in."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from patients.forms import day_field
from patients.rules.scalp import SHEDDING_GRADES
from plans.operations.reviews import PhotoConditions, ReviewOutcome
from plans.queries.review_story import RATINGS, ReviewStory
from plans.rules.states import Decision


class ConditionsForm(forms.Form):
    """The same for all photos of one sending. Prefilled from the last one: that is what makes them comparable."""

    parting = forms.CharField(
        max_length=60, required=False, widget=UnfoldAdminTextInputWidget({"placeholder": "centre, 1 cm wide"})
    )
    lighting = forms.CharField(
        max_length=60, required=False, widget=UnfoldAdminTextInputWidget({"placeholder": "ring lamp, no flash"})
    )
    distance_cm = forms.IntegerField(
        label="Distance, cm", required=False, min_value=1, max_value=300, widget=UnfoldAdminIntegerFieldWidget()
    )
    last_dyed_on = day_field("Last dyed on", required=False)
    is_wet = forms.BooleanField(label="The hair is wet", required=False, widget=UnfoldBooleanWidget())

    def __init__(self, post: Any = None, *, story: ReviewStory) -> None:
        super().__init__(post, initial=_as_last_time(story))
        self.today = story.today

    def clean_last_dyed_on(self) -> date | None:
        day: date | None = self.cleaned_data["last_dyed_on"]
        if day and day > self.today:
            raise ValidationError("This day is still to come.")
        return day

    def conditions(self) -> PhotoConditions:
        return PhotoConditions(**self.cleaned_data)


def _as_last_time(story: ReviewStory) -> dict[str, Any]:
    photo = story.last or next((pair.before for pair in story.pairs if pair.before), None)
    if photo is None:
        return {}
    is_own = photo.review_id == story.review.pk
    found = {"parting": photo.parting, "lighting": photo.lighting, "distance_cm": photo.distance_cm}
    # Months later the hair may have been dyed since: that is asked again.
    return {**found, "last_dyed_on": photo.last_dyed_on, "is_wet": photo.is_wet} if is_own else found


class DecisionForm(forms.Form):
    shedding_scale = forms.TypedChoiceField(
        label="Sinclair shedding scale", required=False, coerce=int, empty_value=None, widget=UnfoldAdminSelectWidget(),
        choices=lambda: [("", "Not asked"), *((n, f"{n} – {words}") for n, words in SHEDDING_GRADES.items())],
        help_text="5 and 6 are excessive. Valid for long hair only.",
    )  # fmt: skip
    patient_rating = forms.TypedChoiceField(
        label="The patient's own rating", required=False, coerce=int, empty_value=None,
        choices=lambda: [("", "Not asked"), *((n, words) for n, words in RATINGS.items())],
        widget=UnfoldAdminSelectWidget(),
    )  # fmt: skip
    density = forms.DecimalField(
        label="Hairs per cm²", required=False, max_digits=5, decimal_places=1,
        validators=[MinValueValidator(0), MaxValueValidator(1000)],
        widget=UnfoldAdminDecimalFieldWidget({"inputmode": "decimal", "step": "0.1", "min": "0"}),
    )  # fmt: skip
    density_method = forms.CharField(
        label="Measured with", max_length=60, required=False, widget=UnfoldAdminTextInputWidget(),
        help_text="Compare only what the same device measured.",
    )  # fmt: skip
    patient_says = forms.CharField(
        label="What the patient says", required=False, widget=UnfoldAdminTextareaWidget({"rows": 2})
    )
    notes = forms.CharField(label="Notes", required=False, widget=UnfoldAdminTextareaWidget({"rows": 2}))
    decision = forms.ChoiceField(
        choices=lambda: [(decision.value, decision.label) for decision in Decision],
        error_messages={"required": "Choose what the review ends in."},
    )
    decision_reason = forms.CharField(label="Why", widget=UnfoldAdminTextareaWidget({"rows": 2}))
    missing_views_reason = forms.CharField(
        label="Why views are missing", required=False, widget=UnfoldAdminTextInputWidget()
    )

    def __init__(self, *args: Any, story: ReviewStory, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not story.missing:
            del self.fields["missing_views_reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("density") is not None and not cleaned.get("density_method", "").strip():
            self.add_error("density_method", "Write with which device it was measured.")
        return cleaned

    def outcome(self) -> ReviewOutcome:
        said = {**self.cleaned_data, "decision": Decision(self.cleaned_data["decision"])}
        return ReviewOutcome(**said)
