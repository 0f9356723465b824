"""Figures per area, a line for each area, method and device: begun with what the baseline was measured with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from patients.rules.scalp import ScalpArea
from plans.operations.review_scores import Measured
from plans.queries.outcomes import WHOLE
from plans.rules.measures import Measure, MeasureMethod
from plans.rules.outcome import Figure, device_key, why_impossible
from plans.rules.outcome_words import plain

SPARE, MOST_LINES = 1, 24
SHORT = {
    Measure.DENSITY: "Hairs per cm²",
    Measure.DIAMETER: "Diameter, µm",
    Measure.TERMINAL: "Terminal, %",
    Measure.ANAGEN: "Anagen, %",
}


def _figure_field(measure: Measure) -> forms.DecimalField:
    wrong = why_impossible(measure).replace("%", "%%")  # whoever shows it fills in figures of its own
    widget = UnfoldAdminDecimalFieldWidget({"inputmode": "decimal", "step": "0.1", "min": "0"})
    words = {
        "invalid": "Give a number.",
        "max_digits": wrong,
        "max_whole_digits": wrong,
        "max_decimal_places": "One digit behind the point is enough.",
    }
    return forms.DecimalField(
        label=SHORT[measure], required=False, max_digits=6, decimal_places=1, widget=widget, error_messages=words,
        validators=[MinValueValidator(0, wrong), MaxValueValidator(measure.most, wrong)],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure's field, with what the same device said at the baseline."""

    field: forms.BoundField
    before: str


class LineForm(forms.Form):
    """One area, method and device with up to four figures. Without a figure the line is nothing."""

    area = forms.ChoiceField(
        choices=lambda: [("", WHOLE), *((area.value, area.label) for area in ScalpArea)], required=False,
        widget=UnfoldAdminSelectWidget(),
    )  # fmt: skip
    method = forms.ChoiceField(
        choices=lambda: [("", "Choose"), *((one.value, one.label) for one in MeasureMethod)], required=False,
        widget=UnfoldAdminSelectWidget(),
    )  # fmt: skip
    device = forms.CharField(max_length=60, required=False, widget=UnfoldAdminTextInputWidget())

    def __init__(self, number: int, post: Any = None, *, start: Start | None = None, before: Iterable[Figure]) -> None:
        super().__init__(post, prefix=f"m{number}", initial=start.initial() if start else {})
        self.number, self._before = number, {one.trend: one for one in before}
        for measure in Measure:
            self.fields[measure.value] = _figure_field(measure)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.is_used():
            if not cleaned.get("method") and "method" not in self.errors:
                self.add_error("method", "Say by which method: only the same method is compared.")
            if not cleaned.get("device", "").strip() and "device" not in self.errors:
                self.add_error("device", "Write with which device: only the same device is compared.")
        return cleaned

    @property
    def how(self) -> list[forms.BoundField]:
        return [self[name] for name in ("area", "method", "device")]

    @property
    def words(self) -> tuple[str, str] | None:
        """Where, and by what: read instead of three fields. None for a line nobody has begun."""
        area, method, device = (str(self[name].value() or "") for name in ("area", "method", "device"))
        if method not in set(MeasureMethod) or area not in {"", *ScalpArea} or not device:
            return None
        return (ScalpArea(area).label if area else WHOLE), f"{MeasureMethod(method).label}, {device}"

    @property
    def is_open(self) -> bool:
        """Whether its three fields are shown: they are still to be filled in, or one of them is wrong."""
        return self.words is None or any(field.errors for field in self.how)

    def is_used(self) -> bool:
        return any(self.cleaned_data.get(measure.value) is not None for measure in Measure)

    def measured(self) -> Iterator[Measured]:
        said = self.cleaned_data
        for measure in Measure:
            value: Decimal | None = said.get(measure.value)
            if value is not None:
                yield Measured(measure, value, MeasureMethod(said["method"]), said["device"].strip(), said["area"])

    def cells(self) -> Iterator[Cell]:
        """Its four figures, each with the baseline's of the same area, method and device."""
        area, method, device = (str(self[name].value() or "") for name in ("area", "method", "device"))
        for measure in Measure:
            then = None
            if method in set(MeasureMethod):
                wanted = Figure(measure, Decimal(0), MeasureMethod(method), device, area)
                then = self._before.get(wanted.trend)
            yield Cell(self[measure.value], plain(then.value) if then else "")


@dataclass(frozen=True, slots=True)
class Start:
    """What a line begins with."""

    area: str
    method: MeasureMethod
    device: str
    figures: tuple[Figure, ...]

    def initial(self) -> dict[str, Any]:
        values = {one.measure.value: plain(one.value) for one in self.figures}
        return {"area": self.area, "method": self.method.value, "device": self.device, **values}


class Lines:
    """All lines of the page, read together. `post` names how many there are in `lines`."""

    def __init__(self, post: Any = None, *, own: Iterable[Figure], before: Iterable[Figure], more: int = 0) -> None:
        own, before = tuple(own), tuple(before)
        starts = _starts(own, before)
        count = _count(post.get("lines", "")) if post is not None else len(starts) + (SPARE if starts else 2)
        self.count = min(count + more, MOST_LINES)
        self.forms = [
            LineForm(
                number, post if number < count else None, before=before,
                start=starts[number] if number < len(starts) else None,
            )
            for number in range(self.count)
        ]  # fmt: skip

    def is_valid(self) -> bool:
        faulty = [form for form in self.forms if form.is_bound and not form.is_valid()]
        return not faulty and self._are_different()

    def measured(self) -> tuple[Measured, ...]:
        return tuple(one for form in self.forms if form.is_bound for one in form.measured())

    def measured_so_far(self) -> tuple[Measured, ...]:
        """Those of the lines without a fault."""
        return tuple(one for form in self.forms if form.is_bound and form.is_valid() for one in form.measured())

    def _are_different(self) -> bool:
        seen: set[tuple[str, str, str]] = set()
        are_different = True
        for form in self.forms:
            if not form.is_bound or not form.is_used():
                continue
            said = form.cleaned_data
            key = (said["area"], said["method"], device_key(said["device"]))
            if key in seen:
                form.add_error("device", "This area, method and device stands above: one line is enough.")
                are_different = False
            seen.add(key)
        return are_different


def _count(said: str) -> int:
    return min(int(said), MOST_LINES) if said.isdecimal() and len(said) < 4 else 0


def _starts(own: tuple[Figure, ...], before: tuple[Figure, ...]) -> list[Start]:
    """The baseline's lines and one's own, each once: those of the baseline wait for their figures."""
    found: dict[tuple[str, MeasureMethod, str], list[Figure]] = {}
    names: dict[tuple[str, MeasureMethod, str], str] = {}
    for figure in (*before, *own):
        key = (figure.area, figure.method, device_key(figure.device))
        found.setdefault(key, [])
        names[key] = figure.device
        if any(figure is mine for mine in own):
            found[key].append(figure)
    order = ["", *map(str, ScalpArea)]
    keys = sorted(found, key=lambda key: (order.index(key[0]), key[1], key[2]))
    return [Start(key[0], key[1], names[key], tuple(found[key])) for key in keys]
