"""The record of a session: when it was."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget

from clinic.rules.local_time import at_local, local_day
from patients.forms import day_field
from plans.forms.booking import TimeInput
from plans.queries.session_story import SessionStory

MINUTE = timedelta(minutes=1)


class SessionForm(forms.Form):
    on = day_field("Held on")
    started = forms.TimeField(label="Began", widget=TimeInput())
    ended = forms.TimeField(label="Ended", widget=TimeInput())
    remarks = forms.CharField(label="Remarks", required=False, widget=UnfoldAdminTextareaWidget({"rows": 3}))
    override_reason = forms.CharField(
        label="Why you go on all the same", required=False, widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text="Kept in the audit with your name.",
    )  # fmt: skip

    def __init__(self, post: Any = None, *, story: SessionStory) -> None:
        super().__init__(post, initial=_as_booked(story))
        self.story = story

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        started, ended = cleaned.get("started"), cleaned.get("ended")
        if started and ended and not self._ends_after_it_starts(started, ended):
            self.add_error("ended", "A session ends after it begins.")
        return cleaned

    def times(self) -> tuple[datetime, datetime]:
        """Return both instants; an end of 00:00 is the midnight that follows."""
        said = self.cleaned_data
        last_day: date = said["on"] + timedelta(days=1) if said["ended"] == time.min else said["on"]
        return (
            at_local(said["on"], said["started"], self.story.zone),
            at_local(last_day, said["ended"], self.story.zone),
        )

    @staticmethod
    def _ends_after_it_starts(started: time, ended: time) -> bool:
        return started < ended or ended == time.min


def _as_booked(story: SessionStory) -> dict[str, Any]:
    """The booked times where they are over, else those that end now: it is written down when she leaves."""
    length, now = timedelta(minutes=story.minutes), story.now.replace(second=0, microsecond=0)
    booked = story.appointment
    if booked and booked.ends <= now:
        starts, ends = booked.starts, booked.ends
    else:
        starts, ends = now - length, now
        if booked and starts < booked.starts < ends - MINUTE:
            starts = booked.starts
    local = [instant.astimezone(story.zone) for instant in (starts, ends)]
    return {"on": local_day(starts, story.zone), "started": local[0].time(), "ended": local[1].time()}
