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
    WEEK_REMINDER = "week_reminder"
    SESSION_REMINDER = "session_reminder"
    DAY_REMINDER = "day_reminder"
    REVIEW_REMINDER = "review_reminder"
    PRE_CARE_STOP = "pre_care_stop"
    PRE_CARE = "pre_care"
    PRE_CARE_EVE = "pre_care_eve"
    AFTER_CARE = "after_care"
    NO_WASH = "no_wash"
    WASH_AGAIN = "wash_again"
    SWELLING_CHECK = "swelling_check"
    NO_DYE = "no_dye"
    NO_DYE_HALF = "no_dye_half"
    DYE_AGAIN = "dye_again"
    MEDICINE_AGAIN = "medicine_again"
    EXPECT_2_WEEKS = "expect_2_weeks"
    EXPECT_6_WEEKS = "expect_6_weeks"
    EXPECT_3_MONTHS = "expect_3_months"
    EXPECT_6_MONTHS = "expect_6_months"
    REVIEW_INVITATION = "review_invitation"
    REVIEW_OVERDUE = "review_overdue"
    BOOSTER_DUE = "booster_due"

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
        LetterKind.WEEK_REMINDER: KindPolicy(_A, Doubt.REPEAT, "Reminder, a week before"),
        LetterKind.SESSION_REMINDER: KindPolicy(_A, Doubt.REPEAT, "Appointment reminder"),
        LetterKind.DAY_REMINDER: KindPolicy(_A, Doubt.REPEAT, "Reminder, the same morning"),
        LetterKind.REVIEW_REMINDER: KindPolicy(_A, Doubt.REPEAT, "Review reminder"),
        LetterKind.PRE_CARE_STOP: KindPolicy(_C, Doubt.REPEAT, "What to stop before the session"),
        LetterKind.PRE_CARE: KindPolicy(_C, Doubt.REPEAT, "Before the session"),
        LetterKind.PRE_CARE_EVE: KindPolicy(_C, Doubt.REPEAT, "The day before the session"),
        LetterKind.AFTER_CARE: KindPolicy(_C, Doubt.REPEAT, "After the session"),
        LetterKind.NO_WASH: KindPolicy(_C, Doubt.REPEAT, "No washing yet"),
        LetterKind.WASH_AGAIN: KindPolicy(_C, Doubt.ASK, "Washing allowed again"),
        LetterKind.SWELLING_CHECK: KindPolicy(_C, Doubt.REPEAT, "Swelling check, day 3"),
        LetterKind.NO_DYE: KindPolicy(_C, Doubt.REPEAT, "No dyeing yet"),
        LetterKind.NO_DYE_HALF: KindPolicy(_C, Doubt.REPEAT, "No dyeing yet: half-time"),
        # Sent twice, or with a date that is no longer true, these do harm: a human decides.
        LetterKind.DYE_AGAIN: KindPolicy(_C, Doubt.ASK, "Dyeing allowed again"),
        LetterKind.MEDICINE_AGAIN: KindPolicy(_C, Doubt.ASK, "Hair medicine allowed again"),
        LetterKind.EXPECT_2_WEEKS: KindPolicy(_C, Doubt.REPEAT, "What to expect at 2–4 weeks"),
        LetterKind.EXPECT_6_WEEKS: KindPolicy(_C, Doubt.REPEAT, "What to expect at 6–8 weeks"),
        LetterKind.EXPECT_3_MONTHS: KindPolicy(_C, Doubt.REPEAT, "What to expect at 3 months"),
        LetterKind.EXPECT_6_MONTHS: KindPolicy(_C, Doubt.REPEAT, "What to expect at 6 months"),
        LetterKind.REVIEW_INVITATION: KindPolicy(_R, Doubt.REPEAT, "Review invitation"),
        # A second nudge embarrasses when it comes twice.
        LetterKind.REVIEW_OVERDUE: KindPolicy(_R, Doubt.ASK, "Review overdue"),
        LetterKind.BOOSTER_DUE: KindPolicy(_R, Doubt.REPEAT, "Booster due"),
    }
)
