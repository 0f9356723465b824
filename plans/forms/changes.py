"""The form of each way to change a plan: what is typed, read as a change of the rules."""

from __future__ import annotations

from typing import Any

from django import forms

from patients.forms import day_field
from plans.forms.change_details import AlongsideForm, CareRuleForm, ReviewForm
from plans.forms.change_form import ChangeForm
from plans.forms.protocol_fields import tick_field
from plans.queries.change_kinds import Kind
from plans.queries.change_story import ChangeStory
from plans.rules.changes import Change, Pin, Remove, Skip, TakeBack
from plans.rules.course import Component
from plans.rules.layout import visit_groups
from plans.rules.plan_changes import Add, AddBooster, NewVersion, PauseFrom, ResumeOn
from plans.rules.regrow import counts_of


class _DayForm(ChangeForm):
    at = "day"

    @classmethod
    def initial_of(cls, story: ChangeStory) -> dict[str, Any]:
        return {"day": story.today}


class PauseForm(_DayForm):
    day = day_field("Paused from", help_text="Today, or a day that is over.")

    def change(self) -> Change:
        return PauseFrom(self.cleaned_data["day"])


class ResumeForm(_DayForm):
    day = day_field("Goes on from")

    def change(self) -> Change:
        return ResumeOn(self.cleaned_data["day"])


class _ComponentsForm(ChangeForm):
    at = "components"
    components = forms.MultipleChoiceField(label="What is given", required=False, widget=forms.CheckboxSelectMultiple())

    @classmethod
    def initial_of(cls, story: ChangeStory) -> dict[str, Any]:
        """What is given at one visit, given together."""
        return {"components": next(iter(visit_groups(story.facts.course)), [])}

    def fit(self, story: ChangeStory) -> None:
        parts = story.facts.course.components
        self.fields["components"].choices = [(part.key, part.modality.label) for part in parts]  # type: ignore[attr-defined]  # a choice field

    def chosen(self) -> list[Component]:
        return [part for part in self.story.facts.course.components if part.key in self.cleaned_data["components"]]


class AddForm(_ComponentsForm):
    def change(self) -> Change:
        return Add(tuple(part.key for part in self.chosen()))

    def warnings(self) -> list[str]:
        course = self.story.facts.course
        have = counts_of(course, self.story.facts.steps)
        return [
            f"The protocol has at most {part.sessions_max} sessions of {part.modality.label}: "
            f"this would be number {have[part.key] + 1}."
            for part in self.chosen()
            if have[part.key] + 1 > part.sessions_max
        ]


class BoosterForm(_ComponentsForm):
    def change(self) -> Change:
        return AddBooster(tuple(part.key for part in self.chosen()))


class SkipForm(ChangeForm):
    def change(self) -> Change:
        return Skip(self.ref)


class UnskipForm(ChangeForm):
    def change(self) -> Change:
        return TakeBack(self.ref)


class RemoveForm(ChangeForm):
    def change(self) -> Change:
        return Remove(self.ref)


class PinForm(ChangeForm):
    at = "day"
    day = day_field("Best day", required=False)
    back = tick_field("Back to the calculated day")

    def fit(self, story: ChangeStory) -> None:
        if story.subject and not story.facts.step(story.subject.key).pinned:
            del self.fields["back"]

    @classmethod
    def initial_of(cls, story: ChangeStory) -> dict[str, Any]:
        view = story.before.sessions.get(story.subject.key) if story.subject else None
        return {"day": view.window.target} if view and view.window else {}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("day") and not cleaned.get("back") and "day" not in self.errors:
            self.add_error("day", "Choose a day.")
        return cleaned

    def change(self) -> Change:
        said = self.cleaned_data
        return Pin(self.ref, None if said.get("back") else said["day"])


class VersionForm(ChangeForm):
    def change(self) -> Change:
        assert self.story.course is not None, "there is a version, or the page says that there is none"
        return NewVersion(self.story.course, self.story.versions)


FORMS: dict[Kind, type[ChangeForm]] = {
    Kind.PAUSE: PauseForm,
    Kind.RESUME: ResumeForm,
    Kind.ADD: AddForm,
    Kind.REMOVE: RemoveForm,
    Kind.SKIP: SkipForm,
    Kind.UNSKIP: UnskipForm,
    Kind.PIN: PinForm,
    Kind.VERSION: VersionForm,
    Kind.CARE_RULE: CareRuleForm,
    Kind.REVIEW: ReviewForm,
    Kind.BOOSTER: BoosterForm,
    Kind.ALONGSIDE: AlongsideForm,
}
