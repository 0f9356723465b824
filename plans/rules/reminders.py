"""Which letters a patient should get, when each is due and when it is useless. Only facts in, only wishes out.

The same facts always give the same wishes, so planning twice changes nothing: no due time hangs on the clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.local_time import at_local
from plans.rules.appointment_letters import AppointmentFacts, OfferFacts, Wanted, about_appointments, about_offer
from plans.rules.course import CarePhase
from plans.rules.letter_kinds import KIND_POLICY, Doubt, KindPolicy, LetterGroup, LetterKind
from plans.rules.restrictions import Restriction

__all__ = [
    "DYE",
    "KIND_POLICY",
    "WASH",
    "AppointmentFacts",
    "DoneSessionFacts",
    "Doubt",
    "KindPolicy",
    "LetterGroup",
    "LetterKind",
    "OfferFacts",
    "ReviewFacts",
    "Wanted",
    "backoff",
    "wanted_letters",
]

MORNING = time(9, 0)
DYE, WASH = "dye", "wash"
_BACKOFF_MINUTES = (1, 5, 15, 60, 240)
_BACKOFF_AFTERWARDS = 360


@dataclass(frozen=True, slots=True)
class DoneSessionFacts:
    """A session that was held. `number` ties it to the reasons of a restriction."""

    id: UUID
    number: int
    ends: datetime


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """`months` from the first session, 0 for the baseline. `estimated`: the first session is not done yet."""

    id: UUID
    months: int
    due: date
    opens: date
    closes: date
    decided: bool = False
    booked: bool = False
    estimated: bool = False


def backoff(attempt: int) -> timedelta:
    """Return how long to wait after the `attempt`-th try, from 1: 1, 5, 15, 60, 240 minutes, then 6 hours each."""
    index = max(attempt, 1) - 1
    return timedelta(minutes=_BACKOFF_MINUTES[index] if index < len(_BACKOFF_MINUTES) else _BACKOFF_AFTERWARDS)


def wanted_letters(
    *,
    appointments: Iterable[AppointmentFacts],
    done_sessions: Iterable[DoneSessionFacts],
    restrictions: Iterable[Restriction],
    reviews: Iterable[ReviewFacts],
    offers: Iterable[OfferFacts] = (),
    zone: ZoneInfo,
    now: datetime,
) -> tuple[Wanted, ...]:
    """Return every letter still worth sending, by due time. A due time in the past means at once.

    `restrictions` should come from done and booked sessions only: nothing is promised on an estimate.
    Nothing is wanted that is useless by `now`.
    """
    done, periods = list(done_sessions), list(restrictions)
    letters = [
        *about_appointments(appointments),
        *(about_offer(offer) for offer in offers),
        *_about_washing(done, periods),
        *_about_dyeing(done, periods, zone),
        *_about_reviews(list(reviews), zone),
    ]
    useful = (letter for letter in letters if letter.due_at < letter.useful_until and letter.useful_until > now)
    return tuple(sorted(useful, key=lambda letter: (letter.due_at, letter.kind, letter.about)))


def _about_washing(done: Sequence[DoneSessionFacts], periods: Iterable[Restriction]) -> Iterator[Wanted]:
    """No washing: while it still helps, and never once washing is allowed again."""
    for period, session in _last_session_of(done, [p for p in periods if p.act == WASH]):
        if period.ends:
            until = period.ends - timedelta(hours=2)
            yield Wanted(
                LetterKind.NO_WASH, session.id, session.ends + timedelta(hours=1), until, period.ends.isoformat()
            )


def _about_dyeing(done: Sequence[DoneSessionFacts], periods: Iterable[Restriction], zone: ZoneInfo) -> Iterator[Wanted]:
    dye = sorted((p for p in periods if p.act == DYE), key=lambda p: p.begins)
    for period, session in _last_session_of(done, dye):
        if period.ends and period.safe_on:
            due, until = session.ends + timedelta(hours=24), period.ends - timedelta(days=3)
            yield Wanted(LetterKind.NO_DYE, session.id, due, until, period.safe_on.isoformat())
    yield from _dye_again(done, dye, zone)


def _dye_again(done: Sequence[DoneSessionFacts], dye: Sequence[Restriction], zone: ZoneInfo) -> Iterator[Wanted]:
    """One letter per safe date, about the session that decides it, and only once that session is done.

    It is useless after two weeks, and false as soon as dyeing is forbidden again. When no whole day lies between two
    restrictions, the first one's letter would be false before it is due, and only the second one's is left.
    """
    sessions = {session.number: session for session in done}
    for period, following in zip(dye, [*dye[1:], None], strict=False):
        session = sessions.get(period.decided_by.session) if period.decided_by else None
        if session is None or period.safe_on is None:
            continue
        due = at_local(period.safe_on, MORNING, zone)
        until = due + timedelta(days=14)
        until = min(until, following.begins) if following else until
        yield Wanted(LetterKind.DYE_AGAIN, session.id, due, until, period.safe_on.isoformat())


def _last_session_of(
    done: Sequence[DoneSessionFacts], periods: Iterable[Restriction]
) -> Iterator[tuple[Restriction, DoneSessionFacts]]:
    """Yield each period with the last held session that caused it: one letter per period, not one per session."""
    for period in periods:
        causes = {reason.session for reason in period.reasons if reason.phase is CarePhase.AFTER}
        held = [session for session in done if session.number in causes]
        if held:
            yield period, max(held, key=lambda session: session.ends)


def _about_reviews(reviews: Sequence[ReviewFacts], zone: ZoneInfo) -> Iterator[Wanted]:
    """Invite to each later review; an older invitation ends when a newer one is due, so only one is ever open."""
    later_ones = sorted((review for review in reviews if review.months > 0), key=lambda review: review.due)
    dues = [at_local(review.due - timedelta(days=14), MORNING, zone) for review in later_ones]
    for review, due, newer in zip(later_ones, dues, [*dues[1:], None], strict=False):
        if review.decided or review.booked or review.estimated:
            continue
        until = at_local(review.due + timedelta(days=30), MORNING, zone)
        until = min(until, newer) if newer else until
        yield Wanted(LetterKind.REVIEW_INVITATION, review.id, due, until, review.due.isoformat())
