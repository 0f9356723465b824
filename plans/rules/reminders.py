"""Which letters a patient should get, when each is due and when it is useless. Only facts in, only wishes out.

The same facts always give the same wishes, so planning twice changes nothing: no due time hangs on the clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from plans.rules.appointment_letters import OfferFacts, about_appointments, about_offer
from plans.rules.care_letters import (
    DYE,
    MEDICINE,
    WASH,
    DoneSessionFacts,
    FirstHeld,
    about_care,
    about_expectations,
)
from plans.rules.coming_letters import AppointmentFacts, PreCare, pre_care
from plans.rules.letter_kinds import KIND_POLICY, Doubt, KindPolicy, LetterGroup, LetterKind
from plans.rules.letter_times import HOUSE_TIMES, LetterTimes
from plans.rules.letter_wish import House, Wanted
from plans.rules.restrictions import Restriction
from plans.rules.review_letters import BoosterFacts, ReviewFacts, about_boosters, about_reviews

__all__ = [
    "CORRECTED",
    "DYE",
    "KIND_POLICY",
    "MEDICINE",
    "TOLD_ACTS",
    "WASH",
    "AppointmentFacts",
    "BoosterFacts",
    "DoneSessionFacts",
    "Doubt",
    "FirstHeld",
    "House",
    "KindPolicy",
    "LetterGroup",
    "LetterKind",
    "LetterTimes",
    "OfferFacts",
    "PreCare",
    "ReviewFacts",
    "Wanted",
    "backoff",
    "pre_care",
    "wanted_letters",
]

# What letters give dates for; what else is forbidden stands in the letter after the session only.
TOLD_ACTS = frozenset({DYE, WASH, MEDICINE})
# What states a day for good: when the day changes, either way, the new one is told at once.
CORRECTED = frozenset({LetterKind.NO_DYE, LetterKind.REVIEW_INVITATION, LetterKind.BOOSTER_DUE})
_BACKOFF_MINUTES = (1, 5, 15, 60, 240)
_BACKOFF_AFTERWARDS = 360


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
    first_held: Iterable[FirstHeld] = (),
    boosters: Iterable[BoosterFacts] = (),
    zone: ZoneInfo,
    now: datetime,
    times: LetterTimes = HOUSE_TIMES,
) -> tuple[Wanted, ...]:
    """Return every letter still worth sending, by due time. A due time in the past means at once.

    `zone` and `times` are those of the house that signs letters about care, and all whose facts name no other.
    `restrictions` should come from done and booked sessions only: nothing is promised on an estimate.
    Nothing is wanted that is useless by `now`.
    """
    house = House(zone, times)
    letters = [
        *about_appointments(appointments, house),
        *(letter for offer in offers for letter in about_offer(offer, house)),
        *about_care(done_sessions, list(restrictions), house),
        *about_expectations(first_held, house),
        *about_reviews(reviews, house),
        *about_boosters(boosters, house),
    ]
    useful = (letter for letter in letters if letter.useful_until > now)
    return tuple(sorted(useful, key=lambda letter: (letter.due_at, letter.kind, letter.about)))
