"""What the forms of all changes have in common: the reason, and faults said at the field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from clinic.rules.refusal import Refusal
from plans.forms.protocol_fields import text_field
from plans.queries.change_story import ChangeStory
from plans.rules.changes import Change
from plans.rules.course import Course
from plans.rules.protocol_fault import Fault

LONGEST_REASON = 1000


class ChangeForm(forms.Form):
    """`at`: the field a refusal stands at when the rules name none. `looks`: only what it would mean is
    asked, so that a reason may be missing still."""

    at: ClassVar[str] = ""
    reason = text_field(
        "Why",
        max_length=LONGEST_REASON,
        help_text="Kept in the plan's history with your name.",
        error_messages={"required": "Write why the plan is changed."},
    )

    def __init__(self, data: Any = None, *, story: ChangeStory, looks: bool = False) -> None:
        super().__init__(data, initial=self.initial_of(story))
        self.story = story
        self.fit(story)
        self.order_fields([name for name in self.fields if name != "reason"])
        self.looks = looks

    def full_clean(self) -> None:
        super().full_clean()
        if self.looks:
            self.errors.pop("reason", None)

    def fit(self, story: ChangeStory) -> None:
        """Give the fields what only the plan knows."""

    @property
    def own(self) -> list[Any]:
        """Its fields without the reason, which stands by itself."""
        return [field for field in self if field.name != "reason"]

    @classmethod
    def initial_of(cls, story: ChangeStory) -> dict[str, Any]:
        return {}

    def as_it_stands(self) -> dict[str, Any]:
        """What would be sent if nothing were typed."""
        return {name: value for name in self.fields if (value := self[name].value()) not in (None, False)}

    def change(self) -> Change:
        """Return the change. Call it when the form is valid, but for a missing reason."""
        raise NotImplementedError

    def faults(self, course: Course) -> Iterable[Fault]:
        """What is wrong with the course as it would be."""
        return ()

    def warnings(self) -> list[str]:
        """What is unusual, and may be done all the same."""
        return []

    def refuse(self, refusal: Refusal) -> None:
        """Say it at the field the rules name by the refusal's code, else at the form's own."""
        at = next((name for name in (refusal.code, self.at) if name in self.fields), None)
        self.add_error(at, ValidationError(refusal.sentence, code=refusal.code))

    def judge(self, course: Course) -> None:
        """Hold the course as it would be against what every protocol is held against; what was wrong before stays."""
        before = {fault.sentence for fault in self.faults(self.story.facts.course)}
        for fault in self.faults(course):
            if fault.sentence not in before:
                name = fault.place.rpartition(".")[2]
                self.add_error(name if name in self.fields else self.at or None, fault.sentence)

    @property
    def ref(self) -> str:
        assert self.story.subject is not None, "the page asks for it first"
        return self.story.subject.key
