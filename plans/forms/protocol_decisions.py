"""What is asked before a protocol is copied or published."""

from __future__ import annotations

from django import forms

from plans.forms.protocol_fields import line_field, text_field


class CopyForm(forms.Form):
    title = line_field("Title of the copy", 120)
    key = line_field("Key", 40, help_text="Small letters, digits and hyphens. It stays for all its versions.")


class NoteForm(forms.Form):
    change_note = text_field(
        "What is different, and why", rows=3, help_text="Kept with the version and in the audit, with your name."
    )
