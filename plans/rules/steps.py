"""A plan's sessions as the engine sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from plans.rules.states import SessionState


class StepKind(StrEnum):
    COURSE = "course"
    BOOSTER = "booster"


@dataclass(frozen=True, slots=True)
class Part:
    """One component's share of a visit: its `ordinal`-th session, from 1."""

    component: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class Step:
    """One session of a plan. `number` is what people call it; `pinned` is a target set by a human.

    `ref` ties it to its record through every renumbering; empty for a session that is not written down yet.
    """

    number: int
    parts: tuple[Part, ...]
    state: SessionState = SessionState.PLANNED
    done_on: date | None = None
    booked_on: date | None = None
    pinned: date | None = None
    kind: StepKind = StepKind.COURSE
    ref: str = ""

    @property
    def is_to_do(self) -> bool:
        return self.state is SessionState.PLANNED

    @property
    def is_held(self) -> bool:
        """Return whether it was or will be held: a skipped one only keeps the rhythm, a cancelled one counts for
        nothing."""
        return self.state in (SessionState.PLANNED, SessionState.DONE)
