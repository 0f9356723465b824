"""Changing what the course says for one patient: a care rule, a review's distance, a medicine or a referral."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError

from patients.forms import day_field
from plans.forms.change_form import ChangeForm
from plans.forms.protocol_fields import choice_field, line_field, span_field, text_field, tick_field
from plans.forms.protocol_rows import free_key
from plans.models.protocol import ALONGSIDE
from plans.queries.change_story import ChangeStory
from plans.rules.changes import Change
from plans.rules.course import Alongside, CarePhase, CareRule, Course, Modality
from plans.rules.plan_changes import ChangeRule, MoveReview, SetAlongside
from plans.rules.protocol_check_care import care_faults
from plans.rules.protocol_check_rest import alongside_faults, review_faults
from plans.rules.protocol_concerns import contradictions
from plans.rules.protocol_fault import Fault

LONG_AGO, FAR_AHEAD = timedelta(days=366 * 40), timedelta(days=366 * 2)


class CareRuleForm(ChangeForm):
    at = "text"
    text = text_field("What the patient reads", max_length=1000)
    starts = span_field("Begins", required=False)
    ends = span_field("Ends", required=False)
    in_force = tick_field("In force")

    @classmethod
    def initial_of(cls, story: ChangeStory) -> dict[str, Any]:
        if (rule := _rule(story)) is None:
            return {}
        spans = {"starts": str(rule.starts or ""), "ends": str(rule.ends or "")}
        return {"text": rule.text, "in_force": rule.in_force, **spans}

    def fit(self, story: ChangeStory) -> None:
        rule = _rule(story)
        if rule is None:
            return
        is_before = rule.phase is CarePhase.PRE
        self.fields["starts"].help_text = "Before the session." if is_before else "After the session. Empty: at once."
        self.fields["ends"].help_text = "Before the session. Empty: at the session." if is_before else "After it."
        if rule.ongoing:
            del self.fields["ends"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        rule = _rule(self.story)
        for name in ("starts", "ends"):
            if rule and getattr(rule, name) and name in cleaned and cleaned[name] is None:
                self.add_error(name, "Say how long: for example “4 weeks”. Or take the rule out of force.")
        return cleaned

    def change(self) -> Change:
        rule, said = _rule(self.story), self.cleaned_data
        assert rule is not None, "the page asks for it first"
        spans = {"starts": said["starts"], "ends": said.get("ends", rule.ends)}
        return ChangeRule(replace(rule, text=said["text"], in_force=said["in_force"], **spans))

    def faults(self, course: Course) -> Iterable[Fault]:
        yield from care_faults(course.care_rules)
        for concern in contradictions(course):
            yield Fault("in_force", concern.code, f"{concern.sentence} {concern.settle}")


class ReviewForm(ChangeForm):
    at = "offset"
    offset = span_field("After the first session", help_text="For example “4 months” or “10 weeks”.")

    @classmethod
    def initial_of(cls, story: ChangeStory) -> dict[str, Any]:
        key = story.subject.key if story.subject else ""
        point = next((point for point in story.facts.course.reviews if point.key == key), None)
        return {"offset": str(point.offset)} if point else {}

    def clean_offset(self) -> Any:
        """Asked before it is dated: hours have no calendar."""
        offset, key = self.cleaned_data["offset"], self.ref
        course = self.story.facts.course
        points = tuple(replace(p, offset=offset) if p.key == key else p for p in course.reviews)
        known = {fault.sentence for fault in review_faults(course.reviews)}
        if wrong := [fault.sentence for fault in review_faults(points) if fault.sentence not in known]:
            raise ValidationError(wrong[0])
        return offset

    def change(self) -> Change:
        return MoveReview(self.ref, self.cleaned_data["offset"])


class AlongsideForm(ChangeForm):
    """A medicine's or a referral's own days; a new one has its name and kind, too."""

    at = "name"
    name = line_field("What", 80, help_text="“Minoxidil 5 %, twice a day”")
    modality = choice_field("Kind", ALONGSIDE, initial=Modality.MEDICAL.value)
    began_on = day_field("Begun on", required=False, help_text="Empty: not begun.")
    stopped_on = day_field("Stopped on", required=False)

    @classmethod
    def initial_of(cls, story: ChangeStory) -> dict[str, Any]:
        item = _item(story)
        if item is None:
            return {"began_on": story.today}
        return {"began_on": item.began_on or story.today, "stopped_on": item.stopped_on}

    def fit(self, story: ChangeStory) -> None:
        item = _item(story)
        if item is None:
            del self.fields["stopped_on"]
            return
        del self.fields["name"], self.fields["modality"]
        if item.modality is Modality.TRANSPLANT:
            self.fields["began_on"].label, self.fields["stopped_on"].label = "Referred on", "Called off on"

    def clean_began_on(self) -> date | None:
        return self._near("began_on")

    def clean_stopped_on(self) -> date | None:
        return self._near("stopped_on")

    def _near(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        today = self.story.today
        if day and not today - LONG_AGO <= day <= today + FAR_AHEAD:
            raise ValidationError("Give a day of the last forty years, or of the next two.")
        return day

    def change(self) -> Change:
        said, known = self.cleaned_data, self.story.facts.course.alongside
        item = _item(self.story)
        if item is None:
            key = free_key(said["name"], [one.key for one in known])
            item = Alongside(key, Modality(said["modality"]), said["name"])
        return SetAlongside(replace(item, began_on=said["began_on"], stopped_on=said.get("stopped_on")))

    def faults(self, course: Course) -> Iterable[Fault]:
        return alongside_faults(course.alongside)


def _rule(story: ChangeStory) -> CareRule | None:
    return story.facts.course.rule(story.subject.key) if story.subject else None


def _item(story: ChangeStory) -> Alongside | None:
    known = {one.key: one for one in story.facts.course.alongside}
    return known.get(story.subject.key) if story.subject else None
