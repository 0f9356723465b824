"""Forms of the outbox: what to look for, and why a letter is put aside."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from clinic.models import Location
from plans.queries.outbox import Asked, Tab
from plans.rules.reminders import LetterKind
from plans.rules.states import ReminderState

WAITING = "waiting"
MOST_AT_ONCE = 100


def _day() -> forms.Widget:
    widget: forms.Widget = UnfoldAdminTextInputWidget({"type": "date"})
    return widget


class OutboxFilter(forms.Form):
    """What it says wrongly is left out: an address is no reason for a page to fail."""

    q = forms.CharField(label="Patient", required=False, max_length=100, widget=UnfoldAdminTextInputWidget())
    kind = forms.ChoiceField(
        label="Letter", required=False, widget=UnfoldAdminSelectWidget(),
        choices=lambda: [("", "Every letter"), *((kind.value, kind.label) for kind in LetterKind)],
    )  # fmt: skip
    state = forms.ChoiceField(
        label="State", required=False, widget=UnfoldAdminSelectWidget(),
        choices=lambda: [("", "Every state"), *((state.value, state.label) for state in ReminderState)],
    )  # fmt: skip
    place = forms.ChoiceField(label="Location", required=False, widget=UnfoldAdminSelectWidget())
    first = forms.DateField(label="From", required=False, widget=_day())
    last = forms.DateField(label="Until", required=False, widget=_day())
    patient = forms.UUIDField(required=False, widget=forms.HiddenInput())
    tab = forms.ChoiceField(required=False, widget=forms.HiddenInput(), choices=[(tab.value, tab.label) for tab in Tab])
    after = forms.CharField(required=False, max_length=120)

    def __init__(self, *args: Any, places: Iterable[Location], **more: Any) -> None:
        super().__init__(*args, **more)
        place = self.fields["place"]
        assert isinstance(place, forms.ChoiceField)
        place.choices = [("", "Every location"), *((str(one.pk), one.name) for one in places)]
        self.has_places = len(place.choices) > 2

    def asked(self) -> Asked:
        self.is_valid()
        said = self.cleaned_data
        state, tab = said.get("state", ""), said.get("tab") or Tab.DUE
        if self.data.get("state") == WAITING:
            tab = Tab.WAITING
        return Asked(
            tab=Tab(tab),
            words=said.get("q", "").strip(),
            patient_id=said.get("patient"),
            location_id=UUID(said["place"]) if said.get("place") else None,
            state=ReminderState(state) if state else None,
            kind=LetterKind(said["kind"]) if said.get("kind") else None,
            first=said.get("first"),
            last=said.get("last"),
            after=_after(said.get("after", "")),
        )


def _after(text: str) -> tuple[datetime, UUID] | None:
    due, _, last = text.partition("~")
    try:
        instant, pk = datetime.fromisoformat(due), UUID(last)
    except ValueError:
        return None
    return (instant, pk) if instant.tzinfo else None


class CloseForm(forms.Form):
    reason = forms.CharField(
        label="What was done", max_length=120, widget=UnfoldAdminTextInputWidget({"placeholder": "phoned"})
    )


class StopForm(forms.Form):
    reason = forms.CharField(
        label="Why it shall not go",
        max_length=120,
        widget=UnfoldAdminTextInputWidget({"placeholder": "told her myself"}),
    )


class LettersField(forms.Field):
    """Ids sent one by one under one name."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[UUID]:
        try:
            found = [UUID(str(one)) for one in value or ()]
        except ValueError:
            raise forms.ValidationError("No such letter.") from None
        if not 0 < len(found) <= MOST_AT_ONCE:
            raise forms.ValidationError("Choose at least one letter.")
        return found


class SettleForm(CloseForm):
    """One word for several letters."""

    letter = LettersField()
