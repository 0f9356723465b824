"""What a change changes, in sentences: for the history, the audit, and whoever cannot see two columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic.rules.local_time import local_day
from plans.rules.cascade import Diff
from plans.rules.picture import ReviewView, SessionView
from plans.rules.reminders import Wanted
from plans.rules.restrictions import Restriction
from plans.rules.states import ReviewState, SessionState
from plans.rules.wording import act_words, clock_words, day_words, list_words, modality_words

NOTHING = "–"


def sentences(diff: Diff, zone: ZoneInfo) -> list[str]:
    """Return one sentence for each thing that changes, in the order of the diff. Empty: nothing does."""
    return [*_of_sessions(diff), *_of_reviews(diff), *_of_restrictions(diff, zone), *_of_letters(diff, zone)]


def session_name(view: SessionView) -> str:
    given = list_words([modality_words(modality) for modality in view.modalities])
    return f"Session {view.number} ({given})"


def session_when(view: SessionView | None) -> str:
    """Return how it stands: "done Mon 5 Oct 2026", "Mon 2 Nov 2026 – Mon 16 Nov 2026, best Mon 9 Nov 2026"."""
    if view is None:
        return NOTHING
    if view.state is SessionState.DONE and view.day:
        return f"done {day_words(view.day)}"
    if view.state is not SessionState.PLANNED or view.window is None:
        return view.state.label.lower()
    window = view.window
    booked = f"booked {day_words(view.day)}; " if view.day else ""
    return f"{booked}{day_words(window.earliest)} – {day_words(window.latest)}, best {day_words(window.target)}"


def review_when(view: ReviewView | None) -> str:
    if view is None:
        return NOTHING
    if view.state is not ReviewState.PROMISED:
        return view.state.label.lower()
    booked = f", booked {day_words(view.booked_on)}" if view.booked_on else ""
    return f"{'about ' if view.estimated else ''}{day_words(view.due)}{booked}"


def restriction_when(period: Restriction | None, zone: ZoneInfo) -> str:
    if period is None:
        return NOTHING
    begins = day_words(local_day(period.begins, zone))
    if period.safe_on is None:
        return f"from {begins}, no end"
    return f"from {begins}, allowed again from {day_words(period.safe_on)}"


def letter_when(letter: Wanted | None, zone: ZoneInfo) -> str:
    if letter is None:
        return NOTHING
    day = day_words(local_day(letter.due_at, zone))
    said = _said(letter, zone)
    return f"{day}, says {said}" if said else day


def _said(letter: Wanted, zone: ZoneInfo) -> str:
    """The day or the hour a letter states; empty where it states none."""
    try:
        if "T" not in letter.facts:
            return day_words(date.fromisoformat(letter.facts))
        instant = datetime.fromisoformat(letter.facts)
    except ValueError:
        return ""
    return f"{day_words(local_day(instant, zone))}, {clock_words(instant, zone)}"


def _of_sessions(diff: Diff) -> Iterator[str]:
    for pair in diff.sessions:
        view = pair.after or pair.before
        if view and _shows(session_when(pair.before), session_when(pair.after)):
            yield f"{session_name(view)}: {_arrow(session_when(pair.before), session_when(pair.after))}"


def _of_reviews(diff: Diff) -> Iterator[str]:
    for pair in diff.reviews:
        view = pair.after or pair.before
        if view and _shows(review_when(pair.before), review_when(pair.after)):
            yield f"Review “{view.title}”: {_arrow(review_when(pair.before), review_when(pair.after))}"


def _of_restrictions(diff: Diff, zone: ZoneInfo) -> Iterator[str]:
    for pair in diff.restrictions:
        period = pair.after or pair.before
        was, will = restriction_when(pair.before, zone), restriction_when(pair.after, zone)
        if period and _shows(was, will):
            yield f"No {act_words(period.act)}: {_arrow(was, will)}"


def _of_letters(diff: Diff, zone: ZoneInfo) -> Iterator[str]:
    for pair in diff.letters:
        letter = pair.after or pair.before
        was, will = letter_when(pair.before, zone), letter_when(pair.after, zone)
        if letter and _shows(was, will):
            yield f"Mail “{letter.kind.label}”: {_arrow(was, will)}"


def _shows(was: str, will: str) -> bool:
    return was != will


def _arrow(was: str, will: str) -> str:
    if was == NOTHING:
        return f"new, {will}"
    return f"{was} → no longer" if will == NOTHING else f"{was} → {will}"
