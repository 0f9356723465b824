"""What a page says of a file it sends. The form is only read, never shown: the page asks in its own fields."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.dateparse import parse_date, parse_datetime

from clinic.rules.local_time import at_local
from clinic.rules.refusal import Refusal
from plans.operations.photo_row import PhotoConditions, on_day
from plans.operations.uploads_wish import Wish

CONDITIONS = (
    "is_wet", "parting", "lighting", "flash", "distance_cm", "hair_length_cm", "product", "last_dyed_on", "tilt",
)  # fmt: skip


class PlaceForm(forms.Form):
    view = forms.UUIDField(required=False)
    taken_at = forms.CharField(max_length=40, required=False)
    is_wet = forms.BooleanField(required=False)
    parting = forms.CharField(max_length=60, required=False)
    lighting = forms.CharField(max_length=60, required=False)
    flash = forms.NullBooleanField(required=False)
    distance_cm = forms.IntegerField(required=False, min_value=1, max_value=300)
    hair_length_cm = forms.DecimalField(required=False, min_value=0, max_value=200, max_digits=4, decimal_places=1)
    product = forms.CharField(max_length=60, required=False)
    last_dyed_on = forms.DateField(required=False)
    tilt = forms.FloatField(required=False, min_value=-180, max_value=180)

    def clean_taken_at(self) -> date | datetime | None:
        """A day, or a day and an hour on the clinic's own clock."""
        said = self.cleaned_data["taken_at"].strip()
        try:
            read = parse_date(said) or parse_datetime(said)
        except ValueError:
            read = None
        if said and read is None:
            raise ValidationError("Write the day it was taken, such as 2026-11-03.")
        return read

    def conditions(self, before: PhotoConditions, *, zone: ZoneInfo, now: datetime) -> PhotoConditions:
        """What was said before, with what is said now. Refusal: taken_when."""
        said = {name: self.cleaned_data[name] for name in CONDITIONS if name in self.data}
        taken = self.cleaned_data["taken_at"]
        if taken is not None:
            said["taken_at"] = _instant(taken, zone, now)
        return replace(before, **said)


class BeginForm(PlaceForm):
    size = forms.IntegerField(min_value=0)
    fingerprint = forms.CharField(max_length=200)
    captured = forms.BooleanField(required=False)
    many = forms.BooleanField(required=False)

    def wish(self, *, zone: ZoneInfo, now: datetime) -> Wish:
        return Wish(
            view_id=self.cleaned_data["view"],
            conditions=self.conditions(PhotoConditions(), zone=zone, now=now),
            captured=self.cleaned_data["captured"],
            many=self.cleaned_data["many"],
        )


def said_in(request: HttpRequest) -> dict[str, Any]:
    """The body of a request as one flat table: JSON, or a form as a browser sends it. Refusal: unreadable."""
    if request.content_type != "application/json":
        return request.POST.dict()
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refusal("unreadable", "The page sent what nobody can read: load it anew.")
    inner = body.pop("conditions", None)
    flat = {**(inner if isinstance(inner, dict) else {}), **body}
    return {str(name): value for name, value in flat.items() if isinstance(value, str | int | float | bool)}


def _instant(taken: date | datetime, zone: ZoneInfo, now: datetime) -> datetime:
    if not isinstance(taken, datetime):
        return on_day(taken, zone, now)
    return taken if taken.tzinfo else at_local(taken.date(), taken.time(), zone)
