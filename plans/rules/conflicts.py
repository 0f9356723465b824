"""Where a plan and what was agreed with the patient no longer fit: each conflict with what can be done about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from clinic.rules.local_time import local_day
from plans.rules.picture import Picture, ReviewView, SessionView
from plans.rules.plan_facts import Booking, PlanFacts
from plans.rules.rhythm import beyond_pauses
from plans.rules.states import ReviewState, SessionState
from plans.rules.wording import act_words, day_words


class ConflictKind(StrEnum):
    OUTSIDE_WINDOW = "outside_window"
    NOT_NEEDED = "not_needed"
    IN_PAUSE = "in_pause"
    REVIEW_OUTSIDE = "review_outside"
    RESTRICTED = "restricted"
    NO_BASELINE = "no_baseline"


class Choice(StrEnum):
    """What a human may decide about a booked appointment. MOVE needs a time: written "move:2026-11-03T09:00+08:00"."""

    KEEP = "keep"
    MOVE = "move"
    CANCEL = "cancel"

    @property
    def label(self) -> str:
        return {"keep": "Keep it", "move": "Move it", "cancel": "Cancel it, book later"}[self.value]


_KEEP_MOVE_CANCEL = (Choice.MOVE, Choice.CANCEL, Choice.KEEP)
_CHOICES = {
    ConflictKind.OUTSIDE_WINDOW: _KEEP_MOVE_CANCEL,
    ConflictKind.REVIEW_OUTSIDE: _KEEP_MOVE_CANCEL,
    ConflictKind.RESTRICTED: _KEEP_MOVE_CANCEL,
    ConflictKind.NOT_NEEDED: (Choice.CANCEL,),
    ConflictKind.IN_PAUSE: (Choice.CANCEL,),
    ConflictKind.NO_BASELINE: (),
}


@dataclass(frozen=True, slots=True)
class Conflict:
    """`subject` is a session's ref or a review's key. `sentence` names the rule that causes it. `first` and `last` are
    the days on which it would fit, None where there are none. `is_new`: the change brings it."""

    kind: ConflictKind
    subject: str
    sentence: str
    first: date | None = None
    last: date | None = None
    is_new: bool = True

    @property
    def choices(self) -> tuple[Choice, ...]:
        return _CHOICES[self.kind]


def conflicts_of(facts: PlanFacts, picture: Picture) -> tuple[Conflict, ...]:
    """Return every conflict, by kind of thing: appointments of sessions, of reviews, then the reviews themselves."""
    sessions = [b for b in facts.live_bookings() if b.subject in picture.sessions]
    reviews = [b for b in facts.live_bookings() if b.subject in picture.reviews]
    return (
        *(c for booking in sessions for c in _of_session(facts, picture, booking)),
        *(c for booking in reviews for c in _of_review(facts, picture.reviews[booking.subject], booking)),
        *_without_baseline(facts, picture),
    )


def _of_session(facts: PlanFacts, picture: Picture, booking: Booking) -> Iterator[Conflict]:
    view = picture.sessions[booking.subject]
    day = local_day(booking.facts.starts, facts.zone)
    name, when = f"Session {view.number}", day_words(day)
    if view.state in (SessionState.SKIPPED, SessionState.CANCELLED):
        yield Conflict(
            ConflictKind.NOT_NEEDED,
            view.ref,
            f"The session booked on {when} is no longer held: cancel the appointment.",
        )
        return
    if view.state is not SessionState.PLANNED or view.window is None:
        return
    if _is_paused(facts, day):
        yield Conflict(ConflictKind.IN_PAUSE, view.ref, f"{name} is booked on {when}, while the plan stands still.")
        return
    yield from _outside(facts, view, day)
    yield from _restricted(facts, picture, view, booking)


def _is_paused(facts: PlanFacts, day: date) -> bool:
    if facts.paused_since and day >= facts.paused_since:
        return True
    return any(pause.begins <= day < pause.ends for pause in facts.pauses)


def _fitting(facts: PlanFacts, first: date, last: date) -> tuple[date | None, date | None]:
    """Return the first and the last day, from today on, on which it would fit; nothing when there is no such day."""
    first = beyond_pauses(max(first, facts.today), facts.pauses)
    return (first, last) if first <= last else (None, None)


def _outside(facts: PlanFacts, view: SessionView, day: date) -> Iterator[Conflict]:
    window = view.window
    if window is None or window.earliest <= day <= window.latest:
        return
    why = ". ".join(filter(None, (window.basis, *(note.rstrip(".") for note in window.notes))))
    belongs = f"it belongs between {day_words(window.earliest)} and {day_words(window.latest)}"
    sentence = f"Session {view.number} is booked on {day_words(day)}; {belongs}. {why}."
    yield Conflict(ConflictKind.OUTSIDE_WINDOW, view.ref, sentence, *_fitting(facts, window.earliest, window.latest))


def _restricted(facts: PlanFacts, picture: Picture, view: SessionView, booking: Booking) -> Iterator[Conflict]:
    """A rule after another session forbids the very treatment that is booked."""
    starts, window = booking.facts.starts, view.window
    acts = {modality.value for modality in view.modalities}
    for period in picture.restrictions:
        if period.act not in acts or not period.begins <= starts < (period.ends or booking.facts.ends):
            continue
        if all(reason.session == view.number for reason in period.reasons):
            continue
        until = f" until {day_words(period.safe_on)}" if period.safe_on else ""
        yield Conflict(
            ConflictKind.RESTRICTED,
            view.ref,
            f"Session {view.number}: no {act_words(period.act)}{until}. {' '.join(period.texts)}",
            *(_fitting(facts, period.safe_on, window.latest) if period.safe_on and window else (None, None)),
        )


def _of_review(facts: PlanFacts, view: ReviewView, booking: Booking) -> Iterator[Conflict]:
    day = local_day(booking.facts.starts, facts.zone)
    if view.state is not ReviewState.PROMISED:
        yield Conflict(
            ConflictKind.NOT_NEEDED,
            view.key,
            f"The review “{view.title}” booked on {day_words(day)} is no longer promised: cancel the appointment.",
        )
    elif not view.opens <= day <= view.closes:
        yield Conflict(
            ConflictKind.REVIEW_OUTSIDE,
            view.key,
            f"The review “{view.title}” is booked on {day_words(day)}; it belongs between {day_words(view.opens)} "
            f"and {day_words(view.closes)}, counted from the first session.",
            *_fitting(facts, view.opens, view.closes),
        )


def _without_baseline(facts: PlanFacts, picture: Picture) -> Iterator[Conflict]:
    """Reviews compare with the baseline; after the first session there is no "before" to photograph any more."""
    is_begun = any(view.state is SessionState.DONE for view in picture.sessions.values())
    points = {point.key for point in facts.course.reviews if point.offset.number == 0}
    shown = any(row.has_photos for row in facts.reviews if row.key in points)
    to_come = [
        view for view in picture.reviews.values() if view.key not in points and view.state is ReviewState.PROMISED
    ]
    if is_begun and points and not shown and to_come:
        first = min(to_come, key=lambda view: view.due)
        yield Conflict(
            ConflictKind.NO_BASELINE,
            first.key,
            f"The review “{first.title}” has nothing to compare with: there are no baseline photos.",
        )
