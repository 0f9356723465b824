"""The form of a location's letters: every kind on or off, how long before or after, at which hour; and quiet hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from typing import Any

from django import forms
from django.forms import BoundField

from clinic.rules.spans import Span, Unit
from plans.forms.booking import TimeInput
from plans.rules.letter_kinds import KIND_POLICY, LetterGroup, LetterKind
from plans.rules.letter_times import TIMINGS, KindTimes, LetterTimes, Timing, fault

CALENDAR_UNITS = [(unit.value, unit.value) for unit in (Unit.DAYS, Unit.WEEKS, Unit.MONTHS)]
ANY_UNIT = [(unit.value, unit.value) for unit in (Unit.HOURS, Unit.DAYS, Unit.WEEKS)]
GROUPS = ((LetterGroup.APPOINTMENTS, "Appointments"), (LetterGroup.CARE, "Care before and after"),
          (LetterGroup.REVIEWS, "Results"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class KindLine:
    kind: LetterKind
    timing: Timing
    on: BoundField
    number: BoundField | None
    unit: BoundField | None
    hour: BoundField | None


class LetterTimesForm(forms.Form):
    quiet_from = forms.TimeField(label="No letters from", widget=TimeInput())
    quiet_until = forms.TimeField(label="until", widget=TimeInput())

    def __init__(self, *args: Any, times: LetterTimes, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "initial": _initial(times)})
        for kind in LetterKind:
            self._add(kind, TIMINGS[kind])

    def _add(self, kind: LetterKind, timing: Timing) -> None:
        name = kind.label
        self.fields[f"{kind}-on"] = forms.BooleanField(label=name, required=False)
        if timing.spans:
            units = CALENDAR_UNITS if timing.has_hour else ANY_UNIT
            number = forms.IntegerField(label=f"{name}: how many", min_value=0, max_value=999)
            self.fields[f"{kind}-number"] = number
            self.fields[f"{kind}-unit"] = forms.ChoiceField(label=f"{name}: hours, days or weeks", choices=units)
        if timing.has_hour:
            self.fields[f"{kind}-hour"] = forms.TimeField(label=f"{name}: at", widget=TimeInput())

    def groups(self) -> Iterator[tuple[str, list[KindLine]]]:
        for group, title in GROUPS:
            yield title, [self._line(kind) for kind in LetterKind if KIND_POLICY[kind].group is group]

    def _line(self, kind: LetterKind) -> KindLine:
        number, unit, hour = (self._field(f"{kind}-{part}") for part in ("number", "unit", "hour"))
        return KindLine(kind, TIMINGS[kind], self[f"{kind}-on"], number, unit, hour)

    def _field(self, name: str) -> BoundField | None:
        return self[name] if name in self.fields else None

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        for kind in LetterKind:
            if f"{kind}-number" in self.errors or f"{kind}-unit" in self.errors:
                continue
            if sentence := fault(kind, self._kind_times(kind, said)):
                self.add_error(f"{kind}-number", sentence)
        return said

    def times(self) -> LetterTimes:
        said = self.cleaned_data
        own = {kind: self._kind_times(kind, said) for kind in LetterKind}
        return LetterTimes(own, said["quiet_from"], said["quiet_until"])

    def _kind_times(self, kind: LetterKind, said: dict[str, Any]) -> KindTimes:
        usual, number = TIMINGS[kind].times, said.get(f"{kind}-number")
        lead = usual.lead if number is None else Span(number, Unit(said[f"{kind}-unit"]))
        hour: time | None = said.get(f"{kind}-hour", usual.hour)
        return KindTimes(said[f"{kind}-on"], lead, hour)


def _initial(times: LetterTimes) -> dict[str, object]:
    found: dict[str, object] = {"quiet_from": times.quiet_from, "quiet_until": times.quiet_until}
    for kind in LetterKind:
        own = times.of(kind)
        found[f"{kind}-on"] = own.is_on
        if own.lead:
            found |= {f"{kind}-number": own.lead.number, f"{kind}-unit": own.lead.unit.value}
        if own.hour:
            found[f"{kind}-hour"] = own.hour
    return found
