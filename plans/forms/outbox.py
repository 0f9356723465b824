"""Forms of the outbox: what to look for, and why a letter is put aside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from plans.rules.reminders import LetterKind
from plans.rules.states import ReminderState

WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Asked:
    """`after`: due time and id of the last row of the page before."""

    words: str = ""
    patient_id: UUID | None = None
    state: ReminderState | None = None
    kind: LetterKind | None = None
    waiting: bool = False
    after: tuple[datetime, UUID] | None = None

    @property
    def is_narrowed(self) -> bool:
        return bool(self.words or self.patient_id or self.state or self.kind or self.waiting)


class OutboxFilter(forms.Form):
    q = forms.CharField(label="Patient", required=False, max_length=100, widget=UnfoldAdminTextInputWidget())
    kind = forms.ChoiceField(
        label="Letter", required=False, widget=UnfoldAdminSelectWidget(),
        choices=lambda: [("", "Every letter"), *((kind.value, kind.label) for kind in LetterKind)],
    )  # fmt: skip
    state = forms.ChoiceField(
        label="State", required=False, widget=UnfoldAdminSelectWidget(),
        choices=lambda: [
            ("", "Every state"), (WAITING, "Waits for a human"),
            *((state.value, state.label) for state in ReminderState),
        ],
    )  # fmt: skip
    patient = forms.UUIDField(required=False, widget=forms.HiddenInput())
    after = forms.CharField(required=False, max_length=120)

    def asked(self) -> Asked:
        """What the address asks for; what it says wrongly is left out."""
        self.is_valid()
        said = self.cleaned_data
        state = said.get("state", "")
        return Asked(
            words=said.get("q", "").strip(),
            patient_id=said.get("patient"),
            state=ReminderState(state) if state and state != WAITING else None,
            kind=LetterKind(said["kind"]) if said.get("kind") else None,
            waiting=state == WAITING,
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
