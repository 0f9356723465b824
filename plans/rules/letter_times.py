"""When each kind of letter leaves: the house's own times, what a location may set otherwise, within which limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from types import MappingProxyType

from clinic.rules.spans import AVERAGE_MONTH, Span, Unit
from plans.rules.letter_kinds import LetterKind

MORNING, MID_MORNING = time(9, 0), time(10, 0)
_HOURS = {Unit.HOURS: 1.0, Unit.DAYS: 24.0, Unit.WEEKS: 168.0, Unit.MONTHS: AVERAGE_MONTH * 24}


@dataclass(frozen=True, slots=True)
class KindTimes:
    """Whether a kind goes, how long before or after what it is about, and at which hour of the day."""

    is_on: bool = True
    lead: Span | None = None
    hour: time | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """The house's times for one kind. `says`: what the letter says, in one line. `measured`: from what its lead counts,
    to be read behind the span: "2 days before it begins".

    `waits`: it keeps the quiet hours; the others answer what somebody has just done. `spans`: the shortest and the
    longest lead a location may set, None where the lead is no matter of taste.
    """

    times: KindTimes
    says: str
    measured: str = ""
    spans: tuple[Span, Span] | None = None
    waits: bool = True

    @property
    def has_hour(self) -> bool:
        """Whether it goes at an hour of the day, which a location may set."""
        return self.times.hour is not None


def _hours(number: int) -> Span:
    return Span(number, Unit.HOURS)


def _days(number: int) -> Span:
    return Span(number, Unit.DAYS)


def _weeks(number: int) -> Span:
    return Span(number, Unit.WEEKS)


def _months(number: int) -> Span:
    return Span(number, Unit.MONTHS)


def _at_once(says: str, measured: str = "at once") -> Timing:
    return Timing(KindTimes(), says, measured, waits=False)


def _again(says: str, measured: str = "on the first safe day") -> Timing:
    return Timing(KindTimes(hour=MORNING), says, measured)


def _before(
    says: str, lead: Span, least: Span, most: Span, measured: str = "before it begins", *, on: bool = True
) -> Timing:
    return Timing(KindTimes(on, lead), says, measured, (least, most))


def _expect(when: str, lead: Span, least: Span, most: Span) -> Timing:
    says = f"What a source says may be seen after {when}, never as a promise."
    return Timing(KindTimes(True, lead, MID_MORNING), says, "after the first session", (least, most))


K = LetterKind
_AFTER_IT = "after it should have begun"
_REVIEW_DAY = "before the review is due"
TIMINGS: Mapping[LetterKind, Timing] = MappingProxyType(
    {
        K.APPOINTMENT_BOOKED: _at_once("Day, hour, place, and a calendar file."),
        K.APPOINTMENT_MOVED: _at_once("The new time, and which one no longer holds."),
        K.APPOINTMENT_CANCELLED: _at_once("It is cancelled, and how to book again."),
        K.SERIES_BOOKED: _at_once("All that was booked together, in one letter."),
        K.WAITING_OFFER: _at_once("An earlier time, hers until somebody else takes it."),
        K.APPOINTMENT_MISSED: _before("How to find another time.", _hours(1), _hours(1), _days(2), _AFTER_IT),
        K.WEEK_REMINDER: _before("The appointment in a week.", _days(7), _days(3), _days(60), on=False),
        K.SESSION_REMINDER: _before("The appointment, and how to come prepared.", _hours(48), _hours(3), _days(60)),
        K.DAY_REMINDER: Timing(KindTimes(False, None, time(8)), "Today's appointment.", "on its day"),
        K.REVIEW_REMINDER: _before("The look at results, and to come with dry hair.", _days(2), _hours(3), _days(60)),
        K.PRE_CARE_STOP: Timing(
            KindTimes(True, _days(1), MORNING),
            "What must end days before: colouring, and which medicines to ask the doctor about.",
            "before the first of it must end",
            (_days(0), _days(14)),
        ),
        K.PRE_CARE: _before("The whole list of what to do and to avoid.", _hours(72), _days(2), _days(14)),
        K.PRE_CARE_EVE: Timing(
            KindTimes(False, None, MORNING), "Wash, no products, bring a hat.", "on the day before"
        ),
        K.AFTER_CARE: _at_once(
            "What to avoid until when, and when to call the doctor at once.", "half an hour after it ended"
        ),
        K.NO_WASH: _before(
            "Until when not to wash. Part of the letter after the session.",
            _hours(1), _hours(1), _hours(12), "after the session", on=False,
        ),
        K.WASH_AGAIN: Timing(KindTimes(), "Washing is fine again, and how.", "when the time without washing is over"),
        K.SWELLING_CHECK: Timing(
            KindTimes(True, _days(3), MID_MORNING),
            "Is it still swollen? Whom to call, and where to report it.",
            "after the session",
            (_days(1), _days(7)),
        ),
        K.NO_DYE: _before("Until which day not to dye.", _hours(24), _hours(1), _days(7), "after the session"),
        K.NO_DYE_HALF: Timing(
            KindTimes(hour=MORNING), "Half of the time without dye is over: which day it ends.", "at half-time"
        ),
        K.DYE_AGAIN: _again("Dyeing is fine again, and until when."),
        K.MEDICINE_AGAIN: _again("Minoxidil and finasteride may begin again, as the doctor said."),
        K.EXPECT_2_WEEKS: _expect("2 to 4 weeks", _weeks(2), _days(10), _weeks(4)),
        K.EXPECT_6_WEEKS: _expect("6 to 8 weeks", _weeks(6), _weeks(5), _weeks(8)),
        K.EXPECT_3_MONTHS: _expect("3 months", _months(3), _weeks(10), _months(4)),
        K.EXPECT_6_MONTHS: _expect("6 months", _months(6), _weeks(22), _months(8)),
        K.REVIEW_INVITATION: Timing(
            KindTimes(True, _days(14), MORNING), "Time to book the promised look at results.", _REVIEW_DAY,
            (_days(3), _days(60)),
        ),
        K.REVIEW_OVERDUE: Timing(
            KindTimes(True, _days(7), MORNING), "It was due, and is neither booked nor held.",
            "after the review was due", (_days(1), _days(25)),
        ),
        K.BOOSTER_DUE: Timing(
            KindTimes(True, _days(21), MORNING), "Time to book the booster.", "before its best day",
            (_days(3), _days(60)),
        ),
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LetterTimes:
    """What one location has set; what it says nothing about is the house's. Quiet hours from and until the same hour:
    there are none."""

    own: Mapping[LetterKind, KindTimes] = field(default_factory=dict)
    quiet_from: time = time(21)
    quiet_until: time = time(8)

    def of(self, kind: LetterKind) -> KindTimes:
        return self.own.get(kind) or TIMINGS[kind].times


HOUSE_TIMES = LetterTimes()


def hours_of(span: Span) -> float:
    """Return a span's length for comparing, a month being as long as months are on average."""
    return span.number * _HOURS[span.unit]


def fault(kind: LetterKind, times: KindTimes) -> str | None:
    """Return the sentence to show when a location may not set these times, None when it may."""
    usual = TIMINGS[kind]
    if usual.spans is None or times.lead is None:
        return None
    if usual.has_hour and times.lead.unit is Unit.HOURS:
        return "A letter that goes at an hour of the day is counted in days or weeks."
    shortest, longest = usual.spans
    if not hours_of(shortest) <= hours_of(times.lead) <= hours_of(longest):
        return f"Choose between {shortest} and {longest}."
    return None


def when_words(kind: LetterKind, times: KindTimes) -> str:
    """Return when a kind leaves, in words: "14 days before the review is due, at 09:00"."""
    lead = f"{times.lead} " if times.lead else ""
    hour = f", at {times.hour:%H:%M}" if times.hour else ""
    return f"{lead}{TIMINGS[kind].measured}{hour}"
