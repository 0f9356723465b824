"""Forms around appointments: with whom and when to look, what to book, why to move or cancel."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from clinic.models import Practitioner, Room
from clinic.rules.local_time import at_local
from patients.forms import DayInput
from plans.forms.wishes import TokenField, VersionField, tell_field
from plans.queries.booking_story import BookingStory
from plans.rules.states import AskedBy

FAR = timedelta(days=730)
SHORTEST, LONGEST = 5, 480
NOT_WORKING = "This person does not work here any more: choose somebody else."
NOT_USED = "This room cannot be used any more: choose another one."


class TimeInput(UnfoldAdminTextInputWidget):  # type: ignore[misc]  # Unfold is not typed
    """The browser's own clock."""

    input_type = "time"
    template_name = "django/forms/widgets/time.html"

    def format_value(self, value: object) -> str | None:
        return f"{value:%H:%M}" if isinstance(value, time) else cast("str | None", value)


class SlotForm(forms.Form):
    """With whom, where, on which day and for how long."""

    practitioner = forms.ModelChoiceField(
        label="With", queryset=Practitioner.objects.none(), empty_label=None, widget=UnfoldAdminSelectWidget()
    )
    room = forms.ModelChoiceField(
        label="Room", queryset=Room.objects.none(), required=False, empty_label="No room",
        widget=UnfoldAdminSelectWidget(),
    )  # fmt: skip
    day = forms.DateField(label="Day", widget=DayInput())
    minutes = forms.IntegerField(
        label="Minutes", min_value=SHORTEST, max_value=LONGEST, widget=UnfoldAdminIntegerFieldWidget()
    )

    slot_fields = ("practitioner", "room", "day", "minutes")

    def __init__(self, *args: Any, story: BookingStory, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.story = story
        people, rooms = [one.pk for one in story.practitioners], [one.pk for one in story.rooms]
        _choose(self.fields["practitioner"], Practitioner.objects.filter(pk__in=people), NOT_WORKING)
        _choose(self.fields["room"], Room.objects.filter(pk__in=rooms), NOT_USED)

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if not self.story.today <= day <= self.story.today + FAR:
            raise ValidationError("Choose a day from today on, within two years.")
        return day

    def said(self) -> str:
        """What was asked for, as one would put it behind a question mark; the day is left out."""
        room = self.cleaned_data["room"]
        return (
            f"practitioner={self.cleaned_data['practitioner'].pk}&room={room.pk if room else ''}"
            f"&minutes={self.cleaned_data['minutes']}"
        )


class BookingForm(SlotForm):
    """A slot and a time in it: one of the list, or another one written down."""

    time = forms.TimeField(required=False)
    other_time = forms.TimeField(
        label="Another time", required=False, widget=TimeInput(), help_text="Instead of one in the list."
    )
    tell = tell_field()
    token = TokenField()
    override_reason = forms.CharField(
        label="Why it is right all the same", required=False, max_length=200,
        widget=UnfoldAdminTextareaWidget({"rows": 2}), help_text="Kept in the audit with your name.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.slot_fields:
            self.fields[name].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not (cleaned.get("other_time") or cleaned.get("time")) and not self.errors:
            raise ValidationError("Choose a time.", code="time")
        return cleaned

    @property
    def starts(self) -> datetime:
        chosen: time = self.cleaned_data["other_time"] or self.cleaned_data["time"]
        return at_local(self.cleaned_data["day"], chosen, self.story.zone)


class MovingForm(BookingForm):
    reason = forms.CharField(
        label="Why it is moved", max_length=200, widget=UnfoldAdminTextInputWidget(),
        help_text="For example “travels that week”.",
    )  # fmt: skip
    asked_by = forms.ChoiceField(
        choices=[(one.value, one.label) for one in AskedBy], required=False, initial=AskedBy.PATIENT
    )
    version = VersionField()

    def clean_asked_by(self) -> AskedBy | None:
        said = self.cleaned_data["asked_by"]
        return AskedBy(said) if said else None


class CancelForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=200, widget=UnfoldAdminTextInputWidget())
    tell = tell_field()
    token = TokenField()
    version = VersionField()


def _choose(field: forms.Field, rows: Any, otherwise: str) -> None:
    cast("forms.ModelChoiceField[Any]", field).queryset = rows
    field.error_messages["invalid_choice"] = otherwise
