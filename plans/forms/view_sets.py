"""A view set as a form: its words, and its views in rows that are moved, added and removed without JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from unfold.widgets import UnfoldBooleanWidget

from patients.rules.scalp import HairLossType
from plans.forms.protocol_fields import choice_field, line_field, text_field
from plans.forms.protocol_rows import free_key
from plans.rules.view_set_rules import LENGTHS, MOST_VIEWS, SetFault, faults
from plans.rules.view_sets import GUIDES, StandardSet, StandardView

TEXTS = ("key", "title", "instruction", "guide", "pose", "distance", "lighting", "parting", "hair")
Row = dict[str, Any]


class ViewSetForm(forms.Form):
    title = line_field("Title", 80)
    diagnoses = forms.MultipleChoiceField(
        label="Chosen for", required=False, choices=[(one.value, one.label) for one in HairLossType],
        widget=forms.CheckboxSelectMultiple(),
    )  # fmt: skip
    note = line_field("What is different, and why", 240, required=False)


class CopySetForm(forms.Form):
    title = line_field("Title of the copy", 80)


class ViewForm(forms.Form):
    """One view. `key` ties it to the same view in other versions, and is made from the title of a new one."""

    position = forms.IntegerField(required=False, widget=forms.HiddenInput())
    key = forms.CharField(required=False, widget=forms.HiddenInput())
    title = line_field("Title", LENGTHS["title"], required=False)
    instruction = text_field("What the picture shows", required=False, max_length=LENGTHS["instruction"])
    guide = choice_field("Drawing", [("", "None"), *GUIDES.items()], required=False)
    pose = line_field("Pose", LENGTHS["pose"], required=False)
    distance = line_field("Distance", LENGTHS["distance"], required=False)
    lighting = line_field("Lighting", LENGTHS["lighting"], required=False)
    parting = line_field("Parting", LENGTHS["parting"], required=False)
    hair = line_field("Hair", LENGTHS["hair"], required=False)
    is_required = forms.BooleanField(label="Needed to close a review", required=False, widget=UnfoldBooleanWidget())


class ViewSetEditor:
    """Unbound with what is written, or with what was typed and only rearranged; bound to look at it or to save it."""

    def __init__(self, was: StandardSet, data: QueryDict | None = None, *, is_bound: bool = False) -> None:
        self.was = was
        rows = typed_rows(data) if data is not None else [_initial(view) for view in was.views]
        said: Row = {"title": was.title, "diagnoses": list(was.diagnoses)}
        if data is not None:
            said = {"title": data.get("title"), "note": data.get("note"), "diagnoses": data.getlist("diagnoses")}
        self.main = ViewSetForm(data if is_bound else None, initial=said)
        sent = _numbered(rows) if is_bound else None
        self.rows = [ViewForm(sent, prefix=f"views-{n}", initial={**row, "position": n}) for n, row in enumerate(rows)]
        self.faults: tuple[SetFault, ...] = ()

    @property
    def can_grow(self) -> bool:
        return len(self.rows) < MOST_VIEWS

    def is_valid(self) -> bool:
        """Read everything, then ask the rules; every fault ends up at its field."""
        if not all([self.main.is_valid(), *(row.is_valid() for row in self.rows)]):
            return False
        self.faults = faults(self.wanted())
        for fault in self.faults:
            number, _, name = fault.place.rpartition(".")
            form: forms.Form = self.rows[int(number)] if number else self.main
            form.add_error(name if name in form.fields else None, forms.ValidationError(fault.sentence, fault.code))
        return not self.faults

    def wanted(self) -> StandardSet:
        """What was typed, once the forms are valid."""
        said = self.main.cleaned_data
        taken = {row.cleaned_data["key"] for row in self.rows if row.cleaned_data["key"]}
        views = []
        for row in self.rows:
            values = {name: row.cleaned_data[name].strip() for name in TEXTS}
            values["key"] = values["key"] or free_key(values["title"].replace("-", " "), taken)
            taken.add(values["key"])
            views.append(StandardView(**values, is_required=row.cleaned_data["is_required"]))
        return StandardSet(self.was.key, said["title"].strip(), tuple(said["diagnoses"]), tuple(views), said["note"])


def rearranged(data: QueryDict, do: str) -> QueryDict:
    """Return what was typed with its rows moved ("up-2", "down-2"), removed ("remove-2") or one more ("add")."""
    rows, copy = typed_rows(data), data.copy()
    deed, _, number = do.partition("-")
    place = int(number) if number.isdigit() and int(number) < len(rows) else None
    if deed == "add" and len(rows) < MOST_VIEWS:
        rows.append({"is_required": True})
    elif deed == "remove" and place is not None:
        del rows[place]
    elif deed in ("up", "down") and place is not None:
        there = place + (1 if deed == "down" else -1)
        if 0 <= there < len(rows):
            rows[place], rows[there] = rows[there], rows[place]
    for name, value in _numbered(rows).items():
        copy[name] = value
    for number_gone in range(len(rows), len(typed_rows(data))):
        for name in ("position", *TEXTS, "is_required"):
            copy.pop(f"views-{number_gone}-{name}", None)
    return copy


def typed_rows(data: QueryDict) -> list[Row]:
    """Return the rows as they were sent, in the order of their positions."""
    count = data.get("views") or "0"
    found = []
    for number in range(min(int(count), MOST_VIEWS) if count.isdigit() else 0):
        row: Row = {name: data.get(f"views-{number}-{name}", "") for name in TEXTS}
        row["is_required"] = bool(data.get(f"views-{number}-is_required"))
        position = data.get(f"views-{number}-position", "")
        found.append((int(position) if position.isdigit() else number, row))
    return [row for _, row in sorted(found, key=lambda pair: pair[0])]


def _numbered(rows: list[Row]) -> Mapping[str, str]:
    said = {"views": str(len(rows))}
    for number, row in enumerate(rows):
        said[f"views-{number}-position"] = str(number)
        said |= {f"views-{number}-{name}": row.get(name, "") for name in TEXTS}
        said[f"views-{number}-is_required"] = "on" if row["is_required"] else ""
    return said


def _initial(view: StandardView) -> Row:
    return {name: getattr(view, name) for name in (*TEXTS, "is_required")}
