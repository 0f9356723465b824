"""Forms about consent: what was answered and how it was signed, and what is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from django import forms
from django.core.files.base import File
from unfold.widgets import UnfoldAdminTextInputWidget

from patients.forms import day_field
from patients.operations.consents import Answer, Signature
from patients.queries.consents import ConsentStory, TopicLine
from patients.rules.consent_forms import SigningMethod
from patients.rules.consent_signature import MOST_CHARACTERS, Strokes, read_strokes

YES, NO = "yes", "no"
# One character more than is read at all: enough to say that it is too much.
HIDDEN = forms.HiddenInput(attrs={"maxlength": MOST_CHARACTERS + 1})


class SignForm(forms.Form):
    """Yes or no to each topic, one signature for all of them."""

    told_on = day_field("Told and signed on")
    form_version = forms.CharField(
        label="Version on the paper", max_length=40, required=False, widget=UnfoldAdminTextInputWidget(),
        help_text="For the topics the clinic has published no form on.",
    )  # fmt: skip
    method = forms.ChoiceField(
        choices=[(m.value, m.label) for m in SigningMethod],
        error_messages={"required": "Choose how it is signed."},
    )
    signed_name = forms.CharField(
        label="Name of whoever signs", max_length=200, required=False,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off"}),
    )  # fmt: skip
    strokes = forms.CharField(required=False, widget=HIDDEN)
    scan = forms.FileField(required=False)

    def __init__(self, *args: Any, story: ConsentStory, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.story = story
        for line in story.lines:
            answers = [(YES, "Yes"), (NO, "No")]
            self.fields[_answer(line)] = forms.ChoiceField(required=False, choices=answers)
            # The very text that was on the page: another one may be in force by the time this arrives.
            self.fields[_read(line)] = forms.UUIDField(required=False)

    def asked(self) -> Iterator[dict[str, object]]:
        """The topics in the order they are asked, each with what was answered so far."""
        for line in self.story.to_ask:
            field = self[_answer(line)]
            errors = [*field.errors, *self[_read(line)].errors]
            yield {
                "line": line, "name": field.html_name, "answer": field.value(), "reads": _read(line), "errors": errors
            }  # fmt: skip

    def clean_strokes(self) -> Strokes:
        """Only a drawn signature is read: what else lies on the pad was given up."""
        if self.data.get("method") != SigningMethod.DRAWN:
            return ()
        try:
            return read_strokes(self.cleaned_data["strokes"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        method = said.get("method")
        if method == SigningMethod.TYPED and not said.get("signed_name", "").strip():
            self.add_error("signed_name", "Type the name: it stands for the signature.")
        if method == SigningMethod.UPLOADED and not said.get("scan") and "scan" not in self.errors:
            self.add_error("scan", "Choose the photo or scan of the signed form.")
        if not any(said.get(_answer(line)) for line in self.story.lines):
            self.add_error(None, "Choose yes or no for at least one topic.")
        written = [line for line in self.story.lines if said.get(_answer(line)) and line.form is None]
        if written and not said.get("form_version", "").strip():
            self.add_error("form_version", "Write which version of the form the patient read.")
        return said

    def answers(self) -> list[Answer]:
        said = self.cleaned_data
        return [
            Answer(
                line.topic,
                said[_answer(line)] == YES,
                form_id=cast("UUID | None", said[_read(line)]),
                form_version=said["form_version"],
            )
            for line in self.story.lines
            if said[_answer(line)]
        ]

    def signature(self, scan: bytes) -> Signature:
        said = self.cleaned_data
        return Signature(SigningMethod(said["method"]), said["signed_name"], said["strokes"], scan)

    @property
    def uploaded(self) -> File[bytes] | None:
        """The file, when a scan is how it was signed."""
        is_scan = self.cleaned_data["method"] == SigningMethod.UPLOADED
        return cast("File[bytes]", self.cleaned_data["scan"]) if is_scan else None


class WithdrawalForm(forms.Form):
    consent = forms.UUIDField(widget=forms.HiddenInput())
    withdrawn_on = day_field("Withdrawn on")
    reason = forms.CharField(max_length=300, required=False)


def _answer(line: TopicLine) -> str:
    return f"answer-{line.topic.value}"


def _read(line: TopicLine) -> str:
    return f"form-{line.topic.value}"
