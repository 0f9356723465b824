"""The states things are in, what people call them, and which moves between them exist."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Named(StrEnum):
    """A state with the word people read."""

    @property
    def label(self) -> str:
        return _LABELS.get(self.value, self.value.replace("_", " ").capitalize())


_LABELS = {
    "no_show": "No-show",
    "camera": "By the camera's clock", "said": "As somebody said", "captured": "Taken on the page",
    "full": "Kept to all of it", "mostly": "Kept to most of it", "partly": "Kept to some of it",
    "not": "Did not keep to it",
    "stop_and_refer": "Stop and refer", "unknown": "Unknown: ask a human",
}  # fmt: skip


class PlanState(Named):
    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"


class SessionState(Named):
    PLANNED = "planned"
    DONE = "done"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class AppointmentState(Named):
    BOOKED = "booked"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    IN_TREATMENT = "in_treatment"
    DONE = "done"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class AppointmentPurpose(Named):
    SESSION = "session"
    REVIEW = "review"
    CONSULTATION = "consultation"


class AskedBy(Named):
    PATIENT = "patient"
    CLINIC = "clinic"


class WaitingState(Named):
    """SERVED: something earlier was found. OVER: her own appointment came first, or was given up."""

    WAITING = "waiting"
    SERVED = "served"
    WITHDRAWN = "withdrawn"
    OVER = "over"


class OfferState(Named):
    """LOST: somebody else said yes first, or the time was booked meanwhile."""

    OPEN = "open"
    TAKEN = "taken"
    LOST = "lost"
    DECLINED = "declined"


class ReviewState(Named):
    PROMISED = "promised"
    DECIDED = "decided"
    SKIPPED = "skipped"


class UploadState(Named):
    """READY: developed, waits for its view. PLACED: it is a photo now. DISCARDED: nobody wanted it."""

    RECEIVING = "receiving"
    RECEIVED = "received"
    READY = "ready"
    REFUSED = "refused"
    PLACED = "placed"
    DISCARDED = "discarded"


class TakenBy(Named):
    """Who says when a photo was taken: the file's own clock, a person, or it was taken on the page itself."""

    CAMERA = "camera"
    SAID = "said"
    CAPTURED = "captured"


class AlignmentState(Named):
    ALIGNED = "aligned"
    REFUSED = "refused"


class Adherence(Named):
    """How well the patient kept to the care between sessions, in her own words."""

    FULL = "full"
    MOSTLY = "mostly"
    PARTLY = "partly"
    NOT = "not"


class ReminderState(Named):
    """PLANNED with its due time past is "due": no second state that a clock would have to write."""

    PLANNED = "planned"
    CLAIMED = "claimed"
    HANDED_OFF = "handed_off"
    SENT = "sent"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CLOSED = "closed"
    BOUNCED = "bounced"


class BounceKind(Named):
    """FOREIGN: it speaks of no letter of ours, or is not from whom it says. Nothing follows from it."""

    PERMANENT = "permanent"
    TRANSIENT = "transient"
    AUTO_REPLY = "auto_reply"
    COMPLAINT = "complaint"
    FOREIGN = "foreign"


class RequestKind(Named):
    """What a patient asks for on her own page."""

    MOVE = "move"
    CANCEL = "cancel"
    PROBLEM = "problem"


class Decision(Named):
    """What a review ends in."""

    CONTINUE = "continue"
    ADJUST = "adjust"
    ADD_TREATMENT = "add_treatment"
    MAINTENANCE = "maintenance"
    STOP_AND_REFER = "stop_and_refer"


class ProtocolState(Named):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class ReplanningState(Named):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


PLAN_MOVES: Mapping[PlanState, frozenset[PlanState]] = MappingProxyType(
    {
        PlanState.DRAFT: frozenset({PlanState.ACTIVE, PlanState.STOPPED}),
        PlanState.ACTIVE: frozenset({PlanState.PAUSED, PlanState.COMPLETED, PlanState.STOPPED}),
        PlanState.PAUSED: frozenset({PlanState.ACTIVE, PlanState.STOPPED}),
        # Maintenance: a booster months after the course opens its plan again.
        PlanState.COMPLETED: frozenset({PlanState.ACTIVE}),
        PlanState.STOPPED: frozenset(),
    }
)

SESSION_MOVES: Mapping[SessionState, frozenset[SessionState]] = MappingProxyType(
    {
        SessionState.PLANNED: frozenset({SessionState.DONE, SessionState.SKIPPED, SessionState.CANCELLED}),
        SessionState.DONE: frozenset(),
        SessionState.SKIPPED: frozenset({SessionState.PLANNED}),
        SessionState.CANCELLED: frozenset({SessionState.PLANNED}),
    }
)

_A = AppointmentState
APPOINTMENT_MOVES: Mapping[AppointmentState, frozenset[AppointmentState]] = MappingProxyType(
    {
        _A.BOOKED: frozenset({_A.CONFIRMED, _A.ARRIVED, _A.DONE, _A.CANCELLED, _A.NO_SHOW}),
        _A.CONFIRMED: frozenset({_A.ARRIVED, _A.DONE, _A.CANCELLED, _A.NO_SHOW}),
        # Back to booked: the wrong patient was checked in. Cancelled: she came, and could not be treated.
        _A.ARRIVED: frozenset({_A.IN_TREATMENT, _A.DONE, _A.CANCELLED, _A.BOOKED}),
        # Back to arrived: called in by mistake.
        _A.IN_TREATMENT: frozenset({_A.DONE, _A.CANCELLED, _A.ARRIVED}),
        # She came after all.
        _A.NO_SHOW: frozenset({_A.ARRIVED}),
        _A.DONE: frozenset(),
        _A.CANCELLED: frozenset(),
    }
)

# Appointments in these states hold a practitioner, a room and a patient.
HOLDING = frozenset({_A.BOOKED, _A.CONFIRMED, _A.ARRIVED, _A.IN_TREATMENT, _A.DONE})

_R = ReminderState
REMINDER_MOVES: Mapping[ReminderState, frozenset[ReminderState]] = MappingProxyType(
    {
        _R.PLANNED: frozenset({_R.CLAIMED, _R.CANCELLED, _R.SKIPPED, _R.EXPIRED}),
        # Claimed again: the lease ran out before hand-off, so nothing can have left.
        _R.CLAIMED: frozenset({_R.CLAIMED, _R.HANDED_OFF, _R.PLANNED, _R.CANCELLED, _R.SKIPPED, _R.EXPIRED, _R.FAILED}),
        # Planned or claimed again with the same bytes: refused for now, or a doubt on a letter that may repeat.
        _R.HANDED_OFF: frozenset({_R.SENT, _R.PLANNED, _R.CLAIMED, _R.FAILED, _R.EXPIRED, _R.UNKNOWN}),
        _R.SENT: frozenset({_R.BOUNCED}),
        # Closed: a human has seen it. Sending once more is a new row, never this one again.
        _R.UNKNOWN: frozenset({_R.CLOSED}),
        _R.FAILED: frozenset({_R.CLOSED}),
        _R.EXPIRED: frozenset({_R.CLOSED}),
        _R.BOUNCED: frozenset({_R.CLOSED}),
        _R.CANCELLED: frozenset(),
        _R.SKIPPED: frozenset(),
        _R.CLOSED: frozenset(),
    }
)

Movable = PlanState | SessionState | AppointmentState | ReminderState


def may_move(old: Movable, new: Movable) -> bool:
    """Return whether the move exists. False between states of two different things."""
    match old, new:
        case PlanState(), PlanState():
            return new in PLAN_MOVES[old]
        case SessionState(), SessionState():
            return new in SESSION_MOVES[old]
        case AppointmentState(), AppointmentState():
            return new in APPOINTMENT_MOVES[old]
        case ReminderState(), ReminderState():
            return new in REMINDER_MOVES[old]
        case _:
            return False
