"""The facts in the words the templates print. Text and HTML use these, so both state the same."""

from __future__ import annotations

import re

from clinic.language import Tongue, tongue
from plans.letters.facts import LetterFacts, Visit

_BLANKS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
# What could turn the direction of everything after it: never from somebody's typing.
_TURNS = re.compile(r"[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def words(facts: LetterFacts) -> dict[str, object]:
    """Return what the templates may print; a name that is not here is an error there."""
    speak, zone = tongue(facts.language), facts.zone
    starts, until = facts.starts, facts.until
    visits = [_visit(visit, facts, speak) for visit in facts.visits]
    return {
        "first_name": _typed(facts.patient_first_name, speak),
        "clinic": _typed(facts.clinic_name, speak),
        "phone": _typed(facts.clinic_phone, speak),
        "phone_link": re.sub(r"[^0-9+]", "", facts.clinic_phone),
        "address": _typed(facts.clinic_address, speak),
        "place": _place(facts, facts.room, speak),
        "page_url": facts.page_url,
        "report_url": f"{facts.page_url}report/",
        "unsubscribe_url": facts.unsubscribe_url or "",
        "day": speak.day(starts.astimezone(zone).date()) if starts else "",
        "hour": speak.clock(starts, zone) if starts else "",
        "hours": speak.hours(starts, facts.ends, zone) if starts else "",
        "previous": speak.moment(facts.previous_starts, zone) if facts.previous_starts else "",
        "zone": speak.zone_name(zone),
        "visit": _sentence(facts.appointment_word),
        "practitioner": _typed(facts.practitioner_name, speak),
        "visits": visits,
        "several": len(visits) > 1,
        "dates": speak.plural("{n} appointment", "{n} appointments", len(visits)) if visits else "",
        "first_day": visits[0]["day"] if visits else "",
        "first_hour": visits[0]["hour"] if visits else "",
        "care_items": [_line(item) for item in facts.care_items],
        "expectations": [
            {"when": _sentence(one.when), "text": _line(one.text), "source": _line(one.source)}
            for one in facts.expectations
        ],
        "until": speak.moment(until, zone) if until else "",
        "until_day": speak.day(until.astimezone(zone).date()) if until else "",
        "safe_on": speak.day(facts.safe_on) if facts.safe_on else "",
        "safe_today": facts.safe_on == facts.written_at.astimezone(zone).date(),
        "months": speak.plural("{n}-month", "{n}-month", facts.months) if facts.months else "",
        "due_on": speak.day(facts.due_on) if facts.due_on else "",
        "call_now": [speak.own(_line(flag)) for flag in facts.call_now],
        "replaces": facts.replaces,
    }


def _visit(visit: Visit, facts: LetterFacts, speak: Tongue) -> dict[str, str]:
    """The same words for one of several, so that the same parts print it."""
    return {
        "day": speak.day(visit.starts.astimezone(facts.zone).date()),
        "hour": speak.clock(visit.starts, facts.zone),
        "hours": speak.hours(visit.starts, visit.ends, facts.zone),
        "visit": _sentence(visit.appointment_word),
        "practitioner": _typed(visit.practitioner_name, speak),
        "place": _place(facts, visit.room, speak),
        "room": _typed(visit.room, speak),
    }


def _place(facts: LetterFacts, room: str, speak: Tongue) -> str:
    parts = [_typed(part, speak) for part in (facts.clinic_address, room) if part.strip()]
    return speak.say(", ").join(parts)


def _typed(text: str, speak: Tongue) -> str:
    """What somebody typed: on one line, and set apart in a language written from right to left."""
    return speak.apart(_line(text if text.isprintable() else _TURNS.sub("", text)))


def _line(text: str) -> str:
    """Return the text on one line: a name must not be able to write paragraphs of its own into a letter."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return _BLANKS.sub(" ", text).strip()


def _sentence(text: str) -> str:
    line = _line(text)
    return line[:1].upper() + line[1:]
