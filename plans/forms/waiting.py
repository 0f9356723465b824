"""Forms of the waiting list: what somebody who would come earlier asks for, and whom to offer a freed time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from patients.forms import DayInput
from plans.forms.wishes import NOON, WishesForm
from plans.queries.waiting import FreedStory, WishStory
from plans.rules.wishes import Wishes

FAR = timedelta(days=730)


class EarlierForm(WishesForm):
    """The wishes, and from which day on."""

    not_before = forms.DateField(
        label="Not before", required=False, widget=DayInput(), help_text="Left empty: as early as the plan allows."
    )

    def __init__(self, *args: Any, story: WishStory, today: date, **kwargs: Any) -> None:
        asked = {"initial": {**asked_before(story.wishes), "not_before": story.entry and story.entry.not_before}}
        super().__init__(*args, people=story.people, **{**asked, **kwargs})
        self.today = today

    def clean_not_before(self) -> date | None:
        day: date | None = self.cleaned_data["not_before"]
        if day and not self.today <= day <= self.today + FAR:
            raise ValidationError("Choose a day from today on, or none.")
        return day


class OfferForm(forms.Form):
    """Whom to offer it by mail."""

    entry = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, story: FreedStory, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = [(str(fit.entry.pk), fit.entry.patient.name) for fit in story.suits]
        self.fields["entry"].choices = chosen  # type: ignore[attr-defined]

    def clean_entry(self) -> list[UUID]:
        chosen: list[str] = self.cleaned_data["entry"]
        if not chosen:
            raise ValidationError("Tick at least one.")
        return [UUID(one) for one in chosen]


def asked_before(wishes: Wishes) -> dict[str, object]:
    """The wishes as the form's own fields."""
    weekday = [str(one) for one in sorted(wishes.weekdays)]
    return {**_hours(wishes), "days": "on", "weekday": weekday, "who": [str(one) for one in wishes.practitioners]}


def _hours(wishes: Wishes) -> dict[str, object]:
    match wishes.begins, wishes.until:
        case None, None:
            return {"part": "any"}
        case None, until if until == NOON:
            return {"part": "morning"}
        case begins, None if begins == NOON:
            return {"part": "afternoon"}
    return {"part": "between", "begins": wishes.begins, "until": wishes.until}
