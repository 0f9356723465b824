"""Forms about people: who they are."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from django import forms
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from clinic.models import Location, Staff
from patients.models import Language, Patient, Sex
from patients.operations.patients import PatientDetails


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
