"""Forms of a letter's wording: what it says, whom it is tried on, and how the preview looks."""

from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

LONGEST_SUBJECT, LONGEST_BODY, LONGEST_NOTE = 200, 8000, 200


class SourceField(forms.CharField):
    """What was typed, line for line: nothing is stripped, so that "line 3" is the line 3 on the screen."""

    def __init__(self, **more: Any) -> None:
        super().__init__(strip=False, **more)

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value) or ""
        return typed.replace("\r\n", "\n").replace("\r", "\n")


class WordingForm(forms.Form):
    """The letter, and everything around it that is sent along: a preview knows whom to preview."""

    subject = forms.CharField(
        max_length=LONGEST_SUBJECT, widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "data-source": ""}),
        help_text="Seen on locked phones: no treatment, no diagnosis.",
        error_messages={"required": "Write a subject: a mail without one looks like a swindle."},
    )  # fmt: skip
    body = SourceField(
        max_length=LONGEST_BODY, widget=forms.Textarea({"class": "c-source", "rows": 22, "spellcheck": "true"}),
        label="Letter", error_messages={"required": "Write the letter."},
    )  # fmt: skip
    note = forms.CharField(
        label="What is different, and why", max_length=LONGEST_NOTE, required=False,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        help_text="For your colleagues; stands in the history.",
    )  # fmt: skip
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    words = forms.CharField(
        label="Find a patient", max_length=100, required=False,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "type": "search", "placeholder": "Part of a name"}),
    )  # fmt: skip
    patient = forms.UUIDField(required=False)
    dark = forms.BooleanField(required=False)

    def __init__(self, *args: Any, language: str, is_rtl: bool, **more: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **more})
        for name in ("subject", "body"):
            direction = {"lang": language, "dir": "rtl" if is_rtl else "auto"}
            self.fields[name].widget.attrs.update({**direction, "aria-describedby": f"id_{name}_faults"})

    @property
    def source(self) -> tuple[str, str]:
        """Subject and body as typed so far, faulty or not: a preview is asked for half a sentence too."""
        if not self.is_bound:
            return str(self.initial.get("subject", "")), str(self.initial.get("body", ""))
        body = self.fields["body"]
        assert isinstance(body, SourceField)
        return str(self["subject"].value() or "").strip(), body.to_python(self["body"].value())[:LONGEST_BODY]


class RestoreForm(forms.Form):
    note = forms.CharField(
        label="Why", max_length=LONGEST_NOTE, widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
        error_messages={"required": "Write why this version is used again."},
    )  # fmt: skip
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class SeenForm(forms.Form):
    """Which version was in use when the question was asked."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
