"""Fields a protocol is written with: lengths of time as people state them, and short lines of text."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from clinic.rules.spans import Span


class SpanFormField(forms.CharField):
    """Takes "4 weeks", gives a `Span`, or None where it may stay empty."""

    def __init__(self, **more: Any) -> None:
        more.setdefault("error_messages", {"required": "Say how long: for example “4 weeks”."})
        super().__init__(widget=UnfoldAdminTextInputWidget({"placeholder": "4 weeks"}), **more)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return Span.parse(text)
        except ValueError as error:
            raise ValidationError(str(error), code="span") from error


def span_field(label: str, *, required: bool = True, **more: Any) -> SpanFormField:
    return SpanFormField(label=label, required=required, **more)


def line_field(label: str, length: int, *, required: bool = True, names: str = "", **more: Any) -> forms.CharField:
    """One line of text. `names` is the list of suggestions it is filled from."""
    widget = UnfoldAdminTextInputWidget({"list": names} if names else {})
    return forms.CharField(label=label, max_length=length, required=required, widget=widget, **more)


def text_field(label: str, *, required: bool = True, rows: int = 2, **more: Any) -> forms.CharField:
    widget = UnfoldAdminTextareaWidget({"rows": rows})
    return forms.CharField(label=label, required=required, widget=widget, **more)


def number_field(label: str, **more: Any) -> forms.IntegerField:
    words = {"required": "Give a number.", "invalid": "Give a whole number."}
    return forms.IntegerField(label=label, widget=UnfoldAdminIntegerFieldWidget(), error_messages=words, **more)


def choice_field(label: str, choices: Any, *, required: bool = True, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=required, widget=UnfoldAdminSelectWidget(), **more)


def tick_field(label: str, **more: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, widget=UnfoldBooleanWidget(), **more)
