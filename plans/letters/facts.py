"""What a letter states, and nothing it does not: gathered once, so that text, HTML and calendar cannot disagree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from plans.rules.reminders import LetterKind

RED_FLAGS = (
    "severe or unusual pain",
    "high fever",
    "discharge or pus",
    "swelling for more than 3 days",
)
"""When to call the doctor at once. Source: S3."""

NEEDED: Mapping[LetterKind, tuple[str, ...]] = MappingProxyType(
    {
        LetterKind.APPOINTMENT_BOOKED: ("starts", "ends", "uid"),
        LetterKind.APPOINTMENT_MOVED: ("starts", "ends", "uid"),
        LetterKind.APPOINTMENT_CANCELLED: ("starts", "ends", "uid"),
        LetterKind.APPOINTMENT_MISSED: ("starts",),
        LetterKind.SERIES_BOOKED: ("visits",),
        LetterKind.WAITING_OFFER: ("starts", "ends", "until"),
        LetterKind.SESSION_REMINDER: ("starts", "ends", "uid"),
        LetterKind.PRE_CARE: ("starts",),
        LetterKind.NO_WASH: ("until",),
        LetterKind.NO_DYE: ("safe_on",),
        LetterKind.DYE_AGAIN: ("safe_on",),
        LetterKind.REVIEW_INVITATION: ("review_due", "months"),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """The facts of one letter. Instants are aware; the letter states them in `zone`, by the zone's name.

    - `written_at`: when the letter is composed; also the calendar file's stamp, so the same facts are the same bytes.
    - `appointment_word`: "session 2 of 4", "3-month review"; never a treatment or a diagnosis.
    - `care_items`: ready sentences, dates inside them.
    - `until`: NO_WASH: when washing is fine again. DYE_AGAIN: when the next window without dye begins, if one does.
      WAITING_OFFER: until when the time is hers to take.
    - `previous_starts`: APPOINTMENT_MOVED: the time that no longer holds. WAITING_OFFER: the one she has meanwhile.
    - `visits`: SERIES_BOOKED: all of them, in time's order.
    - `safe_on`: the first date on which dye is fine again.
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
    unsubscribe_url: str | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    previous_starts: datetime | None = None
    visits: tuple[Visit, ...] = ()
    appointment_word: str = ""
    practitioner_name: str = ""
    room: str = ""
    care_items: tuple[str, ...] = ()
    until: datetime | None = None
    safe_on: date | None = None
    months: int | None = None
    review_due: date | None = None
    call_now: tuple[str, ...] = RED_FLAGS
    uid: str = ""
    sequence: int = 0
    replaces: bool = False


def missing_facts(facts: LetterFacts) -> tuple[str, ...]:
    """Return the names of the facts this kind of letter cannot do without and does not have."""
    return tuple(name for name in NEEDED[facts.kind] if getattr(facts, name) in (None, "", ()))
