"""The postroom as staff see it: whether letters leave, what waits, and what a release would set off. Numbers only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Subquery
from django.db.models.functions import Greatest

from clinic.models import Location, Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from plans.models import Postroom, Reminder
from plans.rules.letter_kinds import LetterKind
from plans.rules.postroom import LATE, Breaker, needs_a_hand
from plans.rules.states import ReminderState

NO_TICK = timedelta(minutes=5)
BADLY = (ReminderState.UNKNOWN, ReminderState.FAILED, ReminderState.EXPIRED)


class Mood(StrEnum):
    """CLOSED: the mail server does not answer. REFUSED: it wants another password, certificate or sender."""

    FINE = "fine"
    LATE = "late"
    CLOSED = "closed"
    REFUSED = "refused"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class PostroomState:
    row: Postroom
    mood: Mood
    oldest: datetime | None
    """Since when the longest waiting letter is due."""

    @property
    def is_well(self) -> bool:
        return self.mood is Mood.FINE


@dataclass(frozen=True, slots=True)
class Queue:
    """`kinds`: what would leave on release, most first. `useless`: what would expire instead."""

    kinds: tuple[tuple[str, int], ...]
    useless: int
    patients: int

    @property
    def leaving(self) -> int:
        return sum(count for _, count in self.kinds)


def state_of(now: datetime) -> PostroomState:
    """In one query: it stands above the outbox and on everybody's first page."""
    # A letter planned just now, for an hour that is past, waits since it was planned.
    waiting = _due(now).annotate(since=Greatest("due_at", "planned_at"))
    first = waiting.order_by("since").values("since")[:1]
    rows = Postroom.objects.annotate(oldest=Subquery(first)).select_related("released_by")
    found = rows.filter(pk=1).first() or Postroom(pk=1)
    oldest: datetime | None = getattr(found, "oldest", None)
    return PostroomState(found, _mood(found, oldest, now), oldest)


def queue(by: Staff, now: datetime) -> Queue:
    """Return what waits in the whole house: a release concerns everybody's letters. Forbidden."""
    if not by.can(Deed.SEE_OUTBOX):
        raise Forbidden(Deed.SEE_OUTBOX)
    useful = Count("pk", filter=Q(useful_until__gt=now))
    rows = list(_due(now).order_by().values_list("kind").annotate(useful=useful, all=Count("pk")))
    kinds = sorted(((LetterKind(kind).label, some) for kind, some, _ in rows if some), key=lambda one: -one[1])
    patients = _due(now).filter(useful_until__gt=now).aggregate(n=Count("patient_id", distinct=True))["n"]
    return Queue(tuple(kinds), sum(every - some for _, some, every in rows), patients)


def ended_badly(by: Staff) -> dict[ReminderState, int]:
    """How many of the letters `by` may see nobody has dealt with yet, by state."""
    rows = Reminder.objects.visible_to(by).filter(state__in=BADLY, settled_at__isnull=True).order_by()
    found = {ReminderState(state): count for state, count in rows.values_list("state").annotate(n=Count("pk"))}
    return {state: found.get(state, 0) for state in BADLY}


def zone_of(by: Staff) -> ZoneInfo:
    """The zone in which hours of the whole house are told to `by`."""
    place = Location.objects.visible_to(by).filter(is_active=True).first()
    return place.zone if place else ZoneInfo("UTC")


def _due(now: datetime) -> QuerySet[Reminder]:
    return Reminder.objects.due(now)


def _mood(row: Postroom, oldest: datetime | None, now: datetime) -> Mood:
    if row.held_since:
        return Mood.HELD
    if row.failures and needs_a_hand(row.trouble):
        return Mood.REFUSED
    if Breaker(row.failures, row.closed_until).is_tripped:
        return Mood.CLOSED
    return Mood.LATE if oldest and oldest < now - LATE else Mood.FINE
