"""The calendar file of a letter.

METHOD is PUBLISH, not REQUEST: a REQUEST needs the patient as ATTENDEE and makes calendars ask "Going?" and mail the
answer to the desk, while our patients confirm on their page. UID and SEQUENCE still let a calendar replace what it
has, and CANCEL takes it out. Times are UTC: right in every calendar, and no zone table that could be out of date.
No treatment, no link, no number of the session: calendars are shared with families and employers.

Written by hand: a library takes longer over it than all the rest of the letter takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import chain

from clinic.language import tongue
from clinic.post.message import CalendarMethod
from plans.letters.facts import LetterFacts, Visit
from plans.rules.letter_kinds import LetterKind

_WITH_APPOINTMENT = frozenset(
    {
        LetterKind.APPOINTMENT_BOOKED,
        LetterKind.APPOINTMENT_MOVED,
        LetterKind.APPOINTMENT_CANCELLED,
        LetterKind.WEEK_REMINDER,
        LetterKind.SESSION_REMINDER,
        LetterKind.DAY_REMINDER,
        LetterKind.REVIEW_REMINDER,
    }
)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def calendar_file(facts: LetterFacts) -> tuple[bytes | None, CalendarMethod]:
    """Return the file and its method, or None for letters that put nothing into a calendar."""
    if facts.kind in _WITH_APPOINTMENT and facts.starts and facts.ends:
        visit = Visit(starts=facts.starts, ends=facts.ends, uid=facts.uid, sequence=facts.sequence)
        method: CalendarMethod = "CANCEL" if facts.kind is LetterKind.APPOINTMENT_CANCELLED else "PUBLISH"
        return _file([_appointment(facts, visit, method)], method), method
    if facts.kind is LetterKind.SERIES_BOOKED and facts.visits:
        return _file([_appointment(facts, visit, "PUBLISH") for visit in facts.visits], "PUBLISH"), "PUBLISH"
    if facts.kind is LetterKind.NO_DYE and facts.uid and facts.safe_on:
        return _dye_date(facts, facts.safe_on), "PUBLISH"
    return None, "PUBLISH"


def _appointment(facts: LetterFacts, visit: Visit, method: CalendarMethod) -> list[str]:
    place = [f"LOCATION:{_escaped(facts.clinic_address)}"] if facts.clinic_address else []
    summary = tongue(facts.language).say("Appointment at {clinic}", clinic=facts.clinic_name)
    return _event(
        facts,
        summary,
        visit.uid,
        visit.sequence,
        f"DTSTART:{_instant(visit.starts)}",
        f"DTEND:{_instant(visit.ends)}",
        f"STATUS:{'CANCELLED' if method == 'CANCEL' else 'CONFIRMED'}",
        *place,
    )


def _dye_date(facts: LetterFacts, safe_on: date) -> bytes:
    event = _event(
        facts,
        tongue(facts.language).say("You may dye your hair again"),
        facts.uid,
        facts.sequence,
        f"DTSTART;VALUE=DATE:{safe_on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{safe_on + timedelta(days=1):%Y%m%d}",
        "STATUS:CONFIRMED",
        # A note on a day, not an hour that is taken.
        "TRANSP:TRANSPARENT",
    )
    return _file([event], "PUBLISH")


def _event(facts: LetterFacts, summary: str, uid: str, sequence: int, *rest: str) -> list[str]:
    speak = tongue(facts.language)
    said = speak.say("Questions, or another time? Call {phone}.", phone=speak.apart(facts.clinic_phone))
    # A name in quotes may hold anything but a quote and a line's end.
    name = _CONTROLS.sub(" ", facts.clinic_name).replace('"', "'")
    return [
        "BEGIN:VEVENT",
        f"UID:{_escaped(uid)}",
        f"SEQUENCE:{sequence}",
        f"DTSTAMP:{_instant(facts.written_at)}",
        f"SUMMARY:{_escaped(summary)}",
        f"DESCRIPTION:{_escaped(said)}",
        "CLASS:PRIVATE",
        f'ORGANIZER;CN="{name}":mailto:{_CONTROLS.sub("", facts.reply_to)}',
        *rest,
        "END:VEVENT",
    ]


def _file(events: Iterable[list[str]], method: CalendarMethod) -> bytes:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Hair clinic//Appointments//EN", f"METHOD:{method}"]
    lines = [*head, *chain.from_iterable(events), "END:VCALENDAR"]
    return b"".join(_folded(line) for line in lines)


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _escaped(text: str) -> str:
    line = _CONTROLS.sub(" ", text)
    return line.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> bytes:
    """Return the line with its end, folded at 75 octets and never inside a character."""
    raw = line.encode("utf-8", "replace")
    pieces, start = [], 0
    while len(raw) - start > 74:
        end = start + 74
        while raw[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(raw[start:end])
        start = end
    pieces.append(raw[start:])
    return b"\r\n ".join(pieces) + b"\r\n"
