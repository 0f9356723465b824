"""The facts in the words the templates print. Both bodies use these, so both state the same."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from plans.letters.facts import LetterFacts, Visit
from plans.rules.wording import clock_words, day_words, zone_words

_BLANKS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")


def words(facts: LetterFacts) -> dict[str, object]:
    """Return what the templates may print; a name that is not here is an error there."""
    zone = facts.zone
    return {
        "first_name": _line(facts.patient_first_name),
        "clinic": _line(facts.clinic_name),
        "phone": _line(facts.clinic_phone),
        "phone_link": re.sub(r"[^0-9+]", "", facts.clinic_phone),
        "address": _line(facts.clinic_address),
        "place": _place(facts, facts.room),
        "page_url": facts.page_url,
        "unsubscribe_url": facts.unsubscribe_url or "",
        "day": _day(facts.starts, zone),
        "hour": clock_words(facts.starts, zone) if facts.starts else "",
        "hours": _hours(facts.starts, facts.ends, zone),
        "previous": _moment(facts.previous_starts, zone),
        "zone": zone_words(zone),
        "visit": _capital(_line(facts.appointment_word)),
        "practitioner": _line(facts.practitioner_name),
        "visits": [_visit(visit, facts) for visit in facts.visits],
        "care_items": [_line(item) for item in facts.care_items],
        "until": _moment(facts.until, zone),
        "until_day": _day(facts.until, zone),
        "safe_on": day_words(facts.safe_on) if facts.safe_on else "",
        "safe_today": facts.safe_on == facts.written_at.astimezone(zone).date(),
        "months": facts.months or 0,
        "review_due": day_words(facts.review_due) if facts.review_due else "",
        "call_now": [_line(flag) for flag in facts.call_now],
        "replaces": facts.replaces,
    }


def _visit(visit: Visit, facts: LetterFacts) -> dict[str, str]:
    """The same words for one of several, so that the same parts print it."""
    return {
        "day": _day(visit.starts, facts.zone),
        "hour": clock_words(visit.starts, facts.zone),
        "hours": _hours(visit.starts, visit.ends, facts.zone),
        "visit": _capital(_line(visit.appointment_word)),
        "practitioner": _line(visit.practitioner_name),
        "place": _place(facts, visit.room),
        "room": _line(visit.room),
    }


def _place(facts: LetterFacts, room: str) -> str:
    return ", ".join(filter(None, (_line(facts.clinic_address), _line(room))))


def _hours(starts: datetime | None, ends: datetime | None, zone: ZoneInfo) -> str:
    """Return "10:30 to 11:15", or the start alone when the end falls on another day or is not known."""
    if starts is None:
        return ""
    if ends is None or _day(starts, zone) != _day(ends, zone):
        return clock_words(starts, zone)
    return f"{clock_words(starts, zone)} to {clock_words(ends, zone)}"


def _day(instant: datetime | None, zone: ZoneInfo) -> str:
    return day_words(instant.astimezone(zone).date()) if instant else ""


def _moment(instant: datetime | None, zone: ZoneInfo) -> str:
    """Return "10:30 on Tue 3 Nov 2026"."""
    return f"{clock_words(instant, zone)} on {_day(instant, zone)}" if instant else ""


def _line(text: str) -> str:
    """Return the text on one line: a name must not be able to write paragraphs of its own into a letter."""
    return _BLANKS.sub(" ", text).strip()


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
