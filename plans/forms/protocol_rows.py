"""The rows of a protocol as forms: each is written from a value of the rules and read back as one.

Numbers, order and contradictions are not judged here but by `protocol_check`, for every face the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.text import slugify

from plans.forms.protocol_fields import choice_field, line_field, number_field, span_field, text_field, tick_field
from plans.models.protocol import ALONGSIDE, AT_SESSIONS
from plans.rules.course import (
    AT_ONCE,
    Alongside,
    CareBy,
    CareKind,
    CarePhase,
    CareRule,
    Component,
    Expectation,
    Interval,
    LeastGap,
    Modality,
    ReviewPoint,
)

CHOOSE = [("", "Choose")]
KEY_HELP = "Empty: made from the words."


class RowForm(forms.Form):
    """`called` names the row, `named_by` is the field its key is made from."""

    called = ""
    named_by = ""

    def value(self, taken: Iterable[str]) -> Any:
        """Return the rules' value. `taken`: keys of the rows before it."""
        raise NotImplementedError

    def own_key(self, taken: Iterable[str]) -> str:
        if given := self.cleaned_data["key"].strip():
            return str(given)
        return free_key(str(self.cleaned_data[self.named_by]), taken)


def free_key(words: str, taken: Iterable[str]) -> str:
    """Return a key made from words that no other row has."""
    stem, used = slugify(words)[:32].strip("-_") or "one", set(taken)
    numbers = (f"{stem}-{number}" for number in range(2, len(used) + 3))
    return next(key for key in (stem, *numbers) if key not in used)


class ComponentForm(RowForm):
    called, named_by = "Course of treatment", "modality"

    modality = choice_field("Treatment", CHOOSE + AT_SESSIONS)
    sessions_min = number_field("Fewest sessions")
    sessions_usual = number_field("Usual")
    sessions_max = number_field("Most")
    interval_earliest = span_field("Apart, earliest")
    interval_target = span_field("Best")
    interval_latest = span_field("Latest")
    minutes = number_field("Minutes", initial=45)
    starts = span_field("Begins", initial="0 days", help_text="After the start of the plan.")
    starts_after = line_field("After the first of", 40, required=False, names="components-keys")
    shares_visit_with = line_field("Same visits as", 40, required=False, names="components-keys")
    key = line_field("Key", 40, required=False, help_text=KEY_HELP)

    @staticmethod
    def initial_of(part: Component) -> dict[str, Any]:
        return {
            "key": part.key, "modality": part.modality.value, "minutes": part.minutes, "starts": str(part.starts),
            "sessions_min": part.sessions_min, "sessions_usual": part.sessions_usual, "sessions_max": part.sessions_max,
            "interval_earliest": str(part.interval.earliest), "interval_target": str(part.interval.target),
            "interval_latest": str(part.interval.latest), "shares_visit_with": part.shares_visit_with,
            "starts_after": part.starts_after,
        }  # fmt: skip

    def value(self, taken: Iterable[str]) -> Component:
        said = self.cleaned_data
        return Component(
            key=self.own_key(taken),
            modality=Modality(said["modality"]),
            sessions_min=said["sessions_min"],
            sessions_usual=said["sessions_usual"],
            sessions_max=said["sessions_max"],
            interval=Interval(said["interval_earliest"], said["interval_target"], said["interval_latest"]),
            starts=said["starts"],
            shares_visit_with=said["shares_visit_with"],
            minutes=said["minutes"],
            starts_after=said["starts_after"],
        )


class ReviewForm(RowForm):
    called, named_by = "Review", "title"

    title = line_field("Name", 80)
    offset = span_field("After the first session", help_text="“0 days” is the baseline.")
    opens_before = span_field("Opens before", initial="2 weeks")
    closes_after = span_field("Closes after", initial="4 weeks")
    key = line_field("Key", 40, required=False, help_text=KEY_HELP)

    @staticmethod
    def initial_of(point: ReviewPoint) -> dict[str, Any]:
        spans = {name: str(getattr(point, name)) for name in ("offset", "opens_before", "closes_after")}
        return {"key": point.key, "title": point.title, **spans}

    def value(self, taken: Iterable[str]) -> ReviewPoint:
        said = self.cleaned_data
        return ReviewPoint(
            self.own_key(taken), said["title"], said["offset"], said["opens_before"], said["closes_after"]
        )


class CareRuleForm(RowForm):
    called, named_by = "Rule", "text"

    text = text_field("What the patient reads")
    phase = choice_field("When", [(p.value, p.label) for p in CarePhase], initial=CarePhase.AFTER.value)
    kind = choice_field("Kind", [(k.value, k.label) for k in CareKind], initial=CareKind.AVOID.value)
    act = line_field("About", 40, names="acts", help_text="Rules on the same act are read together.")
    starts = span_field("Begins", required=False, help_text="Before or after the session. Empty: at once.")
    ends = span_field("Ends", required=False, help_text="Empty: at the session, or no end.")
    ongoing = tick_field("Ongoing")
    in_force = tick_field("In force", initial=True)
    source = line_field("Source", 120, names="sources")
    conflicts_with = line_field(
        "Conflicts with", 40, required=False, names="care_rules-keys", help_text="Another rule's key."
    )
    by = choice_field("Done by", [(b.value, b.label) for b in CareBy], initial=CareBy.PATIENT.value)
    modalities = forms.MultipleChoiceField(
        label="Only with", choices=AT_SESSIONS, required=False, widget=forms.CheckboxSelectMultiple(),
        help_text="None: every session.",
    )  # fmt: skip
    key = line_field("Key", 40, required=False, help_text=KEY_HELP)

    @staticmethod
    def initial_of(rule: CareRule) -> dict[str, Any]:
        return {
            "key": rule.key, "text": rule.text, "phase": rule.phase.value, "kind": rule.kind.value, "act": rule.act,
            "starts": str(rule.starts or ""), "ends": str(rule.ends or ""), "ongoing": rule.ongoing,
            "in_force": rule.in_force, "source": rule.source, "conflicts_with": rule.conflicts_with,
            "by": rule.by.value, "modalities": [m.value for m in rule.modalities],
        }  # fmt: skip

    def value(self, taken: Iterable[str]) -> CareRule:
        said = self.cleaned_data
        return CareRule(
            key=self.own_key(taken),
            phase=CarePhase(said["phase"]),
            kind=CareKind(said["kind"]),
            act=said["act"],
            text=said["text"],
            source=said["source"],
            starts=said["starts"],
            ends=said["ends"],
            ongoing=said["ongoing"],
            by=CareBy(said["by"]),
            modalities=tuple(Modality(m) for m in said["modalities"]),
            conflicts_with=said["conflicts_with"],
            in_force=said["in_force"],
        )


class LeastGapForm(RowForm):
    called = "Least gap"

    first = choice_field("Between", CHOOSE + AT_SESSIONS)
    second = choice_field("and", CHOOSE + AT_SESSIONS)
    span = span_field("At least")

    @staticmethod
    def initial_of(gap: LeastGap) -> dict[str, Any]:
        return {"first": gap.first.value, "second": gap.second.value, "span": str(gap.span)}

    def value(self, taken: Iterable[str]) -> LeastGap:
        said = self.cleaned_data
        return LeastGap(Modality(said["first"]), Modality(said["second"]), said["span"])


class AlongsideForm(RowForm):
    called, named_by = "Medicine or referral", "name"

    name = line_field("What", 80, help_text="“Minoxidil 5 %, twice a day”")
    modality = choice_field("Kind", ALONGSIDE, initial=Modality.MEDICAL.value)
    starts = span_field("Begins", initial=str(AT_ONCE), help_text="After the plan's start.")
    lasts = span_field("For", required=False, help_text="Empty: continuously.")
    source = line_field("Source", 120, required=False, names="sources")
    key = line_field("Key", 40, required=False, help_text=KEY_HELP)

    @staticmethod
    def initial_of(one: Alongside) -> dict[str, Any]:
        return {
            "key": one.key, "name": one.name, "modality": one.modality.value, "starts": str(one.starts),
            "lasts": str(one.lasts or ""), "source": one.source,
        }  # fmt: skip

    def value(self, taken: Iterable[str]) -> Alongside:
        said = self.cleaned_data
        return Alongside(
            self.own_key(taken), Modality(said["modality"]), said["name"], said["starts"], said["lasts"], said["source"]
        )


class ExpectationForm(RowForm):
    called = "Expectation"

    when = line_field("When", 40)
    text = text_field("What the patient may see", help_text="Never a promise.")
    source = line_field("Source", 120, names="sources")

    @staticmethod
    def initial_of(item: Expectation) -> dict[str, Any]:
        return {"when": item.when, "text": item.text, "source": item.source}

    def value(self, taken: Iterable[str]) -> Expectation:
        said = self.cleaned_data
        return Expectation(said["when"], said["text"], said["source"])
