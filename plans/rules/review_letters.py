"""Letters that invite: to the promised looks at results, and to a booster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from clinic.rules.local_time import at_local, start_of_day
from clinic.rules.spans import earlier, later
from plans.rules.letter_kinds import LetterKind
from plans.rules.letter_wish import House, Wanted

USEFUL_AFTER = timedelta(days=30)
_INVITES, _NUDGES = LetterKind.REVIEW_INVITATION, LetterKind.REVIEW_OVERDUE


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """`months` from the first session, 0 for the baseline. `estimated`: the first session is not done yet. `house`: the
    premises it is due at, where they are not those of all the others."""

    id: UUID
    months: int
    due: date
    opens: date
    closes: date
    decided: bool = False
    booked: bool = False
    estimated: bool = False
    house: House | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether somebody still has to book it, on a day that is known."""
        return not (self.decided or self.booked or self.estimated)


@dataclass(frozen=True, slots=True)
class BoosterFacts:
    """The next booster of a plan, its course being done and no day booked for it."""

    id: UUID
    target: date
    latest: date


def about_reviews(reviews: Iterable[ReviewFacts], house: House) -> Iterator[Wanted]:
    """Invite to each later review, and remind of it once; an older letter ends when a newer is due, so that only one
    is ever open."""
    later_ones = sorted((review for review in reviews if review.months > 0), key=lambda review: review.due)
    invited = [_invited(review, review.house or house) for review in later_ones]
    for review, due, newer in zip(later_ones, invited, [*invited[1:], None], strict=False):
        if review.is_waiting:
            yield from _about_review(review, due, newer, review.house or house)


def _about_review(review: ReviewFacts, due: datetime, newer: datetime | None, house: House) -> Iterator[Wanted]:
    hour = house.hour(_NUDGES)
    until = at_local(review.due, house.hour(_INVITES), house.zone) + USEFUL_AFTER
    until = min(until, newer) if newer else until
    facts = review.due.isoformat()
    overdue = at_local(later(review.due, house.lead(_NUDGES)), hour, house.zone)
    nudge = house.wish(_NUDGES, review.id, facts, due=overdue, until=until)
    end = min(until, nudge.due_at) if nudge else until
    invitation = house.wish(
        _INVITES, review.id, facts, due=due, until=end, not_before=start_of_day(_invited_on(review, house), house.zone)
    )
    yield from (letter for letter in (invitation, nudge) if letter)


def _invited_on(review: ReviewFacts, house: House) -> date:
    return earlier(review.due, house.lead(_INVITES))


def _invited(review: ReviewFacts, house: House) -> datetime:
    return at_local(_invited_on(review, house), house.hour(_INVITES), house.zone)


def about_boosters(boosters: Iterable[BoosterFacts], house: House) -> Iterator[Wanted]:
    kind = LetterKind.BOOSTER_DUE
    hour = house.hour(kind)
    for booster in boosters:
        due = at_local(earlier(booster.target, house.lead(kind)), hour, house.zone)
        until = at_local(max(booster.latest, booster.target), hour, house.zone)
        letter = house.wish(kind, booster.id, booster.target.isoformat(), due=due, until=until)
        if letter:
            yield letter
