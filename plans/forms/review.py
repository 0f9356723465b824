"""The forms of a review: what it found, and why it ends as it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from patients.assess_forms import GradeField, figure_field, grade_choices
from patients.forms import day_field
from patients.rules.figures import MOST_SHED, SALT_AREAS, Figures, faults
from patients.rules.scalp import SHEDDING_GRADES, ScaleKind
from plans.models import Review, View
from plans.operations.review_scores import SCORES, Measured, Scores
from plans.queries.review_story import RATINGS
from plans.rules.states import Adherence

FIGURES = ("shedding_scale", "pull_test_hairs", *SALT_AREAS)


def _note_field(label: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=False, help_text=help_text, widget=UnfoldAdminTextareaWidget({"rows": 2})
    )


class ScoresForm(forms.Form):
    """What was found so far; everything may stay empty."""

    patient_rating = forms.TypedChoiceField(
        label="The patient's own rating", required=False, coerce=int, empty_value=None,
        choices=lambda: [("", "Not asked"), *((n, f"{_signed(n)} {words}") for n, words in RATINGS.items())],
        widget=UnfoldAdminSelectWidget(),
    )  # fmt: skip
    patient_says = _note_field("What the patient says")
    adherence = forms.ChoiceField(
        label="Kept to the care", required=False, widget=UnfoldAdminSelectWidget(),
        choices=lambda: [("", "Not asked"), *((one.value, one.label) for one in Adherence)],
    )  # fmt: skip
    side_effects = _note_field("Side effects since the last visit", "Empty: none were told.")
    shedding_scale = forms.TypedChoiceField(
        label="Sinclair shedding scale", required=False, coerce=int, empty_value=None, widget=UnfoldAdminSelectWidget(),
        choices=lambda: [("", "Not asked"), *((n, f"{n} – {words}") for n, words in SHEDDING_GRADES.items())],
        error_messages={"invalid_choice": "The shedding scale goes from 1 to 6, not %(value)s."},
        help_text="5 and 6 are excessive. Valid for long hair only.",
    )  # fmt: skip
    wash_count = figure_field("Hairs lost in one wash", "Normal 27.9 ± 12.2 (CCID S347898).")
    pull_test_hairs = figure_field("Pull test, hairs per pull", "Under 3 is normal. A rough test.")
    grading = GradeField(label="Grade", choices=grade_choices, required=False, widget=UnfoldAdminSelectWidget())
    salt_top = figure_field("Top, %")
    salt_back = figure_field("Back, %")
    salt_left = figure_field("Left, %")
    salt_right = figure_field("Right, %")
    notes = _note_field("Notes")

    def __init__(self, post: Any = None, *, review: Review) -> None:
        super().__init__(post, initial=_initial(review))

    def salt(self) -> list[forms.BoundField]:
        return [self[name] for name in SALT_AREAS]

    def salt_is_used(self) -> bool:
        return any(self[name].value() not in (None, "") or self[name].errors for name in SALT_AREAS)

    def figures(self) -> Figures:
        """What was typed, as far as it can be."""
        return Figures(**{name: self.cleaned_data.get(name) for name in FIGURES})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name, sentence in faults(self.figures()).items():
            if not self.has_error(name):
                self.add_error(name, sentence)
        wash = cleaned.get("wash_count")
        if wash is not None and not 0 <= wash <= MOST_SHED:
            self.add_error("wash_count", f"Between 0 and {MOST_SHED:,} hairs: 27.9 ± 12.2 is normal.")
        return cleaned

    def scores(self, measured: tuple[Measured, ...]) -> Scores:
        said = {name: self.cleaned_data[name] for name in SCORES if name in self.cleaned_data}
        said["scale"], _, said["grade"] = self.cleaned_data["grading"].partition(":")
        return Scores(**said, measured=measured)


class TakenForm(forms.Form):
    """Goes with files that are sent without the camera page."""

    taken_on = day_field("Taken on", required=False, help_text="For files that do not say so themselves.")


class DecideForm(forms.Form):
    """Why it ends so. `looks`: only what it would mean is asked, so that the reasons may be missing still."""

    decision_reason = forms.CharField(
        label="Why", widget=UnfoldAdminTextareaWidget({"rows": 2}), max_length=1000,
        help_text="Kept with the review and in the plan's history, with your name.",
        error_messages={"required": "Write why the review ends like this."},
    )  # fmt: skip
    missing_views_reason = forms.CharField(
        label="Why views are missing", widget=UnfoldAdminTextareaWidget({"rows": 2}), max_length=1000,
        error_messages={"required": "Write why these views are missing, or take them first."},
    )  # fmt: skip

    def __init__(self, post: Any = None, *, missing: Sequence[View], looks: bool = False) -> None:
        super().__init__(post)
        self.looks = looks
        if missing:
            titles = ", ".join(view.title for view in missing)
            self.fields["missing_views_reason"].help_text = f"Missing: {titles}."
        else:
            del self.fields["missing_views_reason"]

    def full_clean(self) -> None:
        super().full_clean()
        if self.looks:
            self.errors.clear()


def _initial(review: Review) -> dict[str, Any]:
    found = {name: getattr(review, name) for name in SCORES}
    if review.scale and review.scale != ScaleKind.SALT:
        found["grading"] = f"{review.scale}:{review.grade}"
    return found


def _signed(number: int) -> str:
    return f"−{-number}" if number < 0 else f"+{number}" if number else "0"
