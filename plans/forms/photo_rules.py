"""The form of a location's figures: one number for each, with its meaning, its bounds and the house's own beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from plans.rules.photo_figures import FIGURES, PAIR_FIGURES, PHOTO_FIGURES, Figure, fault


@dataclass(frozen=True, slots=True)
class FigureLine:
    """`value` is what is set, `usual` the house's own, both as people read them."""

    figure: Figure
    field: BoundField
    value: float
    usual: float

    @property
    def is_own(self) -> bool:
        return self.value != self.usual


class PhotoRulesForm(forms.Form):
    def __init__(self, *args: Any, figures: Mapping[str, float], **kwargs: Any) -> None:
        self.figures = figures
        initial = {one.name: one.shown(figures[one.name]) for one in FIGURES}
        super().__init__(*args, **{"initial": initial, **kwargs})
        for one in FIGURES:
            self.fields[one.name] = _field(one)

    def groups(self) -> Iterator[tuple[str, str, list[FigureLine]]]:
        """Title, one sentence, and the lines."""
        yield "A photo is weak", "Said at the moment it is taken, and wherever it is shown.", self._lines(PHOTO_FIGURES)
        yield "A pair is hard to compare", "Said where two photos stand side by side.", self._lines(PAIR_FIGURES)

    def _lines(self, figures: tuple[Figure, ...]) -> list[FigureLine]:
        return [
            FigureLine(one, self[one.name], one.shown(self.figures[one.name]), one.shown(one.usual)) for one in figures
        ]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors and (found := fault(self.wanted())):
            self.add_error(found[0], found[1])
        return said

    def wanted(self) -> dict[str, float]:
        """What was typed, as it is stored."""
        return {one.name: one.stored(self.cleaned_data[one.name]) for one in FIGURES}


def house_values() -> dict[str, str]:
    """The house's own figures, as the form sends them."""
    return {one.name: f"{one.shown(one.usual):g}" for one in FIGURES}


def _field(figure: Figure) -> forms.FloatField:
    wrong = f"Choose between {figure.least:g} and {figure.most:g}."
    words = {"required": "Give a number.", "invalid": "Give a number.", "min_value": wrong, "max_value": wrong}
    return forms.FloatField(
        label=figure.label,
        min_value=figure.least,
        max_value=figure.most,
        step_size=1 if figure.is_whole else None,
        error_messages={**words, "step_size": "Give a whole number."},
    )
