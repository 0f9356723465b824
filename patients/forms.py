"""Forms about people: who they are, what was found, what they agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from unfold.widgets import (
    CHECKBOX_CLASSES,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from clinic.models import Location, Staff
from patients.models import AreaFinding, Assessment, Language, Patient, Sex
from patients.operations.patients import PatientDetails
from patients.rules.consent import ConsentTopic
from patients.rules.contraindications import CONTRAINDICATIONS, Contraindication, Strength
from patients.rules.scalp import (
    SCALE_GRADES,
    SHEDDING_GRADES,
    Grade,
    HairLossType,
    ScaleKind,
    ScalpArea,
    Severity,
    Viability,
    ViabilityMethod,
)

Choices = list[tuple[str, Any]]
TICK = " ".join(CHECKBOX_CLASSES)


class DayInput(UnfoldAdminTextInputWidget):  # type: ignore[misc]  # Unfold is not typed
    """The browser's own date picker: keyboard, phone and screen reader know it."""

    input_type = "date"
    template_name = "django/forms/widgets/date.html"

    def format_value(self, value: object) -> str | None:
        return value.isoformat() if isinstance(value, date) else cast("str | None", value)


def day_field(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    return forms.DateField(label=label, required=required, help_text=help_text, widget=DayInput())


class PatientForm(forms.Form):
    first_name = forms.CharField(max_length=100, required=False, widget=UnfoldAdminTextInputWidget())
    last_name = forms.CharField(max_length=100, required=False, widget=UnfoldAdminTextInputWidget())
    birth_date = day_field("Birth date", required=False)
    sex = forms.ChoiceField(choices=Sex.choices, required=False, widget=UnfoldAdminSelectWidget())
    phone = forms.CharField(max_length=32, required=False, widget=UnfoldAdminTextInputWidget({"type": "tel"}))
    email = forms.CharField(
        label="E-mail", max_length=254, required=False, widget=UnfoldAdminEmailInputWidget(),
        help_text="Without one nothing is mailed: the clinic phones.",
    )  # fmt: skip
    language = forms.ChoiceField(choices=Language.choices, initial=Language.ENGLISH, widget=UnfoldAdminSelectWidget())
    alert = forms.CharField(
        max_length=200, required=False, widget=UnfoldAdminTextInputWidget(),
        help_text="Seen on every page and every appointment: an allergy, a hearing aid, a needle fear.",
    )  # fmt: skip
    wants_appointment_mail = forms.BooleanField(
        label="Mails about appointments", required=False, initial=True, widget=UnfoldBooleanWidget()
    )
    wants_care_mail = forms.BooleanField(
        label="Mails about care before and after", required=False, initial=True, widget=UnfoldBooleanWidget()
    )
    wants_review_mail = forms.BooleanField(
        label="Invitations to reviews", required=False, initial=True, widget=UnfoldBooleanWidget()
    )

    who = ("first_name", "last_name", "birth_date", "sex")
    reach = ("phone", "email", "language")
    mails = ("wants_appointment_mail", "wants_care_mail", "wants_review_mail")

    def details(self) -> PatientDetails:
        return PatientDetails(**{name: self.cleaned_data[name] for name in PatientDetails.__slots__})

    @staticmethod
    def initial_of(patient: Patient) -> dict[str, Any]:
        return {name: getattr(patient, name) for name in PatientDetails.__slots__}


class NewPatientForm(PatientForm):
    location = forms.ModelChoiceField(
        label="Comes to", queryset=Location.objects.none(), empty_label=None, widget=UnfoldAdminSelectWidget()
    )
    knowingly = forms.BooleanField(
        label="This is another person: register anyway", required=False, widget=UnfoldBooleanWidget()
    )

    def __init__(self, *args: Any, by: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Location.objects.visible_to(by).filter(is_active=True)
        cast("forms.ModelChoiceField[Location]", self.fields["location"]).queryset = places


def _choices(kind: Any, empty: str) -> Choices:
    return [("", empty), *((item.value, item.label) for item in kind)]


def _grade_choices() -> Choices:
    """Grades under their scale: nobody can choose a grade of another scale."""
    by_scale = [
        (scale.label, [_grade_choice(scale, grade) for grade in grades.values()])
        for scale, grades in SCALE_GRADES.items()
    ]
    return [("", "Not graded"), *by_scale]


def _grade_choice(scale: ScaleKind, grade: Grade) -> tuple[str, str]:
    return f"{scale.value}:{grade.code}", f"{grade.code} – {grade.words}"


FLAGS = (
    "poor_response_to_prp", "long_standing_smooth", "too_young_for_transplant", "scalp_inflammation", "severe_scarring",
    "nutritional_gap", "underlying_condition", "dermatologist_agreed",
)  # fmt: skip
TEXTS = ("medicines", "allergies", "blood_tests", "scalp_health", "notes")


class AssessmentForm(forms.ModelForm[Assessment]):
    grading = forms.ChoiceField(label="Grade", choices=_grade_choices, required=False, widget=UnfoldAdminSelectWidget())
    hair_loss_type = forms.ChoiceField(
        label="Kind of hair loss", choices=lambda: _choices(HairLossType, "Choose"), widget=UnfoldAdminSelectWidget()
    )
    shedding_scale = forms.TypedChoiceField(
        label="Sinclair shedding scale", required=False, coerce=int, empty_value=None, widget=UnfoldAdminSelectWidget(),
        choices=lambda: [("", "Not asked"), *((n, f"{n} – {words}") for n, words in SHEDDING_GRADES.items())],
        help_text="5 and 6 are excessive. Valid for long hair only.",
    )  # fmt: skip
    contraindications = forms.MultipleChoiceField(
        required=False, choices=lambda: [(row.code, row.label) for row in CONTRAINDICATIONS.values()]
    )
    recheck_on = day_field("Look at a passing one again on", required=False)

    class Meta:
        model = Assessment
        fields = (
            "hair_loss_type", "shed_per_day", "shedding_scale", "pull_test_hairs", *FLAGS, "contraindications",
            "recheck_on", *TEXTS,
        )  # fmt: skip
        labels = {
            "shed_per_day": "Hairs shed a day", "pull_test_hairs": "Pull test, hairs",
            "poor_response_to_prp": "PRP alone did little", "severe_scarring": "Severe scarring",
            "too_young_for_transplant": "Too young for a transplant", "nutritional_gap": "A nutritional gap",
            "underlying_condition": "An underlying condition", "dermatologist_agreed": "The dermatologist agreed",
        }  # fmt: skip
        widgets = {
            "shed_per_day": UnfoldAdminIntegerFieldWidget(),
            "pull_test_hairs": UnfoldAdminIntegerFieldWidget(),
            **{name: UnfoldBooleanWidget() for name in FLAGS},
            **{name: UnfoldAdminTextareaWidget({"rows": 2}) for name in TEXTS},
        }

    tick_class = TICK

    def flags(self) -> list[forms.BoundField]:
        return [self[name] for name in FLAGS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        scale, _, grade = cleaned.get("grading", "").partition(":")
        self.instance.scale, self.instance.grade = scale, grade
        return cleaned

    def chosen(self) -> Sequence[str]:
        """Codes ticked, also when the form came back with an error."""
        return cast("Sequence[str]", self["contraindications"].value() or ())


class FindingForm(forms.Form):
    """One scalp area; left alone it was not looked at."""

    thinning = forms.ChoiceField(choices=lambda: _choices(Severity, "–"), required=False)
    bald = forms.BooleanField(label="bald patch", required=False)
    viability = forms.ChoiceField(choices=lambda: _choices(Viability, "–"), required=False)
    method = forms.ChoiceField(label="judged by", choices=lambda: _choices(ViabilityMethod, "–"), required=False)
    miniaturised = forms.BooleanField(label="miniaturised hairs", required=False)
    density = forms.DecimalField(
        label="hairs per cm²", required=False, max_digits=5, decimal_places=1,
        validators=[MinValueValidator(0), MaxValueValidator(1000)],
    )  # fmt: skip
    thickness = forms.DecimalField(
        label="hair diameter in µm", required=False, max_digits=5, decimal_places=1,
        validators=[MinValueValidator(0), MaxValueValidator(500)],
    )  # fmt: skip

    def __init__(self, area: ScalpArea, post: Any = None) -> None:
        super().__init__(post, prefix=area.value)
        self.area = area
        for name, field in self.fields.items():
            field.widget = _cell(field)
            # The column's head is not heard where one types: every field says its area itself.
            field.widget.attrs["aria-label"] = f"{area.label}: {(field.label or name).lower()}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("thinning") and any(value not in ("", None, False) for value in cleaned.values()):
            self.add_error("thinning", "Say how thin it is.")
        return cleaned

    def finding(self) -> AreaFinding | None:
        """Return the unsaved row, None for an area nobody looked at."""
        said = self.cleaned_data
        if not said["thinning"]:
            return None
        return AreaFinding(
            area=self.area,
            thinning=said["thinning"],
            bald=said["bald"],
            viability=said["viability"] or Viability.UNKNOWN,
            method=said["method"] or ViabilityMethod.DISTANCE_ONLY,
            miniaturised=said["miniaturised"],
            density=said["density"],
            thickness=said["thickness"],
        )


def _cell(field: forms.Field) -> forms.Widget:
    if isinstance(field, forms.ChoiceField):
        return cast(forms.Widget, UnfoldAdminSelectWidget(choices=field.choices))
    if isinstance(field, forms.BooleanField):
        return cast(forms.Widget, UnfoldBooleanWidget())
    return cast(forms.Widget, UnfoldAdminDecimalFieldWidget({"step": "0.1", "min": "0"}))


def finding_forms(post: Any = None) -> list[FindingForm]:
    """One form per scalp area, in the table's order."""
    return [FindingForm(area, post) for area in ScalpArea]


def contraindication_groups() -> list[tuple[Strength, str, list[Contraindication]]]:
    """The table by strength, gravest first, each with what the strength means."""
    rows = CONTRAINDICATIONS.values()
    return [(kind, words, [row for row in rows if row.strength is kind]) for kind, words in _STRENGTHS]


_STRENGTHS = (
    (Strength.ABSOLUTE, "never treated"),
    (Strength.TEMPORARY, "not until it has passed"),
    (Strength.RELATIVE, "only with a written reason"),
    (Strength.CAUTION, "holds nothing up"),
)


class ConsentForm(forms.Form):
    tick_class = TICK
    topics = forms.MultipleChoiceField(
        choices=lambda: [(topic.value, topic.label) for topic in ConsentTopic],
        error_messages={"required": "Tick what the patient agreed to."},
    )
    form_version = forms.CharField(
        label="Form", max_length=40, widget=UnfoldAdminTextInputWidget(),
        help_text="Which version the patient read, as printed on it.",
    )  # fmt: skip
    told_on = day_field("Told on")

    def chosen(self) -> Sequence[str]:
        return cast("Sequence[str]", self["topics"].value() or ())


class WithdrawalForm(forms.Form):
    consent = forms.UUIDField(widget=forms.HiddenInput())
    withdrawn_on = day_field("Withdrawn on")
