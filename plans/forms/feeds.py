"""What is asked before a calendar address is made."""

from __future__ import annotations

from django import forms
from unfold.widgets import UnfoldBooleanWidget

from plans.forms.wishes import TokenField


class FeedForm(forms.Form):
    token = TokenField()
    shows_names = forms.BooleanField(
        label="Show patients’ names",
        required=False,
        widget=UnfoldBooleanWidget(),
        help_text="Whoever knows the address then reads who is a patient here, and when. Leave it off unless you must: "
        "without names every appointment reads “Booked”.",
    )
