"""What goes on a before-and-after sheet, for which use, and why."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from plans.queries.sheet import SheetStory
from plans.rules.photo_use import MOST_ON_A_SHEET, PhotoUse

PDF, PNG = "pdf", "png"
KINDS = ((PDF, "PDF, to print or to send"), (PNG, "PNG, one picture for slides"))


class SheetForm(forms.Form):
    """Its choices are what the story holds: a review or a view that has no photo cannot be asked for."""

    use = forms.ChoiceField(
        choices=[(one.value, one.label) for one in PhotoUse], error_messages={"required": "Choose what it is for."}
    )
    reviews = forms.MultipleChoiceField(error_messages={"required": "Choose at least one review."})
    views = forms.MultipleChoiceField(error_messages={"required": "Choose at least one view."})
    kind = forms.ChoiceField(choices=KINDS)
    reason = forms.CharField(
        label="What it is for, or to whom it goes",
        max_length=240,
        widget=UnfoldAdminTextInputWidget(),
        error_messages={"required": "Write what the sheet is for, or to whom it goes."},
    )

    def __init__(self, *args: Any, story: SheetStory, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.story = story
        self._choices("reviews", [(str(one.pk), one.title) for one in story.reviews])
        self._choices("views", list(story.views.items()))

    def chosen(self, name: str) -> list[str]:
        """What stands chosen on the page, typed or proposed."""
        found = self[name].value() or []
        return [str(one) for one in found] if isinstance(found, (list, tuple)) else [str(found)]

    @property
    def use_asked(self) -> PhotoUse:
        return PhotoUse(self.cleaned_data["use"])

    @property
    def reviews_asked(self) -> list[UUID]:
        return [UUID(one) for one in self.cleaned_data["reviews"]]

    def clean_reviews(self) -> list[str]:
        found: list[str] = self.cleaned_data["reviews"]
        if len(found) > MOST_ON_A_SHEET:
            raise forms.ValidationError(f"Choose {MOST_ON_A_SHEET} at most: more cannot be seen on one sheet.")
        return found

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = choices


def proposed(story: SheetStory) -> dict[str, object]:
    """The first photos and this review's, every view that both have; the first use that is covered."""
    first, last = (story.reviews[0], story.reviews[-1]) if story.reviews else (None, None)
    both = [one for one in story.views if first and last and story.photo(first, one) and story.photo(last, one)]
    return {
        "use": next((line.use.value for line in story.uses if not line.why_not), ""),
        "reviews": list(dict.fromkeys(str(one.pk) for one in (first, last) if one)),
        "views": both or list(story.views),
        "kind": PDF,
    }
