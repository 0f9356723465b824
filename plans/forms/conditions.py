"""How the photos of one set were taken: asked once, and what makes them comparable with the set before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from patients.forms import day_field
from plans.models import Photo, Review
from plans.operations.photos import PhotoConditions
from plans.rules.wording import day_words

FLASH = (("", "Not said"), ("False", "Without flash"), ("True", "With flash"))


class Then(Protocol):
    @property
    def before(self) -> Photo | None: ...


class Asks(Protocol):
    """What the form has to know of a review: how `last` was taken is offered again, else the first of the baseline."""

    @property
    def review(self) -> Review: ...
    @property
    def today(self) -> date: ...
    @property
    def last(self) -> Photo | None: ...
    @property
    def pairs(self) -> Sequence[Then]: ...


class ConditionsForm(forms.Form):
    """The same for all photos of one sending. Prefilled from the last set: that is what makes them comparable."""

    parting = forms.CharField(
        max_length=60, required=False, widget=UnfoldAdminTextInputWidget({"placeholder": "centre, 1 cm wide"})
    )
    lighting = forms.CharField(
        max_length=60, required=False, widget=UnfoldAdminTextInputWidget({"placeholder": "ring lamp, from above"})
    )
    flash = forms.TypedChoiceField(
        choices=FLASH, required=False, empty_value=None, coerce=lambda said: said == "True",
        widget=UnfoldAdminSelectWidget(),
    )  # fmt: skip
    distance_cm = forms.IntegerField(
        label="Distance, cm", required=False, min_value=1, max_value=300, widget=UnfoldAdminIntegerFieldWidget()
    )
    hair_length_cm = forms.DecimalField(
        label="Hair length, cm", required=False, min_value=Decimal(0), max_value=200, max_digits=4, decimal_places=1,
        widget=UnfoldAdminDecimalFieldWidget(),
    )  # fmt: skip
    last_dyed_on = day_field("Last dyed on", required=False)
    product = forms.CharField(
        label="Product in the hair", max_length=60, required=False,
        widget=UnfoldAdminTextInputWidget({"placeholder": "none"}),
    )  # fmt: skip
    is_wet = forms.BooleanField(label="The hair is wet", required=False, widget=UnfoldBooleanWidget())

    def __init__(self, post: Mapping[str, Any] | None = None, *, story: Asks) -> None:
        last = story.last or next((pair.before for pair in story.pairs if pair.before), None)
        is_own = last is not None and last.review_id == story.review.pk
        super().__init__(post, initial=_as_last_time(last, is_own=is_own))
        self.today = story.today
        self.fields["last_dyed_on"].widget.attrs["max"] = story.today.isoformat()
        if last and not is_own:
            for name, words in _last_time_in_words(last).items():
                self.fields[name].help_text = words

    def clean_last_dyed_on(self) -> date | None:
        day: date | None = self.cleaned_data["last_dyed_on"]
        if day and day > self.today:
            raise ValidationError("This day is still to come.")
        return day

    def conditions(self) -> PhotoConditions:
        return PhotoConditions(**self.cleaned_data)


def _as_last_time(photo: Photo | None, *, is_own: bool) -> dict[str, Any]:
    """What the photographer does again; what months change in the hair is asked again, beside what it was."""
    if photo is None:
        return {}
    again = ("is_wet", "parting", "lighting", "flash", "distance_cm")
    names = (*again, "hair_length_cm", "last_dyed_on", "product") if is_own else again
    return {name: getattr(photo, name) for name in names}


def _last_time_in_words(photo: Photo) -> dict[str, str]:
    said = {
        "hair_length_cm": f"{photo.hair_length_cm.normalize():f} cm" if photo.hair_length_cm is not None else "",
        "last_dyed_on": day_words(photo.last_dyed_on) if photo.last_dyed_on else "",
        "product": photo.product,
    }
    return {name: f"Last time: {words}." for name, words in said.items() if words}
