"""The quick booking: a time somebody pointed at, a patient or a new one, and what for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from clinic.models import Practitioner, Room, Staff
from clinic.rules.local_time import at_local, local_day
from patients.forms import DayInput
from patients.operations.patients import PatientDetails
from plans.forms.booking import FAR, LONGEST, NOT_USED, NOT_WORKING, SHORTEST, TimeInput
from plans.forms.wishes import TokenField, tell_field
from plans.queries.calendar_booking import Option, people_of, rooms_of

HALF_AN_HOUR = timedelta(minutes=30)


class QuickBookForm(forms.Form):
    """Where and when. `now` decides what is past; what the time is for comes with the patient."""

    practitioner = forms.ModelChoiceField(
        label="With", queryset=Practitioner.objects.none(), empty_label=None, widget=UnfoldAdminSelectWidget()
    )
    room = forms.ModelChoiceField(
        label="Room", queryset=Room.objects.none(), required=False, empty_label="No room",
        widget=UnfoldAdminSelectWidget(),
    )  # fmt: skip
    day = forms.DateField(label="Day", widget=DayInput())
    time = forms.TimeField(label="Time", widget=TimeInput())
    minutes = forms.IntegerField(
        label="Minutes", min_value=SHORTEST, max_value=LONGEST, required=False,
        widget=UnfoldAdminIntegerFieldWidget({"placeholder": "as usual"}),
    )  # fmt: skip
    token = TokenField()
    tell = tell_field()
    override_reason = forms.CharField(
        label="Why it is right all the same", required=False, max_length=200,
        widget=UnfoldAdminTextareaWidget({"rows": 2}), help_text="Kept in the audit with your name.",
    )  # fmt: skip

    slot = ("practitioner", "room", "day", "time", "minutes")

    def __init__(self, *args: Any, by: Staff, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.people, self.rooms = people_of(by), rooms_of(by)
        several = len({one.location_id for one in self.people}) > 1
        for name, rows, otherwise in (("practitioner", self.people, NOT_WORKING), ("room", self.rooms, NOT_USED)):
            field = cast("forms.ModelChoiceField[Any]", self.fields[name])
            field.queryset = rows
            field.error_messages["invalid_choice"] = otherwise
            if several:
                field.label_from_instance = _with_place  # type: ignore[assignment, method-assign]

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        today = local_day(self.now, self.zone_or_none()) if self.zone_or_none() else day
        if not today <= day <= today + FAR:
            raise ValidationError("Choose a day from today on, within two years.")
        return day

    def zone_or_none(self) -> Any:
        person = self.cleaned_data.get("practitioner")
        return person.location.zone if person else None

    @property
    def starts(self) -> datetime:
        said = self.cleaned_data
        return at_local(said["day"], said["time"], said["practitioner"].location.zone)


class QuickForm(QuickBookForm):
    """For somebody known: one of what can be booked."""

    what = forms.CharField(required=False)

    def choose(self, options: tuple[Option, ...]) -> Option | None:
        """What was ticked of what there is; the error stands at the field."""
        said = self.cleaned_data.get("what", "")
        found = next((one for one in options if one.value == said), None)
        if found is None:
            self.add_error("what", "Choose what to book: what stood here may have been booked meanwhile.")
        return found


class NewcomerForm(QuickBookForm):
    """For somebody new: registered and booked in one go."""

    first_name = forms.CharField(max_length=100, required=False, widget=UnfoldAdminTextInputWidget())
    last_name = forms.CharField(max_length=100, required=False, widget=UnfoldAdminTextInputWidget())
    phone = forms.CharField(max_length=32, required=False, widget=UnfoldAdminTextInputWidget({"type": "tel"}))
    email = forms.CharField(
        label="E-mail", max_length=254, required=False, widget=UnfoldAdminEmailInputWidget(),
        help_text="Without one nothing is mailed: the clinic phones.",
    )  # fmt: skip

    who = ("first_name", "last_name", "phone", "email")

    def details(self) -> PatientDetails:
        return PatientDetails(**{name: self.cleaned_data[name] for name in self.who})


def _with_place(one: Practitioner | Room) -> str:
    return f"{one.name}, {one.location.name}"
