"""The three forms of bringing in a table: which file, which column is what, and what to do with refused rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminRadioSelectWidget, UnfoldAdminSelectWidget

from clinic.models import Location, Staff
from clinic.rules.refusal import Refusal
from patients.rules.column_words import TITLES, Column
from patients.rules.identity import DateOrder
from patients.rules.import_report import OnBad
from patients.rules.intake import place_columns

LARGEST = 30_000_000  # bytes; about 300,000 people

ORDERS = {
    "": "Only dates that can be read in one way",
    DateOrder.DMY: "Day first: 31/03/1980",
    DateOrder.MDY: "Month first: 03/31/1980",
    DateOrder.YMD: "Year first: 1980-03-31",
}
HANDLING = {
    OnBad.ALL_OR_NOTHING: "Register nobody while a row is refused",
    OnBad.SKIP_BAD: "Leave refused rows out and register the others",
}


class UploadForm(forms.Form):
    file = forms.FileField(
        label="Table",
        widget=UnfoldAdminFileFieldWidget,
        help_text="A CSV file whose first row names the columns. From a spreadsheet: save as “CSV UTF-8”.",
    )
    location = forms.ModelChoiceField(Location.objects.none(), label="Home location", widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = Location.objects.visible_to(staff).filter(is_active=True)
        field = self.fields["location"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = places
        if len(places) == 1:
            field.initial = places[0].pk

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise ValidationError("The table is larger than 30 MB: cut it in parts, or use manage.py import_patients.")
        return file


class ColumnsForm(forms.Form):
    """One choice per thing we keep; `mapping` holds them once the form is valid."""

    mapping: dict[Column, str]

    def __init__(self, *args: Any, headers: Sequence[str], guess: Mapping[Column, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._headers = headers
        choices = [("", "– not in this table –"), *((header, header) for header in headers)]
        for column in Column:
            self.fields[column.value] = forms.ChoiceField(
                label=TITLES[column],
                choices=choices,
                required=False,
                initial=guess.get(column, ""),
                widget=UnfoldAdminSelectWidget,
            )
        self.fields["date_order"] = forms.ChoiceField(
            label="How the table writes dates",
            choices=list(ORDERS.items()),
            required=False,
            widget=UnfoldAdminSelectWidget,
        )

    def clean(self) -> dict[str, Any]:
        chosen: dict[str, Any] = super().clean() or {}
        self.mapping = {column: chosen[column.value] for column in Column if chosen.get(column.value)}
        try:
            place_columns(self.mapping, self._headers)
        except Refusal as refusal:
            raise ValidationError(refusal.sentence, code=refusal.code) from None
        return chosen


class ConfirmForm(forms.Form):
    on_bad = forms.TypedChoiceField(
        label="Refused rows",
        choices=list(HANDLING.items()),
        coerce=OnBad,
        initial=OnBad.ALL_OR_NOTHING,
        widget=UnfoldAdminRadioSelectWidget,
    )
