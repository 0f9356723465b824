"""What a letter states, and nothing it does not: gathered once, so that text, HTML and calendar cannot disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from plans.rules.letter_kinds import LetterKind

RED_FLAGS = (
    "severe or unusual pain",
    "high fever",
    "discharge or pus",
    "swelling for more than 3 days",
)
"""When to call the doctor at once. Source: S3."""

_TIME = ("starts", "ends", "uid")
NEEDED: Mapping[LetterKind, tuple[str, ...]] = MappingProxyType(
    {
        LetterKind.APPOINTMENT_BOOKED: _TIME,
        LetterKind.APPOINTMENT_MOVED: _TIME,
        LetterKind.APPOINTMENT_CANCELLED: _TIME,
        LetterKind.APPOINTMENT_MISSED: ("starts",),
        LetterKind.SERIES_BOOKED: ("visits",),
        LetterKind.WAITING_OFFER: ("starts", "ends", "until"),
        LetterKind.WEEK_REMINDER: _TIME,
        LetterKind.SESSION_REMINDER: _TIME,
        LetterKind.DAY_REMINDER: _TIME,
        LetterKind.REVIEW_REMINDER: _TIME,
        LetterKind.PRE_CARE_STOP: ("starts",),
        LetterKind.PRE_CARE: ("starts",),
        LetterKind.PRE_CARE_EVE: ("starts",),
        LetterKind.AFTER_CARE: (),
        LetterKind.NO_WASH: ("until",),
        LetterKind.WASH_AGAIN: ("until",),
        LetterKind.SWELLING_CHECK: ("call_now",),
        LetterKind.NO_DYE: ("safe_on",),
        LetterKind.NO_DYE_HALF: ("safe_on",),
        LetterKind.DYE_AGAIN: ("safe_on",),
        LetterKind.MEDICINE_AGAIN: ("safe_on",),
        LetterKind.EXPECT_2_WEEKS: (),
        LetterKind.EXPECT_6_WEEKS: (),
        LetterKind.EXPECT_3_MONTHS: (),
        LetterKind.EXPECT_6_MONTHS: (),
        LetterKind.REVIEW_INVITATION: ("due_on", "months"),
        LetterKind.REVIEW_OVERDUE: ("due_on", "months"),
        LetterKind.BOOSTER_DUE: ("due_on",),
    }
)
"""The facts without which a kind of letter would be wrong or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One of several appointments in one letter; what its fields mean is said at `LetterFacts`."""

    starts: datetime
    ends: datetime
    uid: str
    sequence: int = 0
    appointment_word: str = ""
    practitioner_name: str = ""
    room: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What one source says of one time."""

    when: str
    text: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """The facts of one letter. Instants are aware; the letter states them in `zone`, by the zone's name.

    - `written_at`: when the letter is composed; also the calendar file's stamp, so the same facts are the same bytes.
    - `appointment_word`: "session 2 of 4", "3-month review"; never a treatment or a diagnosis.
    - `language`: what all ready words are in, and what the letter is written in.
    - `care_items`: ready sentences, dates inside them.
    - `expectations`: what the sources say of this time, never as a promise.
    - `until`: NO_WASH, WASH_AGAIN, AFTER_CARE: when washing is fine again. DYE_AGAIN, MEDICINE_AGAIN: when the next
      wait begins, if one does. WAITING_OFFER: until when the time is hers to take.
    - `previous_starts`: APPOINTMENT_MOVED: the time that no longer holds. WAITING_OFFER: the one she has meanwhile.
    - `visits`: SERIES_BOOKED: all of them, in time's order.
    - `safe_on`: the first date on which dye is fine again; of a medicine in MEDICINE_AGAIN.
    - `due_on`: the day a review or a follow-up visit is planned for.
    - `uid`, `sequence`: the appointment's own for ever, and one more at every change; they make a calendar replace
      what it has. NO_DYE with a `uid` of its own carries an all-day note of the date.
    - `replaces`: an earlier letter about this may have gone out and no longer holds.
    """

    kind: LetterKind
    patient_first_name: str
    clinic_name: str
    clinic_phone: str
    clinic_address: str
    reply_to: str
    zone: ZoneInfo
    page_url: str
    written_at: datetime
    language: str = "en"
    unsubscribe_url: str | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    previous_starts: datetime | None = None
    visits: tuple[Visit, ...] = ()
    appointment_word: str = ""
    practitioner_name: str = ""
    room: str = ""
    care_items: tuple[str, ...] = ()
    expectations: tuple[Expected, ...] = ()
    until: datetime | None = None
    safe_on: date | None = None
    months: int | None = None
    due_on: date | None = None
    call_now: tuple[str, ...] = RED_FLAGS
    uid: str = ""
    sequence: int = 0
    replaces: bool = False


def missing_facts(facts: LetterFacts) -> tuple[str, ...]:
    """Return the names of the facts this kind of letter cannot do without and does not have."""
    return tuple(name for name in NEEDED[facts.kind] if getattr(facts, name) in (None, "", ()))
