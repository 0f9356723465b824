"""All the engine needs to know about one plan to say what is and what would be. Plain values, read from rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from plans.rules.course import Course
from plans.rules.letter_times import HOUSE_TIMES, LetterTimes
from plans.rules.reminders import AppointmentFacts, DoneSessionFacts, ReviewFacts
from plans.rules.restrictions import Restriction
from plans.rules.reviews import first_done_on
from plans.rules.rhythm import Pause
from plans.rules.states import PlanState, ReviewState
from plans.rules.steps import Step

NEW = "new-"


@dataclass(frozen=True, slots=True)
class Booking:
    """An appointment that holds a session (its `ref`) or a review (its `key`)."""

    subject: str
    facts: AppointmentFacts
    is_live: bool = True


@dataclass(frozen=True, slots=True)
class PromisedReview:
    """A review as it is written down. Dates of one that is decided or skipped are evidence and stay."""

    key: str
    id: UUID
    title: str
    due: date
    opens: date
    closes: date
    state: ReviewState = ReviewState.PROMISED
    has_photos: bool = False

    @property
    def is_open(self) -> bool:
        return self.state is ReviewState.PROMISED


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the patient's other plans bring: the same whatever happens to this one. Their occasions are numbered from
    1000 on, so that a restriction's reasons never name two sessions."""

    certain: tuple[Restriction, ...] = ()
    estimated: tuple[Restriction, ...] = ()
    done: tuple[DoneSessionFacts, ...] = ()
    appointments: tuple[AppointmentFacts, ...] = ()
    reviews: tuple[ReviewFacts, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """`times` are the instants of sessions done, by ref. `paused_since`: the plan stands still and nobody knows for how
    long. `today` is the local day of `now`. `left` names the letters that have gone out, or ended otherwise: nothing
    takes them back and nothing sends them again. `letter_times`: when the
    house's letters leave.
    """

    course: Course
    steps: tuple[Step, ...]
    starts_on: date
    zone: ZoneInfo
    now: datetime
    today: date
    state: PlanState = PlanState.ACTIVE
    pauses: tuple[Pause, ...] = ()
    paused_since: date | None = None
    times: Mapping[str, tuple[datetime, datetime]] = field(default_factory=dict)
    bookings: tuple[Booking, ...] = ()
    reviews: tuple[PromisedReview, ...] = ()
    elsewhere: Elsewhere = Elsewhere()
    left: frozenset[tuple[str, UUID, str]] = frozenset()
    letter_times: LetterTimes = HOUSE_TIMES

    def step(self, ref: str) -> Step:
        """Return the session with that ref. KeyError when there is none."""
        return {step.ref: step for step in self.steps}[ref]

    def with_step(self, ref: str, **changes: object) -> PlanFacts:
        changed = tuple(replace(s, **changes) if s.ref == ref else s for s in self.steps)  # type: ignore[arg-type]
        return replace(self, steps=changed)

    def live(self, subject: str) -> AppointmentFacts | None:
        return next((b.facts for b in self.bookings if b.is_live and b.subject == subject), None)

    def live_bookings(self) -> Iterator[Booking]:
        return (booking for booking in self.bookings if booking.is_live)

    @property
    def first_done(self) -> date | None:
        return first_done_on(self.steps)
