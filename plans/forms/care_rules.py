"""Forms of a care rule: what it says and where, and whether it is published for plans under way too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django import forms
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from clinic.rules.spans import Span, Unit
from plans.queries.care_rules import RuleStory
from plans.rules.course import CarePhase, CareRule
from plans.rules.protocol_check_care import care_faults

LONGEST = 999
UNITS = [(unit.value, unit.value) for unit in Unit]
_FIELD_OF = {"starts": "starts_number", "ends": "ends_number"}


def _number() -> forms.IntegerField:
    words = f"Write a whole number between 0 and {LONGEST}, or nothing."
    return forms.IntegerField(
        required=False, min_value=0, max_value=LONGEST, widget=UnfoldAdminIntegerFieldWidget(),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), words),
    )  # fmt: skip


class CareRuleForm(forms.Form):
    """One rule for the protocols that are ticked. What it is about, and for whom, stays as it is."""

    text = forms.CharField(
        label="What the patient reads", max_length=400, widget=UnfoldAdminTextareaWidget({"rows": 2})
    )
    starts_number = _number()
    starts_unit = forms.ChoiceField(label="Unit", choices=UNITS, widget=UnfoldAdminSelectWidget())
    ends_number = _number()
    ends_unit = forms.ChoiceField(label="Unit", choices=UNITS, widget=UnfoldAdminSelectWidget())
    ongoing = forms.BooleanField(label="Goes on for good", required=False, widget=UnfoldBooleanWidget())
    in_force = forms.BooleanField(label="In force", required=False, widget=UnfoldBooleanWidget())
    source = forms.CharField(
        label="Source", max_length=120, widget=UnfoldAdminTextInputWidget(),
        help_text="Who says so: a key of the list below, OWNER, or the name of a guideline.",
    )  # fmt: skip
    protocols = forms.MultipleChoiceField(
        label="In these protocols", widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Tick at least one protocol.", "invalid_choice": "One of these protocols was "
                        "replaced meanwhile: look at the rule again."},
    )  # fmt: skip

    def __init__(self, *args: Any, story: RuleStory, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "initial": _initial(story)})
        self.story = story
        before = story.rule.phase is CarePhase.PRE
        names = (
            ("Begins before the session", "Ends before the session") if before else ("Begins after it", "Ends after it")
        )
        helps = (
            ("Empty: from booking on.", "Empty: with the session.") if before
            else ("Empty: with the session's end.", "Empty: no end is set.")
        )  # fmt: skip
        for name, label, words in zip(("starts_number", "ends_number"), names, helps, strict=True):
            self.fields[name].label, self.fields[name].help_text = label, words
        # The number somebody comes here to change: typing begins at once. The page shows itself only when its scripts
        # run, which is too late for the browser's own way of doing this.
        first = "starts_number" if before else "ends_number"
        self.fields[first].widget.attrs["x-init"] = "$nextTick(() => $el.select())"
        if before:
            del self.fields["ongoing"]
        choices = [(str(one.protocol.pk), one.protocol.title) for one in story.standings]
        field = self.fields["protocols"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors:
            for fault in care_faults([self.rule()]):
                name = fault.place.rpartition(".")[2]
                if name != "conflicts_with":  # it names a rule of the protocol, which is not here
                    self.add_error(_FIELD_OF.get(name, name), fault.sentence)
        return self.cleaned_data

    def rule(self) -> CareRule:
        said = self.cleaned_data
        return replace(
            self.story.rule,
            text=said["text"].strip(),
            source=said["source"].strip(),
            starts=_span(said, "starts"),
            ends=_span(said, "ends"),
            ongoing=said.get("ongoing", False),
            in_force=said["in_force"],
        )

    def protocol_ids(self) -> list[UUID]:
        return [UUID(pk) for pk in self.cleaned_data["protocols"]]


class PublishForm(forms.Form):
    with_plans = forms.TypedChoiceField(
        label="For whom", choices=[("yes", "Plans under way too"), ("no", "Only new plans")], initial="yes",
        coerce=lambda value: value == "yes", widget=forms.RadioSelect,
    )  # fmt: skip
    reason = forms.CharField(
        label="Why", max_length=400, widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text="Stands in the audit and in the history of every plan that changes.",
        error_messages={"required": "Write why the rule changes."},
    )  # fmt: skip


def _initial(story: RuleStory) -> dict[str, Any]:
    rule = story.rule
    return {
        "text": rule.text,
        "source": rule.source,
        "ongoing": rule.ongoing,
        "in_force": rule.in_force,
        "protocols": [str(one.protocol.pk) for one in story.standings],
        **_parts("starts", rule.starts),
        **_parts("ends", rule.ends),
    }


def _parts(name: str, span: Span | None) -> Mapping[str, Any]:
    usual = {f"{name}_unit": Unit.WEEKS.value if name == "ends" else Unit.DAYS.value}
    return {f"{name}_number": span.number, f"{name}_unit": span.unit.value} if span else usual


def _span(said: Mapping[str, Any], name: str) -> Span | None:
    number = said[f"{name}_number"]
    return None if number is None else Span(number, Unit(said[f"{name}_unit"]))
