"""What deciding a review means for its plan: the review closes, its appointment is settled, and what was decided
follows, all as one change that can be looked at first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from clinic.rules.refusal import Refusal
from plans.rules.changes import Change, released
from plans.rules.picture import picture_of
from plans.rules.plan_facts import Booking, PlanFacts
from plans.rules.regrow import cancelled
from plans.rules.reminders import AppointmentFacts
from plans.rules.states import AppointmentState, PlanState, ReviewState, may_move
from plans.rules.trouble import troubles_of

HERE = frozenset({AppointmentState.ARRIVED, AppointmentState.IN_TREATMENT})
# Whoever decides this shortly before it was to begin has her in the room: nobody is told then not to come.
ALREADY_HERE = timedelta(hours=1)


class Fate(StrEnum):
    """What becomes of an appointment."""

    DONE = "done"
    CANCELLED = "cancelled"
    MOVED = "moved"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Settled:
    """`now` is None for one that is over or let go."""

    subject: str
    was: AppointmentFacts
    now: AppointmentFacts | None
    fate: Fate


@dataclass(frozen=True, slots=True)
class Decide:
    """The review with that key is decided. `then`: the change of the plan that was decided; `stops`: the plan ends."""

    key: str
    then: Change | None = None
    stops: bool = False

    def applied(self, facts: PlanFacts) -> PlanFacts:
        row = next((row for row in facts.reviews if row.key == self.key), None)
        if row is None or not row.is_open:
            raise Refusal("wrong_state", "This review has been decided already.")
        decided = replace(row, state=ReviewState.DECIDED)
        reviews = tuple(decided if one is row else one for one in facts.reviews)
        facts = _settled(replace(facts, reviews=reviews), self.key)
        if self.stops:
            return _stopped(facts)
        return _completed(self.then.applied(facts) if self.then else facts)


def is_over(appointment_state: AppointmentState, starts: datetime, now: datetime) -> bool:
    """Return whether a review that is decided now was decided at this appointment: it is done, not let go."""
    return appointment_state in HERE or starts - ALREADY_HERE <= now


def fates(before: PlanFacts, after: PlanFacts) -> Iterator[Settled]:
    """Yield every appointment that holds a time now, with what becomes of it."""
    kept = {booking.facts.id: booking.facts for booking in after.live_bookings()}
    over = {booking.facts.id for booking in after.bookings if booking.facts.state is AppointmentState.DONE}
    for booking in before.live_bookings():
        was, now = booking.facts, kept.get(booking.facts.id)
        if now is None:
            yield Settled(booking.subject, was, None, Fate.DONE if was.id in over else Fate.CANCELLED)
        else:
            yield Settled(booking.subject, was, now, Fate.KEPT if now.starts == was.starts else Fate.MOVED)


def further_print(facts: PlanFacts) -> str:
    """Return a fingerprint of a plan that is only thought of: the same as long as it would mean the same."""
    picture = picture_of(facts)
    lines = (
        *(repr(view) for view in picture.sessions.values()),
        *(repr(view) for view in picture.reviews.values()),
        *(repr(trouble) for trouble in troubles_of(facts, picture)),
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _settled(facts: PlanFacts, key: str) -> PlanFacts:
    held = facts.live(key)
    if held is None:
        return facts
    if not is_over(held.state, held.starts, facts.now):
        return released(facts, key)
    done = replace(held, state=AppointmentState.DONE)
    return replace(facts, bookings=tuple(Booking(key, done, False) if b.facts is held else b for b in facts.bookings))


def _stopped(facts: PlanFacts) -> PlanFacts:
    if not may_move(facts.state, PlanState.STOPPED):
        raise Refusal("wrong_state", f"This plan is {facts.state.label.lower()} and cannot be stopped.")
    for booking in facts.live_bookings():
        facts = released(facts, booking.subject)
    steps = tuple(cancelled(step) if step.is_to_do else step for step in facts.steps)
    reviews = tuple(replace(row, state=ReviewState.SKIPPED) if row.is_open else row for row in facts.reviews)
    return replace(facts, steps=steps, reviews=reviews, state=PlanState.STOPPED)


def _completed(facts: PlanFacts) -> PlanFacts:
    """With nothing left to do and nothing left to look at the plan is complete."""
    is_open = any(step.is_to_do for step in facts.steps) or any(row.is_open for row in facts.reviews)
    return facts if is_open else replace(facts, state=PlanState.COMPLETED)
