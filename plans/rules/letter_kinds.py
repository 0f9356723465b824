"""The kinds of letters, what a patient can switch off, and what to do when nobody knows whether one left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class LetterKind(StrEnum):
    APPOINTMENT_BOOKED = "appointment_booked"
    APPOINTMENT_MOVED = "appointment_moved"
    APPOINTMENT_CANCELLED = "appointment_cancelled"
    APPOINTMENT_MISSED = "appointment_missed"
    SERIES_BOOKED = "series_booked"
    WAITING_OFFER = "waiting_offer"
    SESSION_REMINDER = "session_reminder"
    PRE_CARE = "pre_care"
    NO_WASH = "no_wash"
    NO_DYE = "no_dye"
    DYE_AGAIN = "dye_again"
    REVIEW_INVITATION = "review_invitation"

    @property
    def label(self) -> str:
        return KIND_POLICY[self].title


class LetterGroup(StrEnum):
    """What a patient can switch off by itself."""

    APPOINTMENTS = "appointments"
    CARE = "care"
    REVIEWS = "reviews"


class Doubt(StrEnum):
    """What to do when nobody can know whether a letter left: send the same bytes again, or ask a human."""

    REPEAT = "repeat"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class KindPolicy:
    group: LetterGroup
    in_doubt: Doubt
    title: str


_A, _C, _R = LetterGroup.APPOINTMENTS, LetterGroup.CARE, LetterGroup.REVIEWS
KIND_POLICY: Mapping[LetterKind, KindPolicy] = MappingProxyType(
    {
        LetterKind.APPOINTMENT_BOOKED: KindPolicy(_A, Doubt.REPEAT, "Appointment booked"),
        LetterKind.APPOINTMENT_MOVED: KindPolicy(_A, Doubt.REPEAT, "Appointment moved"),
        LetterKind.APPOINTMENT_CANCELLED: KindPolicy(_A, Doubt.REPEAT, "Appointment cancelled"),
        LetterKind.APPOINTMENT_MISSED: KindPolicy(_A, Doubt.REPEAT, "Appointment missed"),
        LetterKind.SERIES_BOOKED: KindPolicy(_A, Doubt.REPEAT, "Appointments booked"),
        LetterKind.WAITING_OFFER: KindPolicy(_A, Doubt.REPEAT, "Earlier time offered"),
        LetterKind.SESSION_REMINDER: KindPolicy(_A, Doubt.REPEAT, "Appointment reminder"),
        LetterKind.PRE_CARE: KindPolicy(_C, Doubt.REPEAT, "Before the session"),
        LetterKind.NO_WASH: KindPolicy(_C, Doubt.REPEAT, "No washing yet"),
        LetterKind.NO_DYE: KindPolicy(_C, Doubt.REPEAT, "No dyeing yet"),
        # Sent twice, or with a date that is no longer true, it does harm: a human decides.
        LetterKind.DYE_AGAIN: KindPolicy(_C, Doubt.ASK, "Dyeing allowed again"),
        LetterKind.REVIEW_INVITATION: KindPolicy(_R, Doubt.REPEAT, "Review invitation"),
    }
)
