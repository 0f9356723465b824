"""The assessment as a form: the loss and its figures, what weighs in, what speaks against it and since when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django import forms
from unfold.widgets import (
    CHECKBOX_CLASSES,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanWidget,
)

from patients.forms import DayInput
from patients.models import Assessment
from patients.models.facts import contraindications_found
from patients.rules.clearing import Found, Standing, standing, standing_words, why_not_last_on, why_not_recheck_on
from patients.rules.contraindications import CONTRAINDICATIONS, Contraindication, Strength
from patients.rules.figures import SALT_AREAS, Figures, Meaning, faults, meanings
from patients.rules.scalp import SCALE_GRADES, SHEDDING_GRADES, HairLossType, ScaleKind, grade_of

FLAGS = (
    "poor_response_to_prp", "long_standing_smooth", "too_young_for_transplant", "scalp_inflammation", "severe_scarring",
    "nutritional_gap", "underlying_condition", "dermatologist_agreed",
)  # fmt: skip
TEXTS = ("medicines", "allergies", "blood_tests", "scalp_health", "notes")
FIGURES = ("shed_per_day", "shedding_scale", "pull_test_hairs", *SALT_AREAS)
STRENGTHS = (
    (Strength.ABSOLUTE, "never treated"),
    (Strength.TEMPORARY, "not until it has passed"),
    (Strength.RELATIVE, "only with a written reason"),
    (Strength.CAUTION, "holds nothing up"),
)


def figure_field(label: str, help_text: str = "") -> forms.IntegerField:
    """A count. Its bounds are the rules', which say more than "too large"."""
    widget = UnfoldAdminIntegerFieldWidget({"min": "0", "inputmode": "numeric"})
    return forms.IntegerField(label=label, required=False, help_text=help_text, widget=widget)


class GradeField(forms.ChoiceField):
    """Scale and grade in one choice, "ludwig:II": nobody can choose a grade of another scale."""

    def validate(self, value: str) -> None:
        scale, _, grade = value.partition(":")
        if not value:
            return
        if scale not in set(ScaleKind):
            raise forms.ValidationError(f"“{scale}” is not a scale this program knows.")
        if scale == ScaleKind.SALT:
            raise forms.ValidationError("SALT is worked out from its four areas: give what is lost in each.")
        try:
            grade_of(ScaleKind(scale), grade)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


def grade_choices() -> list[tuple[str, Any]]:
    by_scale = [
        (scale.label, [(f"{scale.value}:{one.code}", f"{one.code} – {one.words}") for one in grades.values()])
        for scale, grades in SCALE_GRADES.items()
        if scale is not ScaleKind.SALT
    ]
    return [("", "Not graded"), *by_scale]


@dataclass(frozen=True, slots=True)
class Tick:
    """One contraindication as the page offers it: ticked or not, and the day that goes with it."""

    row: Contraindication
    is_ticked: bool
    only_for: str
    day: forms.BoundField | None
    words: str
    is_cleared: bool


class AssessmentForm(forms.ModelForm[Assessment]):
    """`today` is the clinic's day: it bounds the days, and says what is cleared already."""

    hair_loss_type = forms.ChoiceField(
        label="Kind of hair loss", choices=lambda: [("", "Choose"), *((t.value, t.label) for t in HairLossType)],
        widget=UnfoldAdminSelectWidget(),
    )  # fmt: skip
    grading = GradeField(label="Grade", choices=grade_choices, required=False, widget=UnfoldAdminSelectWidget())
    shedding_scale = forms.TypedChoiceField(
        label="Sinclair shedding scale", required=False, coerce=int, empty_value=None, widget=UnfoldAdminSelectWidget(),
        choices=lambda: [("", "Not asked"), *((n, f"{n} – {words}") for n, words in SHEDDING_GRADES.items())],
        error_messages={"invalid_choice": "The shedding scale goes from 1 to 6, not %(value)s."},
    )  # fmt: skip
    shed_per_day = figure_field("Hairs shed a day")
    pull_test_hairs = figure_field("Pull test, hairs per pull")
    salt_top = figure_field("Top, %")
    salt_back = figure_field("Back, %")
    salt_left = figure_field("Left, %")
    salt_right = figure_field("Right, %")
    contraindications = forms.MultipleChoiceField(
        required=False, choices=lambda: [(row.code, row.label) for row in CONTRAINDICATIONS.values()]
    )

    class Meta:
        model = Assessment
        fields = ("hair_loss_type", *FIGURES, *FLAGS, "contraindications", *TEXTS)
        labels = {
            "poor_response_to_prp": "PRP alone did little", "severe_scarring": "Severe scarring",
            "too_young_for_transplant": "Too young for a transplant", "nutritional_gap": "A nutritional gap",
            "underlying_condition": "An underlying condition", "dermatologist_agreed": "The dermatologist agreed",
        }  # fmt: skip
        widgets = {
            **{name: UnfoldBooleanWidget() for name in FLAGS},
            **{name: UnfoldAdminTextareaWidget({"rows": 2}) for name in TEXTS},
        }

    is_checked = False
    tick_class = " ".join(CHECKBOX_CLASSES)

    def __init__(self, post: Any = None, *, today: date, before: Assessment | None = None) -> None:
        super().__init__(post, initial=_initial(before) if before else {})
        self.today = today
        for name in FIGURES:
            self.fields[name].widget.attrs["aria-describedby"] = f"means-{name}"
        for code, (name, label) in DAYS.items():
            field = forms.DateField(label=label, required=False, widget=DayInput())
            field.widget.attrs["aria-label"] = f"{CONTRAINDICATIONS[code].label}: {label.lower()}"
            self.fields[f"{name}-{code}"] = field

    # -- what the page shows ------------------------------------------------------------------------------------
    def flags(self) -> list[forms.BoundField]:
        return [self[name] for name in FLAGS]

    def salt(self) -> list[forms.BoundField]:
        return [self[name] for name in SALT_AREAS]

    def salt_is_used(self) -> bool:
        return any(self[name].value() not in (None, "") or self[name].errors for name in SALT_AREAS)

    def meanings(self) -> dict[str, Meaning]:
        """What each figure says, by field; also of figures that were typed but not saved."""
        read = meanings(Figures(**{name: _whole(self[name].value()) for name in FIGURES}))
        # To look is not to check. After checking, the field itself says what is wrong.
        said = self.errors if self.is_checked else {}
        return {name: meaning for name, meaning in read.items() if name not in said}

    def groups(self) -> Iterator[tuple[Strength, str, list[Tick]]]:
        """The table by strength, gravest first, each with what the strength means."""
        for kind, words in STRENGTHS:
            yield kind, words, [self._tick(row) for row in CONTRAINDICATIONS.values() if row.strength is kind]

    def _tick(self, row: Contraindication) -> Tick:
        ticked = row.code in cast("Sequence[str]", self["contraindications"].value() or ())
        day = self[f"{DAYS[row.code][0]}-{row.code}"] if row.code in DAYS else None
        found = Found(row.code, **{DAYS[row.code][0]: _day(day.value())}) if day else Found(row.code)
        return Tick(
            row=row,
            is_ticked=ticked,
            only_for=_only_for(row),
            day=day,
            words=standing_words(found, self.today) if ticked and day and day.value() else "",
            is_cleared=ticked and standing(found, self.today) is Standing.CLEARED,
        )

    # -- what was sent ------------------------------------------------------------------------------------------
    def clean(self) -> dict[str, Any]:
        self.is_checked = True
        cleaned = super().clean() or self.cleaned_data
        scale, _, grade = cleaned.get("grading", "").partition(":")
        self.instance.scale, self.instance.grade = scale, grade
        for name, sentence in faults(Figures(**{name: cleaned.get(name) for name in FIGURES})).items():
            if not self.has_error(name):
                self.add_error(name, sentence)
        self.instance.contraindication_dates = {code: days for code, days in self._days(cleaned) if days}
        return cleaned

    def _days(self, cleaned: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
        """The days of what is ticked; a day left behind by what was unticked is dropped."""
        for code in cleaned.get("contraindications", ()):
            if code not in DAYS:
                continue
            name = DAYS[code][0]
            day = cleaned.get(f"{name}-{code}")
            found = Found(code, **{name: day})
            if sentence := why_not_last_on(found, self.today) or why_not_recheck_on(found, self.today):
                self.add_error(f"{name}-{code}", sentence)
            yield code, {name: day.isoformat()} if day else {}


def _day_asked(row: Contraindication) -> tuple[str, str] | None:
    if row.clears_after:
        return "last_on", f"Last time (clears after {row.clears_after})"
    return ("recheck_on", "Look again on") if row.may_recheck else None


# Which day goes with which contraindication: the last time where arithmetic clears it, else the day to look again.
DAYS = {row.code: asked for row in CONTRAINDICATIONS.values() if (asked := _day_asked(row))}


def _initial(before: Assessment) -> dict[str, Any]:
    """The newest assessment as a start. Notes belong to their own day and are not carried on."""
    names = ("hair_loss_type", *FIGURES, *FLAGS, "contraindications", *TEXTS)
    initial = {name: getattr(before, name) for name in names if name != "notes"}
    if before.scale and before.scale != ScaleKind.SALT:
        initial["grading"] = f"{before.scale}:{before.grade}"
    for found in contraindications_found(before):
        if asked := DAYS.get(found.code):
            initial[f"{asked[0]}-{found.code}"] = getattr(found, asked[0])
    return initial


def _only_for(row: Contraindication) -> str:
    if len(row.modalities) > 1:
        return ""
    words = {"prp": "PRP", "exosome": "exosomes"}
    return f"Only for {words[next(iter(row.modalities))]}."


def _whole(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None


def _day(value: object) -> date | None:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
