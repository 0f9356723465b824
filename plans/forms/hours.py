"""Forms around hours: who is away when, other hours for a day, and what becomes of each appointment that is hit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django import forms
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from clinic.models import Location
from clinic.models.hour_owner import Owner
from clinic.rules.asked import id_in
from clinic.rules.closures import closed_period, why_not_close
from clinic.rules.local_time import local_day
from clinic.rules.opening import Clocks, ClosureKind, Period
from clinic.rules.refusal import Refusal
from clinic.rules.week import faults_of, whole
from patients.forms import DayInput
from plans.forms.booking import TimeInput
from plans.operations.away import Absence, Choice, Decided

LINE, VERSION = "line-", "version-"
Groups = Iterable[tuple[Location, Iterable[Owner]]]
# At whose field a refusal stands.
_AT = {
    "wrong_times": "last",
    "hours_of_days": "begins",
    "past": "first",
    "too_long": "last",
    "too_far": "first",
    "closed_already": "first",
    "place_closed": "whose",
    "not_working": "whose",
    "not_used": "whose",
    "wrong_hours": "opens_1",
    "nothing_open": "opens_1",
}


class OwnerForm(forms.Form):
    """Of whom or of what, out of those the viewer may choose."""

    whose = forms.ChoiceField(
        label="Who or what", widget=UnfoldAdminSelectWidget(),
        error_messages={"invalid_choice": "This is not in use any more, or not yours: choose another."},
    )  # fmt: skip

    def __init__(self, *args: Any, groups: Groups, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owners = {owner.key: owner for _, owners in groups for owner in owners}
        named = [(place.name, [(one.key, _name(one)) for one in owners]) for place, owners in groups]
        field = self.fields["whose"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = named[0][1] if len(named) == 1 else named

    @property
    def owner(self) -> Owner:
        return self.owners[self.cleaned_data["whose"]]

    def refuse(self, refusal: Refusal) -> None:
        """Let the sentence stand at the field it is about."""
        at = _AT.get(refusal.code, "")
        self.add_error(at if at in self.fields else None, refusal.sentence)


class AwayForm(OwnerForm):
    kind = forms.ChoiceField(
        label="Why", choices=[(one.value, one.label) for one in ClosureKind if one is not ClosureKind.HOLIDAY],
        widget=UnfoldAdminSelectWidget(), help_text="For staff. No letter says it.",
    )  # fmt: skip
    first = forms.DateField(label="From", widget=DayInput())
    last = forms.DateField(
        label="To, this day included", required=False, widget=DayInput(), help_text="Empty: one day."
    )
    begins = forms.TimeField(label="Only from", required=False, widget=TimeInput(), help_text="Empty: the whole day.")
    ends = forms.TimeField(label="Only until", required=False, widget=TimeInput())
    note = forms.CharField(label="Note", required=False, max_length=80, widget=UnfoldAdminTextInputWidget())

    period: Period

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        zone = self.owner.location.zone
        first: date = cleaned["first"]
        last: date = cleaned["last"] or first
        begins: time | None = cleaned["begins"]
        ends: time | None = cleaned["ends"]
        today = local_day(self.now, zone)
        if refusal := why_not_close(first, last, begins=begins, ends=ends, today=today):
            self.refuse(refusal)
            if refusal.code == "wrong_times" and first == last:
                self.errors["ends"] = self.errors.pop("last")
            return cleaned
        self.period = closed_period(first, last, zone, begins, ends)
        if self.period[1] <= self.now:
            self.add_error(
                "ends", f"{ends:%H:%M} today is over already: choose a later hour." if ends else "It is over."
            )
        return cleaned

    @property
    def absence(self) -> Absence:
        starts, ends = self.period
        kind = ClosureKind(self.cleaned_data["kind"])
        return Absence(self.cleaned_data["whose"], kind, starts, ends, self.cleaned_data["note"])

    @property
    def sign(self) -> str:
        """Tells whether what is entered is what was looked at."""
        return f"{self.cleaned_data['whose']} {self.period[0].isoformat()} {self.period[1].isoformat()}"


class SpecialForm(OwnerForm):
    """The hours of one date."""

    day = forms.DateField(label="Day", widget=DayInput())
    opens_1 = forms.TimeField(label="From", widget=TimeInput())
    closes_1 = forms.TimeField(label="To", widget=TimeInput())
    opens_2 = forms.TimeField(label="and from", required=False, widget=TimeInput())
    closes_2 = forms.TimeField(label="to", required=False, widget=TimeInput())
    note = forms.CharField(label="Note", required=False, max_length=80, widget=UnfoldAdminTextInputWidget())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            for fault in faults_of(self._written):
                self.add_error(f"{fault.at}_{fault.period + 1}", fault.sentence)
        return cleaned

    @property
    def _written(self) -> list[tuple[time | None, time | None]]:
        return [(self.cleaned_data[f"opens_{n}"], self.cleaned_data[f"closes_{n}"]) for n in (1, 2)]

    @property
    def periods(self) -> tuple[Clocks, ...]:
        return whole(self._written)


def chosen_in(post: Mapping[str, str]) -> dict[UUID, str]:
    """What was ticked at each appointment, by its id."""
    found = {}
    for name in post:
        if name.startswith(LINE) and (pk := id_in(name.removeprefix(LINE))):
            found[pk] = post[name]
    return found


def decided_in(post: Mapping[str, str]) -> list[Decided]:
    """The same as decisions. What cannot be read is kept for now: it stays in the list."""
    return [_decided(pk, value, _number(post.get(f"{VERSION}{pk}", ""))) for pk, value in chosen_in(post).items()]


def _decided(pk: UUID, value: str, version: int | None) -> Decided:
    if value == Choice.CANCEL:
        return Decided(pk, Choice.CANCEL, version)
    starts, _, rest = value.partition("|")
    person, _, room = rest.partition("|")
    try:
        moment = datetime.fromisoformat(starts)
    except ValueError:
        return Decided(pk, Choice.KEEP)
    who, where = id_in(person), id_in(room)
    if moment.tzinfo is None or who is None or (room and where is None):
        return Decided(pk, Choice.KEEP)
    return Decided(pk, Choice.MOVE, version, moment, who, where)


def _name(owner: Owner) -> str:
    return f"{owner} (the whole location)" if owner.is_location else str(owner)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 9 else None
