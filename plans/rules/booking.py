"""Whether an appointment may be made, cancelled, missed or completed: each answer is None or a refusal to show."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from clinic.rules.local_time import local_day
from clinic.rules.opening import Period
from clinic.rules.refusal import Refusal
from plans.rules.states import AppointmentState, may_move
from plans.rules.windows import Window
from plans.rules.wording import clock_words, day_words

# These yield to a written reason; nobody may book in the past.
OVERRIDABLE = frozenset({"too_early", "too_late", "outside_hours"})
# Too early harms, and hours are people's: a clinician decides. Late is better than never: whoever books writes why.
FOR_CLINICIANS = frozenset({"too_early", "outside_hours"})

# The clinic may find out after the start that it has to cancel (practitioner ill): not the patient's no-show.
CANCEL_GRACE = timedelta(hours=24)
# A patient may be treated before her hour, not on another day.
EARLY_START = timedelta(hours=12)


def overlaps(a_start: datetime, a_end: datetime, b_start: datetime, b_end: datetime) -> bool:
    """Return whether two half-open periods share an instant: back to back they do not."""
    return a_start < b_end and b_start < a_end


def why_not_book(
    *,
    starts: datetime,
    ends: datetime,
    now: datetime,
    opening: Sequence[Period],
    zone: ZoneInfo,
    window: Window | None = None,
    who: str = "Nobody",
) -> Refusal | None:
    """Return why nothing may be booked from `starts` to `ends`, or None.

    `opening` is when `who` can be booked on that local day, in order, periods that touch joined. `window` is the
    session's, None for anything that has none. Codes: wrong_times, past, outside_hours, too_early, too_late.
    """
    if ends <= starts:
        return Refusal("wrong_times", "An appointment ends after it starts: please change the times.")
    if starts < now:
        return Refusal("past", f"{_when(starts, zone)} is in the past.")
    if not is_inside(starts, ends, opening):
        return Refusal("outside_hours", _hours_sentence(starts, opening, zone, who))
    return why_not_in_window(starts, window, zone) if window else None


def why_not_in_window(starts: datetime, window: Window, zone: ZoneInfo) -> Refusal | None:
    """Return why the session may not be held on that day: too_early or too_late, naming the date and the rule."""
    day = local_day(starts, zone)
    reasons = ". ".join(filter(None, (window.basis, *(note.rstrip(".") for note in window.notes))))
    because = f" {reasons}." if reasons else ""
    if day < window.earliest:
        sentence = f"Session {window.number} may not be before {day_words(window.earliest)}.{because}"
        return Refusal("too_early", sentence)
    if day > window.latest:
        sentence = f"Session {window.number} should be by {day_words(window.latest)}.{because}"
        return Refusal("too_late", sentence)
    return None


def why_not_cancel(state: AppointmentState, starts: datetime, now: datetime) -> Refusal | None:
    """Codes: wrong_state, over."""
    if refusal := _why_not_move(state, AppointmentState.CANCELLED, "cancelled"):
        return refusal
    if now >= starts + CANCEL_GRACE:
        return Refusal("over", "This appointment is over: mark it as done or as no-show.")
    return None


def why_not_check_in(state: AppointmentState) -> Refusal | None:
    """Who is being treated can be called back to waiting, which is no arrival. Code: wrong_state."""
    if state is AppointmentState.IN_TREATMENT:
        return Refusal("wrong_state", "This patient is being treated already: call her back to waiting instead.")
    return _why_not_move(state, AppointmentState.ARRIVED, "checked in")


def why_not_no_show(state: AppointmentState, starts: datetime, now: datetime) -> Refusal | None:
    """Codes: wrong_state, not_yet."""
    if refusal := _why_not_move(state, AppointmentState.NO_SHOW, "marked as no-show"):
        return refusal
    if now < starts:
        return Refusal("not_yet", "This appointment has not begun: the patient may still come.")
    return None


def why_not_complete(state: AppointmentState, starts: datetime, now: datetime) -> Refusal | None:
    """Codes: wrong_state, not_yet."""
    if refusal := _why_not_move(state, AppointmentState.DONE, "completed"):
        return refusal
    if now < starts - EARLY_START:
        return Refusal("not_yet", "This appointment is not today: it cannot be completed yet.")
    return None


def _why_not_move(state: AppointmentState, new: AppointmentState, verb: str) -> Refusal | None:
    if may_move(state, new):
        return None
    return Refusal("wrong_state", f"This appointment is “{state.label.lower()}” and cannot be {verb}.")


def is_inside(starts: datetime, ends: datetime, opening: Sequence[Period]) -> bool:
    """Return whether one open period covers the whole appointment."""
    return any(opens <= starts and ends <= closes for opens, closes in opening)


def _hours_sentence(starts: datetime, opening: Sequence[Period], zone: ZoneInfo, who: str) -> str:
    day = day_words(local_day(starts, zone))
    if not opening:
        return f"Nobody works on {day}." if who == "Nobody" else f"{who} does not work on {day}."
    spans = ", ".join(f"{clock_words(opens, zone)} to {clock_words(closes, zone)}" for opens, closes in opening)
    return f"{_when(starts, zone)} is outside the hours of that day: {spans}."


def _when(instant: datetime, zone: ZoneInfo) -> str:
    return f"{day_words(local_day(instant, zone))}, {clock_words(instant, zone)},"
