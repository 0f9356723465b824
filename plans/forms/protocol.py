"""A whole protocol as one form: what it says beside its course, and a list of rows for every part of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory
from django.http import QueryDict
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from patients.forms import day_field
from plans.forms import protocol_rows as rows
from plans.forms.protocol_fields import choice_field, line_field, span_field, text_field, tick_field
from plans.models import Protocol, ViewSet
from plans.models.protocol_course import course_of
from plans.rules.course import Course, Maintenance
from plans.rules.protocol_check import faults, why_not_start
from plans.rules.protocol_fault import Fault

MOST_ROWS = 50
BOOSTER = ("booster_earliest", "booster_target", "booster_latest")
_PLACE = re.compile(r"(?P<section>\w+)\[(?P<number>\d+)\]\.(?P<name>.+)")


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the page. `key` is both the course's field and the prefix of its rows."""

    key: str
    title: str
    lead: str
    form: type[rows.RowForm]
    add: str


SECTIONS = (
    Section(
        "components", "Courses of treatment", "What is given, how often, and how far apart.", rows.ComponentForm,
        "Add a course",
    ),
    Section(
        "least_gaps", "Least gaps", "No two of these treatments closer together than this.", rows.LeastGapForm,
        "Add a gap",
    ),
    Section("reviews", "Reviews", "Looks at results, fixed in advance.", rows.ReviewForm, "Add a review"),
    Section(
        "care_rules", "Before and after a session", "What to do, to avoid and to ask about.", rows.CareRuleForm,
        "Add a rule",
    ),
    Section("alongside", "Alongside the sessions", "A medicine at home, a referral.", rows.AlongsideForm, "Add one"),
    Section("expectations", "What to expect", "Shown to patients with its source.", rows.ExpectationForm, "Add one"),
)  # fmt: skip


class ProtocolForm(forms.Form):
    """`seen` is the fingerprint of the draft the page was opened on, so that nobody overwrites somebody unawares."""

    title = line_field("Title", 120)
    source = line_field("Source", 120, names="sources")
    summary = text_field("Summary", required=False)
    note = text_field("Choices made where sources differ or are silent", required=False, rows=4)
    view_set = choice_field("Photo views", ())
    price = forms.DecimalField(
        label="Price of the course", required=False, min_value=0, max_digits=10, decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget(),
    )  # fmt: skip
    price_note = line_field("Note on the price", 200, required=False)
    is_default = tick_field("Suggested first")
    booster_earliest = span_field(
        "Booster, earliest", required=False, help_text="After the last session. All three empty: none."
    )
    booster_target = span_field("Best", required=False)
    booster_latest = span_field("Latest", required=False)
    starts_on = day_field("Try it with a patient who starts on")
    seen = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        sets = dict(ViewSet.objects.order_by("key", "version").values_list("key", "title"))
        self.fields["view_set"] = choice_field("Photo views", list(sets.items()))
        self.order_fields(list(self.base_fields))

    def clean_starts_on(self) -> date:
        day: date = self.cleaned_data["starts_on"]
        if why := why_not_start(day, self.today):
            raise forms.ValidationError(why, code="starts_on")
        return day

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        given = [name for name in BOOSTER if said.get(name)]
        missing = [name for name in BOOSTER if name not in given and name not in self.errors]
        for name in missing if given else ():
            self.add_error(name, "Give all three times of the booster, or leave all three empty.")
        return said


class ProtocolEditor:
    """The form and its lists of rows, unbound from a draft or bound to what was sent."""

    def __init__(self, protocol: Protocol, *, today: date, data: QueryDict | None = None) -> None:
        self.protocol, self.was, self.data = protocol, course_of(protocol), data
        self.main = ProtocolForm(data, today=today, initial=_initial(protocol, self.was, today))
        self.sets = {section.key: _rows(section, self.was, data) for section in SECTIONS}
        self.course: Course | None = None
        self.faults: tuple[Fault, ...] = ()

    @property
    def sections(self) -> list[tuple[Section, BaseFormSet[Any]]]:
        return [(section, self.sets[section.key]) for section in SECTIONS]

    def is_valid(self) -> bool:
        """Read everything, then ask the rules; every fault ends up at its field. A wrong trial day keeps nobody."""
        read = [self.main.is_valid(), *(formset.is_valid() for formset in self.sets.values())]
        if not (all(read[1:]) and set(self.main.errors) <= {"starts_on"}):
            return False
        self.course = self._course()
        self.faults = faults(self.course)
        for fault in self.faults:
            self._place(fault)
        return not self.faults

    def is_up_to_date(self) -> bool:
        """Return whether nobody wrote to the draft since the page was opened; a second save replaces it knowingly."""
        if self.data is None or self.main.cleaned_data["seen"] == self.protocol.fingerprint:
            return True
        sentence = "Somebody else changed this draft while you were typing. Save again to replace what they wrote."
        self.main.add_error(None, forms.ValidationError(sentence, code="changed_meanwhile"))
        renewed = self.data.copy()
        renewed["seen"] = self.protocol.fingerprint
        self.main.data = renewed
        return False

    def tryable(self) -> tuple[Course | None, date | None]:
        """Return the course and the day to try it out from; None for what cannot be dated."""
        if not self.main.is_bound:
            return (None if faults(self.was) else self.was), self.main.today
        return (None if self.faults else self.course), self.main.cleaned_data.get("starts_on")

    def words(self) -> Mapping[str, Any]:
        """What it says beside its course, by the names of `ProtocolWords`."""
        names = ("title", "summary", "note", "source", "price", "price_note", "is_default")
        return {name: self.main.cleaned_data[name] for name in names}

    def errors(self) -> list[tuple[str, str]]:
        """Every sentence with the place it stands at, for a list."""
        found = _sentences(self.main, "")
        for section, formset in self.sections:
            found += [(section.title, str(text)) for text in formset.non_form_errors()]
            for number, form in enumerate(formset.forms, start=1):
                found += _sentences(form, f"{form.called} {number}")
        return found

    def _course(self) -> Course:
        said = self.main.cleaned_data
        booster = [said[name] for name in BOOSTER]
        parts = {section.key: self._values(section) for section in SECTIONS}
        return Course(
            **parts, maintenance=Maintenance(*booster) if all(booster) else None, view_set=said["view_set"]
        )  # fmt: skip

    def _values(self, section: Section) -> tuple[Any, ...]:
        values: list[Any] = []
        for form in self._live(section.key):
            values.append(form.value([one.key for one in values if hasattr(one, "key")]))
        return tuple(values)

    def _live(self, key: str) -> list[rows.RowForm]:
        """Rows that stay: not marked for removal, and not added and left empty."""
        return [form for form in self.sets[key].forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]

    def _place(self, fault: Fault) -> None:
        if fault.place in self.sets:
            self.sets[fault.place].non_form_errors().append(fault.sentence)
            return
        if found := _PLACE.fullmatch(fault.place):
            form: forms.Form = self._live(found["section"])[int(found["number"])]
            name = found["name"].replace(".", "_")
        else:
            form, name = self.main, fault.place.replace("maintenance.", "booster_")
        form.add_error(name if name in form.fields else None, forms.ValidationError(fault.sentence, code=fault.code))


def with_row(data: QueryDict, key: str) -> QueryDict:
    """Return what was sent with one more row of that part, filled with what is usual; unchanged for an unknown part."""
    section = next((section for section in SECTIONS if section.key == key), None)
    copy = data.copy()
    if section is None:
        return copy
    number = int(data.get(f"{key}-TOTAL_FORMS") or 0)
    for name, field in section.form.base_fields.items():
        if isinstance(field, forms.BooleanField):
            if field.initial:
                copy[f"{key}-{number}-{name}"] = "on"
        elif field.initial is not None:
            copy[f"{key}-{number}-{name}"] = str(field.initial)
    copy[f"{key}-TOTAL_FORMS"] = str(min(number + 1, MOST_ROWS))
    return copy


def _sentences(form: forms.Form, place: str) -> list[tuple[str, str]]:
    found = []
    for name, sentences in form.errors.items():
        label = str(form.fields[name].label) if name in form.fields else ""
        found += [(", ".join(filter(None, [place, label])), str(sentence)) for sentence in sentences]
    return found


def _rows(section: Section, course: Course, data: QueryDict | None) -> BaseFormSet[Any]:
    kind = formset_factory(
        section.form, extra=0, can_delete=True, max_num=MOST_ROWS, absolute_max=MOST_ROWS, validate_max=True
    )
    initial = [section.form.initial_of(row) for row in getattr(course, section.key)]  # type: ignore[attr-defined]
    return kind(data, prefix=section.key, initial=initial)


def _initial(protocol: Protocol, course: Course, today: date) -> dict[str, Any]:
    names = ("title", "summary", "note", "source", "price", "price_note", "is_default", "view_set")
    upkeep = course.maintenance
    spans = {f"booster_{field.name}": str(getattr(upkeep, field.name)) for field in fields(upkeep)} if upkeep else {}
    said = {name: getattr(protocol, name) for name in names}
    return {**said, **spans, "starts_on": today, "seen": protocol.fingerprint}
