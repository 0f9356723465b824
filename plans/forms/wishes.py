"""What the patient would like, asked in the words of the telephone; and what a form that books carries besides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from clinic.models import Practitioner
from plans.rules.wishes import Wishes

NOON = time(12)
PARTS = (("any", "Any time"), ("morning", "Mornings"), ("afternoon", "Afternoons"), ("between", "Between"))
DAYS = (("0", "Mon"), ("1", "Tue"), ("2", "Wed"), ("3", "Thu"), ("4", "Fri"), ("5", "Sat"), ("6", "Sun"))
WHOLE_WEEK = frozenset(range(7))


class WishesForm(forms.Form):
    """Nothing ticked: anything. Days are ticked as those that suit, or as those that do not."""

    part = forms.ChoiceField(choices=PARTS, required=False)
    begins = forms.TimeField(label="from", required=False)
    until = forms.TimeField(label="until", required=False)
    days = forms.ChoiceField(choices=(("on", "Only on"), ("not", "Not on")), required=False)
    weekday = forms.MultipleChoiceField(choices=DAYS, required=False)
    who = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, people: Sequence[Practitioner], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        self.fields["who"].choices = [(str(one.pk), one.name) for one in people]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        begins, until = said.get("begins"), said.get("until")
        if said.get("part") == "between" and begins and until and begins >= until:
            raise ValidationError("“Until” is later than “from”.")
        if said.get("days") == "not" and len(said.get("weekday", ())) == len(WHOLE_WEEK):
            raise ValidationError("Leave at least one day on which it suits.")
        return said

    @property
    def wishes(self) -> Wishes:
        """What was understood; what could not be read was not wished."""
        said = self.cleaned_data if self.is_valid() else {}
        begins, until = _hours(said)
        ticked = frozenset(int(day) for day in said.get("weekday", ()))
        weekdays = WHOLE_WEEK - ticked if ticked and said.get("days") == "not" else ticked
        return Wishes(weekdays, begins, until, frozenset(UUID(one) for one in said.get("who", ())))

    @property
    def part_asked(self) -> str:
        return str(self["part"].value() or "any")

    @property
    def days_asked(self) -> str:
        return str(self["days"].value() or "on")

    def asked(self, **instead: object) -> str:
        """The wishes as one would put them behind a question mark; `instead` replaces some, None leaves one out."""
        query = QueryDict(mutable=True)
        for name in self.fields:
            values = self.data.getlist(name) if isinstance(self.data, QueryDict) else []
            query.setlist(name, [value for value in values if value])
        for name, value in instead.items():
            query.setlist(name, [] if value is None else [str(value)])
        return query.urlencode()


def _hours(said: dict[str, Any]) -> tuple[time | None, time | None]:
    match said.get("part"):
        case "morning":
            return None, NOON
        case "afternoon":
            return NOON, None
        case "between":
            return said.get("begins"), said.get("until")
    return None, None


class TellTick(forms.CheckboxInput):
    """A tick that was not shown counts as ticked: a form from elsewhere tells, as it always did."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> bool:
        values = data.getlist(name) if isinstance(data, QueryDict) else [data[name]] if name in data else []
        return not values or values[-1] == "yes"


def tell_field() -> forms.BooleanField:
    return forms.BooleanField(required=False, initial=True, widget=TellTick())


class TokenField(forms.UUIDField):
    """The token a form was shown with; one that cannot be read is none."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput())

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except ValidationError:
            return None


class VersionField(forms.IntegerField):
    """The version of the row somebody looked at; one that cannot be read is none."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput())

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except ValidationError:
            return None
