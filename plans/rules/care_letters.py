"""Letters after a session: what to avoid, until when, when it is allowed again, and what may be seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from clinic.rules.local_time import after, at_local, local_day, start_of_day
from clinic.rules.spans import later
from plans.rules.course import CarePhase
from plans.rules.letter_kinds import LetterKind
from plans.rules.letter_wish import House, Wanted
from plans.rules.restrictions import Restriction

DYE, WASH, MEDICINE = "dye", "wash", "regrowth_medicine"
AT_ONCE = timedelta(minutes=30)
# Two days later the next letter says it better.
SOON_STALE = timedelta(days=2)
ALLOWED_FOR = timedelta(days=14)
# A shorter time needs no half-time: the notice has only just been read.
WORTH_HALVING = timedelta(days=14)
_EXPECTED = {
    LetterKind.EXPECT_2_WEEKS: timedelta(days=14),
    LetterKind.EXPECT_6_WEEKS: timedelta(days=14),
    LetterKind.EXPECT_3_MONTHS: timedelta(days=21),
    LetterKind.EXPECT_6_MONTHS: timedelta(days=28),
}


@dataclass(frozen=True, slots=True)
class DoneSessionFacts:
    """A session that was held. `number` ties it to the reasons of a restriction."""

    id: UUID
    number: int
    ends: datetime


@dataclass(frozen=True, slots=True)
class FirstHeld:
    """The first session held of a plan whose course says what may be expected when."""

    session: UUID
    day: date


def about_care(done: Iterable[DoneSessionFacts], periods: Iterable[Restriction], house: House) -> Iterator[Wanted]:
    held = sorted(done, key=lambda session: session.ends)
    of = {act: [period for period in periods if period.act == act] for act in (DYE, WASH, MEDICINE)}
    found = [
        *_after_each(held, house),
        *_no_washing(held, of[WASH], house),
        *_wash_again(held, of[WASH], house),
        *_no_dyeing(held, of[DYE], house),
        *_again(LetterKind.DYE_AGAIN, held, of[DYE], house),
        *_again(LetterKind.MEDICINE_AGAIN, held, of[MEDICINE], house),
    ]
    yield from (letter for letter in found if letter)


def about_expectations(firsts: Iterable[FirstHeld], house: House) -> Iterator[Wanted]:
    for first in firsts:
        for kind, useful in _EXPECTED.items():
            due = at_local(later(first.day, house.lead(kind)), house.hour(kind), house.zone)
            letter = house.wish(kind, first.session, first.day.isoformat(), due=due, until=due + useful)
            if letter:
                yield letter


def _after_each(held: Sequence[DoneSessionFacts], house: House) -> Iterator[Wanted | None]:
    """What to avoid at once, and on day 3 whether it has gone down. The next session's letters take their place."""
    for session, following in zip(held, [*held[1:], None], strict=False):
        ends, until = session.ends, session.ends + timedelta(days=3)
        kind, due = LetterKind.AFTER_CARE, ends + AT_ONCE
        yield house.wish(kind, session.id, ends.isoformat(), due=due, until=_no_later(until, following))
        kind = LetterKind.SWELLING_CHECK
        day = later(local_day(ends, house.zone), house.lead(kind))
        due, floor = at_local(day, house.hour(kind), house.zone), start_of_day(day, house.zone)
        until = _no_later(due + SOON_STALE, following)
        yield house.wish(kind, session.id, day.isoformat(), due=due, until=until, not_before=floor)


def _no_later(until: datetime, following: DoneSessionFacts | None) -> datetime:
    return min(until, following.ends) if following else until


def _no_washing(
    held: Sequence[DoneSessionFacts], periods: Iterable[Restriction], house: House
) -> Iterator[Wanted | None]:
    """No washing: while it still helps, and never once washing is allowed again."""
    kind = LetterKind.NO_WASH
    for period, session in _last_session_of(held, periods):
        if period.ends:
            due, until = after(session.ends, house.lead(kind), house.zone), period.ends - timedelta(hours=2)
            yield house.wish(kind, session.id, period.ends.isoformat(), due=due, until=until, not_before=session.ends)


def _wash_again(
    held: Sequence[DoneSessionFacts], periods: Sequence[Restriction], house: House
) -> Iterator[Wanted | None]:
    for period, session, following in _decided(held, periods):
        if period.ends:
            until = _before_the_next(period.ends + SOON_STALE, following)
            facts = period.ends.isoformat()
            yield house.wish(LetterKind.WASH_AGAIN, session.id, facts, due=period.ends, until=until)


def _no_dyeing(
    held: Sequence[DoneSessionFacts], periods: Iterable[Restriction], house: House
) -> Iterator[Wanted | None]:
    for period, session in _last_session_of(held, periods):
        if not period.ends or not period.safe_on:
            continue
        facts, until = period.safe_on.isoformat(), period.ends - timedelta(days=3)
        kind = LetterKind.NO_DYE
        due = after(session.ends, house.lead(kind), house.zone)
        yield house.wish(kind, session.id, facts, due=due, until=until, not_before=session.ends)
        if period.ends - session.ends >= WORTH_HALVING:
            kind = LetterKind.NO_DYE_HALF
            half = local_day(session.ends + (period.ends - session.ends) / 2, house.zone)
            due, floor = at_local(half, house.hour(kind), house.zone), start_of_day(half, house.zone)
            # A date that changes later than this has its own letter at once, and needs no second one.
            until = min(due + SOON_STALE, until)
            yield house.wish(kind, session.id, facts, due=due, until=until, not_before=floor)


def _again(
    kind: LetterKind, held: Sequence[DoneSessionFacts], periods: Sequence[Restriction], house: House
) -> Iterator[Wanted | None]:
    """One letter per safe date, about the session that decides it, and only once that session is done.

    It is useless after two weeks, and false as soon as the act is forbidden again. When no whole day lies between two
    restrictions, the first one's letter would be false before it is due, and only the second one's is left.
    """
    for period, session, following in _decided(held, periods):
        if period.safe_on:
            due, floor = (
                at_local(period.safe_on, house.hour(kind), house.zone),
                start_of_day(period.safe_on, house.zone),
            )
            until = _before_the_next(due + ALLOWED_FOR, following)
            yield house.wish(kind, session.id, period.safe_on.isoformat(), due=due, until=until, not_before=floor)


def _before_the_next(until: datetime, following: Restriction | None) -> datetime:
    return min(until, following.begins) if following else until


def _decided(
    held: Iterable[DoneSessionFacts], periods: Iterable[Restriction]
) -> Iterator[tuple[Restriction, DoneSessionFacts, Restriction | None]]:
    """Yield the periods whose end a session decides that was held, each with the period that follows."""
    sessions = {session.number: session for session in held}
    ordered = sorted(periods, key=lambda period: period.begins)
    for period, following in zip(ordered, [*ordered[1:], None], strict=False):
        session = sessions.get(period.decided_by.session) if period.decided_by else None
        if session:
            yield period, session, following


def _last_session_of(
    held: Sequence[DoneSessionFacts], periods: Iterable[Restriction]
) -> Iterator[tuple[Restriction, DoneSessionFacts]]:
    """Yield each period with the last held session that caused it: one letter per period, not one per session."""
    for period in sorted(periods, key=lambda period: period.begins):
        causes = {reason.session for reason in period.reasons if reason.phase is CarePhase.AFTER}
        mine = [session for session in held if session.number in causes]
        if mine:
            yield period, mine[-1]
