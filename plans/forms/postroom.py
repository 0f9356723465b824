"""Why letters are held, and why they may leave again."""

from __future__ import annotations

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget


class WhyForm(forms.Form):
    why = forms.CharField(
        label="Why",
        max_length=200,
        error_messages={"required": "Write in a few words why: whoever looks later will want to know."},
        widget=UnfoldAdminTextInputWidget(),
    )
