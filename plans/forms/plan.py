"""Forms of a plan: choosing, activating, stopping, and asking what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from patients.forms import day_field
from plans.queries.plan_choice import ProtocolCard
from plans.rules.course import Component
from plans.rules.protocol_check import why_not_start

FAR = timedelta(days=3660)


class PlanForm(forms.Form):
    """A protocol's own numbers, to be changed within what it allows."""

    starts_on = day_field("First session from")

    def __init__(self, *args: Any, card: ProtocolCard, today: date, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.components = today, card.components
        for part in self.components:
            self.fields[_count(part)] = forms.IntegerField(
                label=f"Sessions of {part.modality.label}", min_value=part.sessions_min, max_value=part.sessions_max,
                initial=part.sessions_usual, help_text=_range_words(part), widget=UnfoldAdminIntegerFieldWidget(),
                error_messages=dict.fromkeys(("min_value", "max_value"), _range_words(part)),
            )  # fmt: skip
        self.fields["price"] = forms.DecimalField(
            label=f"Price of the course, {currency}", required=False, min_value=0, max_digits=10, decimal_places=2,
            initial=card.protocol.price, widget=UnfoldAdminDecimalFieldWidget(),
        )  # fmt: skip

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if sentence := why_not_start(day, self.today):
            raise ValidationError(sentence)
        return day

    def counts(self) -> dict[str, int]:
        return {part.key: self.cleaned_data[_count(part)] for part in self.components}


def _count(part: Component) -> str:
    return f"count-{part.key}"


def _range_words(part: Component) -> str:
    if part.sessions_min == part.sessions_max:
        return f"This protocol has {part.sessions_min}."
    return f"This protocol has {part.sessions_min} to {part.sessions_max}, usually {part.sessions_usual}."


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Why", widget=UnfoldAdminTextareaWidget({"rows": 3}))


class ActivationForm(forms.Form):
    override_reason = forms.CharField(
        label="Why you go on all the same", required=False, widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text="Kept with the plan and in the audit, with your name.",
    )  # fmt: skip


class QuestionForm(forms.Form):
    """ "May I dye my hair on Friday?" """

    on = day_field("On")

    def __init__(self, *args: Any, acts: Sequence[tuple[str, str]], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["act"] = forms.ChoiceField(label="What", choices=acts, widget=UnfoldAdminSelectWidget())
        self.order_fields(["act", "on"])

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if abs(day - self.today) > FAR:
            raise ValidationError("Ask for a day within ten years.")
        return day
