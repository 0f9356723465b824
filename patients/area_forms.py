"""The six areas of the scalp, a row of fields each; an area left alone is unaffected."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanWidget

from patients.models import AreaFinding
from patients.rules.scalp import ScalpArea, Severity, Viability, ViabilityMethod

# What an unaffected area cannot have.
LOST = (Viability.MINIATURISED, Viability.NOT_VIABLE)


def _choices(kind: Any, empty: str, *, without: str = "") -> list[tuple[str, str]]:
    return [("", empty), *((item.value, item.label) for item in kind if item.value != without)]


class MethodForm(forms.Form):
    """How viability was judged, for every area that does not say otherwise."""

    judged_by = forms.ChoiceField(
        label="Viability judged by",
        choices=lambda: _choices(ViabilityMethod, "Not said"),
        required=False,
        widget=UnfoldAdminSelectWidget(),
    )


class FindingForm(forms.Form):
    thinning = forms.ChoiceField(
        choices=lambda: _choices(Severity, "Unaffected", without=Severity.NONE), required=False
    )
    bald = forms.BooleanField(label="bald patch", required=False)
    viability = forms.ChoiceField(choices=lambda: _choices(Viability, "–"), required=False)
    method = forms.ChoiceField(label="judged by", choices=lambda: _choices(ViabilityMethod, "As above"), required=False)
    miniaturised = forms.BooleanField(label="miniaturised hairs", required=False)
    density = forms.DecimalField(
        label="hairs per cm²", required=False, max_digits=5, decimal_places=1,
        validators=[MinValueValidator(0), MaxValueValidator(1000)],
    )  # fmt: skip
    thickness = forms.DecimalField(
        label="hair diameter in µm", required=False, max_digits=5, decimal_places=1,
        validators=[MinValueValidator(0), MaxValueValidator(500)],
    )  # fmt: skip

    def __init__(self, area: ScalpArea, post: Any = None, before: AreaFinding | None = None) -> None:
        super().__init__(post, prefix=area.value, initial=_initial(before) if before else {})
        self.area = area
        for name, field in self.fields.items():
            field.widget = _cell(field)
            # The column's head is not heard where one types: every field says its area itself.
            field.widget.attrs["aria-label"] = f"{area.label}: {(field.label or name).lower()}"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        lost = cleaned.get("bald") or cleaned.get("miniaturised") or cleaned.get("viability") in LOST
        if lost and not cleaned.get("thinning") and not self.has_error("thinning"):
            self.add_error("thinning", "Say how thin it is: hair is missing here.")
        return cleaned

    def finding(self, judged_by: str) -> AreaFinding | None:
        """Return the unsaved row, None for an area left alone."""
        said = self.cleaned_data
        if not any(value not in ("", None, False) for value in said.values()):
            return None
        return AreaFinding(
            area=self.area,
            thinning=said["thinning"] or Severity.NONE,
            bald=said["bald"],
            viability=said["viability"] or Viability.UNKNOWN,
            method=said["method"] or judged_by or ViabilityMethod.DISTANCE_ONLY,
            miniaturised=said["miniaturised"],
            density=said["density"],
            thickness=said["thickness"],
        )


def _initial(before: AreaFinding) -> dict[str, Any]:
    names = ("bald", "viability", "method", "miniaturised", "density", "thickness")
    thinning = "" if before.thinning == Severity.NONE else before.thinning
    return {"thinning": thinning, **{name: getattr(before, name) for name in names}}


def _cell(field: forms.Field) -> forms.Widget:
    if isinstance(field, forms.ChoiceField):
        return cast(forms.Widget, UnfoldAdminSelectWidget(choices=field.choices))
    if isinstance(field, forms.BooleanField):
        return cast(forms.Widget, UnfoldBooleanWidget())
    return cast(forms.Widget, UnfoldAdminDecimalFieldWidget({"step": "0.1", "min": "0", "placeholder": " "}))


def finding_forms(post: Any = None, *, before: Iterable[AreaFinding] = ()) -> list[FindingForm]:
    """One form per scalp area, in the table's order."""
    rows = {row.area: row for row in before}
    return [FindingForm(area, post, rows.get(area.value)) for area in ScalpArea]
