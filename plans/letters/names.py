"""What a letter's source may print, block by block and kind by kind, and what each kind must say."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from plans.rules.letter_kinds import LetterKind as K

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "first_name": "The patient's first name",
        "clinic": "The clinic's name",
        "phone": "The clinic's phone number; it can be tapped",
        "address": "The clinic's address, where one is written down",
        "page_url": "The patient's own page",
        "report_url": "The page on which a patient reports a problem",
        "zone": "Whose time the hours are: “Singapore time”",
        "day": "The day of the appointment",
        "hour": "When it begins",
        "hours": "From when to when",
        "visit": "Which visit it is: “Session 2 of 4”",
        "practitioner": "With whom",
        "place": "The address and the room",
        "previous": "The time that no longer holds, or the one the patient has meanwhile",
        "care_items": "What to do and to avoid, one sentence each: a list",
        "call_now": "The signs to call for at once: a list",
        "expectations": "What the sources say, with `when`, `text` and `source`: a list",
        "visits": "All appointments, with `day`, `hours`, `visit`, `practitioner`, `room`: a list",
        "several": "There when it is more than one appointment",
        "dates": "How many: “4 appointments”",
        "first_day": "The day of the first of them",
        "first_hour": "When the first of them begins",
        "until": "The moment until which, or from which, it holds",
        "until_day": "The day on which the next wait begins, where one is known",
        "safe_on": "The first day on which it is allowed again",
        "safe_today": "There when that day is today",
        "months": "How many months after the first session: “3-month”",
        "due_on": "The day it is planned for",
        "replaces": "There when an earlier mail said something else",
    }
)

LISTS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "care_items": frozenset(),
        "call_now": frozenset(),
        "expectations": frozenset({"when", "text", "source"}),
        "visits": frozenset({"day", "hour", "hours", "visit", "practitioner", "place", "room"}),
    }
)
"""What can be walked through, and the parts of what it holds; none: its members are words."""

BLOCKS: Mapping[str, str] = MappingProxyType(
    {
        "when": "Day, hours and whose time it is",
        "where": "Which visit, with whom, where",
        "visits": "All appointments, one below the other",
        "care": "What to do and to avoid, as a list",
        "call": "When to call at once, with the phone number",
        "expect": "What the sources say, each with its source",
        "replaces": "That this mail replaces an earlier one, where it does",
        "another_time": "How to ask for another time",
    }
)

ALWAYS = frozenset({"first_name", "clinic", "phone", "address", "page_url", "zone", "replaces"})
_VISIT = frozenset({"day", "hour", "hours", "visit", "practitioner", "place"})
_CARE, _CALL = frozenset({"care_items"}), frozenset({"call_now"})
_DYE = frozenset({"safe_on"})

NAMES: Mapping[K, frozenset[str]] = MappingProxyType(
    {
        K.APPOINTMENT_BOOKED: _VISIT,
        K.APPOINTMENT_MOVED: _VISIT | {"previous"},
        K.APPOINTMENT_CANCELLED: _VISIT,
        K.APPOINTMENT_MISSED: _VISIT,
        K.SERIES_BOOKED: frozenset({"visits", "several", "dates", "first_day", "first_hour"}),
        K.WAITING_OFFER: _VISIT | {"until", "previous"},
        K.WEEK_REMINDER: _VISIT | _CARE,
        K.SESSION_REMINDER: _VISIT | _CARE,
        K.DAY_REMINDER: _VISIT | _CARE,
        K.REVIEW_REMINDER: _VISIT | _CARE,
        K.PRE_CARE_STOP: _VISIT | _CARE,
        K.PRE_CARE: _VISIT | _CARE,
        K.PRE_CARE_EVE: _VISIT | _CARE,
        K.AFTER_CARE: _CARE | _CALL | _DYE | {"until", "report_url"},
        K.NO_WASH: _CARE | _CALL | {"until", "report_url"},
        K.WASH_AGAIN: _CARE | _CALL | {"until", "report_url"},
        K.SWELLING_CHECK: _CALL | {"report_url"},
        K.NO_DYE: _CARE | _CALL | _DYE | {"report_url"},
        K.NO_DYE_HALF: _CARE | _DYE,
        K.DYE_AGAIN: _CARE | _DYE | {"safe_today", "until_day"},
        K.MEDICINE_AGAIN: _CARE | _DYE | {"safe_today", "until_day"},
        K.EXPECT_2_WEEKS: frozenset({"expectations", "report_url"}),
        K.EXPECT_6_WEEKS: frozenset({"expectations", "report_url"}),
        K.EXPECT_3_MONTHS: frozenset({"expectations", "report_url"}),
        K.EXPECT_6_MONTHS: frozenset({"expectations", "report_url"}),
        K.REVIEW_INVITATION: _CARE | {"months", "due_on"},
        K.REVIEW_OVERDUE: frozenset({"months", "due_on"}),
        K.BOOSTER_DUE: frozenset({"due_on"}),
    }
)
"""Beside `ALWAYS`: what this kind of letter has to say."""

_TIME = ("day", "hours", "zone")
MUSTS: Mapping[K, tuple[str, ...]] = MappingProxyType(
    {
        K.APPOINTMENT_BOOKED: _TIME,
        K.APPOINTMENT_MOVED: _TIME,
        K.APPOINTMENT_CANCELLED: ("day", "hours"),
        K.APPOINTMENT_MISSED: ("day",),
        K.SERIES_BOOKED: ("visits", "zone"),
        K.WAITING_OFFER: (*_TIME, "until"),
        K.WEEK_REMINDER: _TIME,
        K.SESSION_REMINDER: _TIME,
        K.DAY_REMINDER: _TIME,
        K.REVIEW_REMINDER: _TIME,
        K.PRE_CARE_STOP: ("day", "care_items"),
        K.PRE_CARE: ("day", "care_items"),
        K.PRE_CARE_EVE: (*_TIME, "care_items"),
        K.AFTER_CARE: ("until", "safe_on", "care_items", "call_now"),
        K.NO_WASH: ("until", "zone", "call_now"),
        K.WASH_AGAIN: ("until",),
        K.SWELLING_CHECK: ("call_now", "report_url"),
        K.NO_DYE: ("safe_on", "call_now"),
        K.NO_DYE_HALF: ("safe_on",),
        K.DYE_AGAIN: ("safe_on", "until_day"),
        K.MEDICINE_AGAIN: ("safe_on", "until_day"),
        K.EXPECT_2_WEEKS: ("expectations",),
        K.EXPECT_6_WEEKS: ("expectations",),
        K.EXPECT_3_MONTHS: ("expectations",),
        K.EXPECT_6_MONTHS: ("expectations",),
        K.REVIEW_INVITATION: ("months", "due_on"),
        K.REVIEW_OVERDUE: ("months",),
        K.BOOSTER_DUE: ("due_on",),
    }
)
"""What a letter of this kind must print whenever it has it: without it the letter would be wrong or useless."""

EVERY_MUST = ("page_url",)
"""The page on which everything else stands. The phone number stands under every letter."""

IN_SUBJECTS = frozenset(
    {"day", "hour", "months", "due_on", "safe_on", "clinic", "dates", "several", "first_day", "first_hour", "until_day"}
)
"""What may stand in a subject: whoever sees the phone on the table learns a time, and nothing of health."""

NOT_IN_SUBJECTS = (
    "exosome", "prp", "plasma", "meso", "microneedl", "filler", "transplant", "inject", "needle", "minoxidil",
    "finasteride", "alopecia", "hair loss", "bald", "scalp", "session", "treatment", "diagnos",
    "إكسوسوم", "اكسوسوم", "بلازما", "ميزو", "إبر", "حقن", "زراعة", "مينوكسيديل", "فيناسترايد", "ثعلبة", "صلع", "تساقط",
    "فروة", "جلسة", "جلست", "علاج", "تشخيص",
)  # fmt: skip
