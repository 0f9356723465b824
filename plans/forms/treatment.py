"""One treatment of a session as it is written down: where, how much, from which lot, and how plasma was won."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from clinic.rules.refusal import Refusal
from patients.rules.scalp import ScalpArea
from plans.models import Lot, Method
from plans.operations.sessions import TreatmentGiven
from plans.queries.session_story import LotChoice, SessionStory
from plans.rules.course import Modality
from plans.rules.gs1 import read_lot_code
from plans.rules.spin import spin_force
from plans.rules.wording import day_words


class LotSelect(UnfoldAdminSelectWidget):  # type: ignore[misc]  # Unfold is not typed
    """Shows what is on the shelf, also what must not be used; only the rest can be chosen."""

    locked: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.locked:
            option["attrs"]["disabled"] = True
        return option


def _number(label: str, most: int, *, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=most, help_text=help_text,
        widget=UnfoldAdminIntegerFieldWidget({"inputmode": "numeric"}),
    )  # fmt: skip


def _measure(label: str, most: int, places: int = 1) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=False, decimal_places=places, max_digits=5,
        validators=[MinValueValidator(0), MaxValueValidator(most)],
        widget=UnfoldAdminDecimalFieldWidget({"inputmode": "decimal", "step": "0.1", "min": "0"}),
    )  # fmt: skip


class TreatmentForm(forms.Form):
    """One modality as it was given. Fields a modality has no use for are left out."""

    given = forms.BooleanField(label="It was given", required=False, initial=True)
    method = forms.ChoiceField(label="How", choices=Method.choices, widget=UnfoldAdminSelectWidget())
    amount_ml = _measure("Amount in ml", 999, 2)
    areas = forms.MultipleChoiceField(
        label="Where", choices=lambda: [(area.value, area.label) for area in ScalpArea], required=False
    )
    pain = forms.TypedChoiceField(
        label="Pain", choices=lambda: [(n, str(n)) for n in range(11)], required=False, coerce=int, empty_value=None
    )
    code = forms.CharField(
        label="Barcode", max_length=200, required=False, strip=False,
        widget=UnfoldAdminTextInputWidget({"autocomplete": "off", "spellcheck": "false"}),
        help_text="Scan it, or type the lot's number, then press Enter.",
    )  # fmt: skip
    lot = forms.ChoiceField(label="Lot", required=False, widget=LotSelect())
    blood_drawn_ml = _measure("Blood drawn, ml", 500)
    plasma_ml = _measure("Plasma won, ml", 500)
    spin_g = _number("Spin, g", 20_000, help_text="Or speed and radius:")
    rpm = _number("Rounds per minute", 20_000)
    radius_cm = _measure("Radius, cm", 50)
    spin_minutes = _number("Minutes", 120)
    platelets_blood = _number("Platelets per µl, blood", 5_000_000)
    platelets_plasma = _number("Platelets per µl, plasma", 20_000_000)
    what_happened = forms.CharField(
        label="What happened", required=False, widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text="Anything out of the ordinary.",
    )  # fmt: skip

    prp_fields = (
        "blood_drawn_ml", "plasma_ml", "spin_g", "rpm", "radius_cm", "spin_minutes", "platelets_blood",
        "platelets_plasma",
    )  # fmt: skip
    lot_fields = ("code", "lot")

    scan_fault = ""  # what was wrong with a barcode, or which lot it chose
    scan_found = ""

    def __init__(self, post: Any = None, *, modality: Modality, story: SessionStory, initial: Any = None) -> None:
        super().__init__(post, prefix=modality.value, initial=initial)
        self.modality, self.today = modality, story.today
        self.lots = tuple(story.lots.get(modality, ()))
        self.last = story.last.get(modality.value)
        self.initial.setdefault("method", self.last.method if self.last else Method.INJECTION)
        if modality is not Modality.PRP:
            self._leave_out(self.prp_fields)
        if self.lots or modality is Modality.EXOSOME:
            _offer(cast(forms.ChoiceField, self.fields["lot"]), self.lots)
        else:
            self._leave_out(self.lot_fields)

    def _leave_out(self, names: tuple[str, ...]) -> None:
        for name in names:
            del self.fields[name]

    @property
    def takes_lot(self) -> bool:
        return "lot" in self.fields

    @property
    def is_prp(self) -> bool:
        return self.modality is Modality.PRP

    def begin_at(self, name: str) -> None:
        """The page comes back after a scan: go on where one was, not at its top."""
        self.fields[name].widget.attrs["autofocus"] = True

    def chosen_areas(self) -> list[str]:
        return cast("list[str]", self["areas"].value() or [])

    def chosen_pain(self) -> str:
        value = self["pain"].value()
        return "" if value is None else str(value)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("given"):
            self.errors.clear()  # what was not given has no figures to be wrong
            return cleaned
        if cleaned.get("amount_ml") is None and "amount_ml" not in self.errors:
            self.add_error("amount_ml", "Write how much was given.")
        if not cleaned.get("areas") and "areas" not in self.errors:
            self.add_error("areas", "Tick where it was given.")
        if self.takes_lot and cleaned.get("code"):
            self._by_code(cleaned)
        return cleaned

    def _by_code(self, cleaned: dict[str, Any]) -> None:
        try:
            found = find_lot(cleaned["code"], self.lots, today=self.today)
        except Refusal as refusal:
            self.add_error("code", ValidationError(refusal.sentence, code=refusal.code))
            return
        if cleaned.get("lot") and cleaned["lot"] != str(found.pk):
            self.add_error("lot", "The barcode names another lot than the one chosen: keep one of them.")
        cleaned["lot"] = str(found.pk)

    def treatment(self) -> TreatmentGiven | None:
        said: Mapping[str, Any] = self.cleaned_data
        if not said["given"]:
            return None
        return TreatmentGiven(
            modality=self.modality,
            method=Method(said["method"]),
            areas=tuple(ScalpArea(area) for area in said["areas"]),
            amount_ml=said["amount_ml"],
            lot_id=UUID(said["lot"]) if said.get("lot") else None,
            pain=said["pain"],
            blood_drawn_ml=said.get("blood_drawn_ml"),
            plasma_ml=said.get("plasma_ml"),
            spin_g=self._spin(said),
            spin_minutes=said.get("spin_minutes"),
            platelets_blood=said.get("platelets_blood"),
            platelets_plasma=said.get("platelets_plasma"),
            what_happened=said["what_happened"],
        )

    @staticmethod
    def _spin(said: Mapping[str, Any]) -> int | None:
        """As read off the machine, else from speed and radius."""
        force: int | None = said.get("spin_g")
        rpm, radius = said.get("rpm"), cast("Decimal | None", said.get("radius_cm"))
        return force if force is not None or not rpm or not radius else spin_force(rpm=rpm, radius_cm=radius)

    def as_typed(self) -> dict[str, Any]:
        """What stands in the fields, unjudged: to show the page again while it is still being filled in."""
        return {
            name: field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            for name, field in self.fields.items()
        }


def find_lot(code: str, lots: tuple[LotChoice, ...], *, today: date) -> Lot:
    """Return the lot a barcode names. Refusals: those of reading, `lot_unknown`, `lot_expiry_differs`, `lot_locked`."""
    scanned = read_lot_code(code, today=today)
    found = next((one for one in lots if one.lot.number.casefold() == scanned.number.casefold()), None)
    if found is None:
        raise Refusal("lot_unknown", f"Lot {scanned.number} is not in stock for this: enter it under Stock first.")
    if scanned.expires_on and scanned.expires_on != found.lot.expires_on:
        printed, kept = day_words(scanned.expires_on), day_words(found.lot.expires_on)
        sentence = f"The pack says it expires {printed}, the stock list {kept}: clear that up first."
        raise Refusal("lot_expiry_differs", sentence)
    if found.why_not:
        raise Refusal("lot_locked", f"Lot {found.lot.number} must not be used: {found.why_not}.")
    return found.lot


def _offer(field: forms.ChoiceField, lots: tuple[LotChoice, ...]) -> None:
    field.choices = [("", "Choose the lot"), *((str(one.lot.pk), _lot_words(one)) for one in lots)]
    cast(LotSelect, field.widget).locked = frozenset(str(one.lot.pk) for one in lots if one.why_not)


def _lot_words(one: LotChoice) -> str:
    lot = one.lot
    return f"{lot.number} · {lot.product} · {one.why_not or f'until {day_words(lot.expires_on)}'}"
