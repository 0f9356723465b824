"""The answer to "which shows more hair?"."""

from __future__ import annotations

from django import forms

from plans.rules.ratings import ANSWERS


class RatingForm(forms.Form):
    """One press of one of seven buttons; `skip` puts the pair aside without an answer."""

    answer = forms.TypedChoiceField(
        coerce=int,
        choices=[(answer.value, answer.words) for answer in ANSWERS],
        error_messages={"required": "Press one of the seven answers.", "invalid_choice": "Press one of the answers."},
    )
