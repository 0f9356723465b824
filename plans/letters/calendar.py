"""The calendar file of a letter.

METHOD is PUBLISH, not REQUEST: a REQUEST needs the patient as ATTENDEE and makes calendars ask "Going?" and mail the
answer to the desk, while our patients confirm on their page. UID and SEQUENCE still let a calendar replace what it
has, and CANCEL takes it out. Times are UTC: right in every calendar, and no zone table that could be out of date.
No treatment, no link, no number of the session: calendars are shared with families and employers.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, timedelta

from icalendar import Calendar, Event, vCalAddress, vText

from clinic.post.message import CalendarMethod
from plans.letters.facts import LetterFacts, Visit
from plans.rules.reminders import LetterKind

_WITH_APPOINTMENT = frozenset(
    {
        LetterKind.APPOINTMENT_BOOKED,
        LetterKind.APPOINTMENT_MOVED,
        LetterKind.APPOINTMENT_CANCELLED,
        LetterKind.SESSION_REMINDER,
    }
)


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


def _appointment(facts: LetterFacts, visit: Visit, method: CalendarMethod) -> Event:
    event = _event(facts, f"Appointment at {facts.clinic_name}", visit.uid, visit.sequence)
    event.add("dtstart", visit.starts.astimezone(UTC))
    event.add("dtend", visit.ends.astimezone(UTC))
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    if facts.clinic_address:
        event.add("location", facts.clinic_address)
    return event


def _dye_date(facts: LetterFacts, safe_on: date) -> bytes:
    event = _event(facts, "You may dye your hair again", facts.uid, facts.sequence)
    event.add("dtstart", safe_on)
    event.add("dtend", safe_on + timedelta(days=1))
    event.add("status", "CONFIRMED")
    # A note on a day, not an hour that is taken.
    event.add("transp", "TRANSPARENT")
    return _file([event], "PUBLISH")


def _event(facts: LetterFacts, summary: str, uid: str, sequence: int) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("sequence", sequence)
    event.add("dtstamp", facts.written_at.astimezone(UTC).replace(microsecond=0))
    event.add("summary", summary)
    event.add("description", f"Questions, or another time? Call {facts.clinic_phone}.")
    event.add("class", "PRIVATE")
    organizer = vCalAddress(f"mailto:{facts.reply_to}")
    organizer.params["CN"] = vText(facts.clinic_name)
    event["organizer"] = organizer
    return event


def _file(events: Iterable[Event], method: CalendarMethod) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//Hair clinic//Appointments//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for event in events:
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written
