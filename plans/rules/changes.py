"""What can be changed about one session of a plan. Each change says what the plan's facts would be; what follows from
that is the cascade's business. A change that cannot be made is a Refusal with a sentence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import NAMESPACE_OID, UUID, uuid5

from clinic.rules.local_time import local_day
from clinic.rules.refusal import Refusal
from plans.rules.plan_facts import NEW, Booking, PlanFacts
from plans.rules.regrow import cancelled, counts_of, regrown_facts, renumbered_facts, with_counts
from plans.rules.reminders import AppointmentFacts
from plans.rules.reviews import review_dates
from plans.rules.states import AppointmentPurpose, AppointmentState, PlanState, ReviewState, SessionState
from plans.rules.steps import Step, StepKind

FARTHEST = timedelta(days=366 * 5)


class Change(Protocol):
    def applied(self, facts: PlanFacts) -> PlanFacts:
        """Return the facts as they would be. Refusal when it cannot be done."""
        ...


@dataclass(frozen=True, slots=True)
class Complete:
    """The session is held at that time: what really happened, on whatever day."""

    ref: str
    starts: datetime
    ends: datetime

    def applied(self, facts: PlanFacts) -> PlanFacts:
        _to_do(facts, self.ref)
        if facts.state is not PlanState.ACTIVE:
            raise Refusal("wrong_state", "Only a session to come of an active plan can be completed.")
        if self.ends <= self.starts:
            raise Refusal("wrong_times", "A session ends after it starts.")
        day = local_day(self.starts, facts.zone)
        if abs(day - facts.today) > FARTHEST:
            raise Refusal("day", "Set a day within five years of today.")
        # A cancelled attempt stays: the patient is still told of it.
        bookings = tuple(b for b in facts.bookings if b.subject != self.ref or not b.is_live)
        done = facts.with_step(self.ref, state=SessionState.DONE, done_on=day, booked_on=None)
        times = {**facts.times, self.ref: (self.starts, self.ends)}
        return _without_before(replace(done, bookings=bookings, times=times))


@dataclass(frozen=True, slots=True)
class Move:
    """The session's appointment is at that time: booked, or moved from another."""

    ref: str
    starts: datetime
    ends: datetime

    def applied(self, facts: PlanFacts) -> PlanFacts:
        _to_do(facts, self.ref)
        if self.ends <= self.starts:
            raise Refusal("wrong_times", "An appointment ends after it starts: please change the times.")
        if not facts.now <= self.starts <= facts.now + FARTHEST:
            raise Refusal("day", "Set a time from now on, within the next five years.")
        return rebooked(facts, self.ref, self.starts, self.ends)


@dataclass(frozen=True, slots=True)
class Pin:
    """A human sets the best day; None gives it back to the rules. The calculated day is kept beside it."""

    ref: str
    day: date | None

    def applied(self, facts: PlanFacts) -> PlanFacts:
        _to_do(facts, self.ref)
        if self.day and not facts.today <= self.day <= facts.today + FARTHEST:
            raise Refusal("day", "Set a day from today on, within the next five years.")
        return renumbered_facts(facts.with_step(self.ref, pinned=self.day))


@dataclass(frozen=True, slots=True)
class Skip:
    """Leave a session out; the ones after it keep their rhythm."""

    ref: str

    def applied(self, facts: PlanFacts) -> PlanFacts:
        _to_do(facts, self.ref)
        return facts.with_step(self.ref, state=SessionState.SKIPPED, booked_on=None)


@dataclass(frozen=True, slots=True)
class TakeBack:
    """A session that was skipped is to be held after all."""

    ref: str

    def applied(self, facts: PlanFacts) -> PlanFacts:
        step = next((step for step in facts.steps if step.ref == self.ref), None)
        if step is None or step.state is not SessionState.SKIPPED:
            raise Refusal("wrong_state", "Only a skipped session can be taken back.")
        held = facts.live(self.ref)
        booked_on = local_day(held.starts, facts.zone) if held else None
        back = facts.with_step(self.ref, state=SessionState.PLANNED, booked_on=booked_on)
        return renumbered_facts(under_way(back))


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a session out of the course: the ones after it count from the one before it."""

    ref: str

    def applied(self, facts: PlanFacts) -> PlanFacts:
        step = _to_do(facts, self.ref)
        if step.kind is StepKind.BOOSTER:
            return renumbered_facts(_cancelled(facts, step))
        if sum(other.kind is StepKind.COURSE and other.is_held for other in facts.steps) < 2:
            raise Refusal("session_count", "This is the only session left: stop the plan instead.")
        counts = counts_of(facts.course, facts.steps)
        for part in step.parts:
            counts[part.component] -= 1
        gone = _cancelled(facts, step)
        return regrown_facts(replace(gone, course=with_counts(facts.course, counts)))


def _without_before(facts: PlanFacts) -> PlanFacts:
    """With the first session the "before" is over: the baseline closes on its day, decided when it has photos."""
    dues = review_dates(facts.course, first_done=facts.first_done, first_target=facts.today)
    keys = {point.key for point in facts.course.reviews if point.offset.number == 0}
    closed = {due.key: due for due in dues if due.key in keys}
    reviews = tuple(
        replace(
            row,
            due=closed[row.key].due,
            opens=closed[row.key].opens,
            closes=closed[row.key].closes,
            state=ReviewState.DECIDED if row.has_photos else ReviewState.SKIPPED,
        )
        if row.key in keys and row.is_open
        else row
        for row in facts.reviews
    )
    bookings = tuple(b for b in facts.bookings if b.subject not in keys or not b.is_live)
    return replace(facts, reviews=reviews, bookings=bookings)


def rebooked(facts: PlanFacts, subject: str, starts: datetime, ends: datetime) -> PlanFacts:
    """Return the facts with the subject's appointment at that time: the live one moved, or a first one made."""
    known = next((b for b in facts.bookings if b.is_live and b.subject == subject), None)
    if known:
        moved = replace(known.facts, starts=starts, ends=ends, announced="moved", changed_at=facts.now)
        bookings = tuple(replace(b, facts=moved) if b is known else b for b in facts.bookings)
        facts = replace(facts, bookings=bookings)
    step = next((step for step in facts.steps if step.ref == subject), None)
    if step is None:
        return facts
    if not known:
        facts = replace(facts, bookings=(*facts.bookings, _first_booking(facts, step, starts, ends)))
    return facts.with_step(subject, booked_on=local_day(starts, facts.zone))


def released(facts: PlanFacts, subject: str) -> PlanFacts:
    """Return the facts with the subject's appointment cancelled: the patient is told."""

    def gone(booking: Booking) -> Booking:
        told = replace(booking.facts, state=AppointmentState.CANCELLED, announced="cancelled", changed_at=facts.now)
        return replace(booking, facts=told, is_live=False)

    bookings = tuple(gone(b) if b.is_live and b.subject == subject else b for b in facts.bookings)
    freed = replace(facts, bookings=bookings)
    return freed.with_step(subject, booked_on=None)


def under_way(facts: PlanFacts) -> PlanFacts:
    """Return the facts of a plan that goes on: one that was completed has something to come again."""
    return replace(facts, state=PlanState.ACTIVE) if facts.state is PlanState.COMPLETED else facts


def id_to_come(name: str) -> UUID:
    """Return an id for what has no record yet: the same one each time, so that a preview can be compared."""
    return uuid5(NAMESPACE_OID, name)


def _first_booking(facts: PlanFacts, step: Step, starts: datetime, ends: datetime) -> Booking:
    made = AppointmentFacts(
        id=id_to_come(f"appointment {step.ref}"),
        purpose=AppointmentPurpose.SESSION,
        starts=starts,
        ends=ends,
        state=AppointmentState.BOOKED,
        announced="booked",
        changed_at=facts.now,
        session_number=step.number,
    )
    return Booking(step.ref, made)


def _to_do(facts: PlanFacts, ref: str) -> Step:
    step = next((step for step in facts.steps if step.ref == ref), None)
    if step is None or not step.is_to_do:
        raise Refusal("wrong_state", "Only a session to come can be changed.")
    return step


def _cancelled(facts: PlanFacts, step: Step) -> PlanFacts:
    if step.ref.startswith(NEW):
        return replace(facts, steps=tuple(one for one in facts.steps if one.ref != step.ref))
    gone = cancelled(step)
    return replace(facts, steps=tuple(gone if one.ref == step.ref else one for one in facts.steps))
