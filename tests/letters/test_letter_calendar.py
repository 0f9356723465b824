from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar, Event

from plans.letters import LetterFacts, render
from plans.letters.samples import sample_facts
from plans.rules.letter_kinds import LetterKind

SAMPLES = sample_facts()
WITH_EVENT = [
    LetterKind.APPOINTMENT_BOOKED,
    LetterKind.APPOINTMENT_MOVED,
    LetterKind.APPOINTMENT_CANCELLED,
    LetterKind.SESSION_REMINDER,
    LetterKind.WEEK_REMINDER,
    LetterKind.DAY_REMINDER,
    LetterKind.REVIEW_REMINDER,
]

CALENDAR = {*WITH_EVENT, LetterKind.NO_DYE, LetterKind.SERIES_BOOKED}


def event_of(facts: LetterFacts) -> Event:
    events = Calendar.from_ical(render(facts).calendar).walk("VEVENT")
    assert len(events) == 1
    return events[0]


@pytest.mark.parametrize("kind", WITH_EVENT)
def test_the_event_is_the_appointment(kind: LetterKind):
    facts = SAMPLES[kind]
    event = event_of(facts)
    assert (event.start, event.end) == (facts.starts, facts.ends)
    assert event["uid"] == facts.uid
    assert event["sequence"] == facts.sequence
    assert event["dtstamp"].dt == facts.written_at
    assert event["summary"] == "Appointment at Riverside Hair Clinic"
    assert event["location"] == facts.clinic_address
    assert event["organizer"] == "mailto:desk@clinic.example"


def test_a_moved_appointment_replaces_its_event_and_a_cancelled_one_takes_it_out():
    booked, moved, cancelled = (event_of(SAMPLES[kind]) for kind in WITH_EVENT[:3])
    assert booked["uid"] == moved["uid"] == cancelled["uid"]
    assert booked["sequence"] < moved["sequence"] < cancelled["sequence"]
    letters = [render(SAMPLES[kind]) for kind in WITH_EVENT]
    assert [letter.calendar_method for letter in letters] == ["PUBLISH", "PUBLISH", "CANCEL", *["PUBLISH"] * 4]
    for letter in letters:
        assert Calendar.from_ical(letter.calendar)["method"] == letter.calendar_method
    assert [event["status"] for event in (booked, moved, cancelled)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]


@pytest.mark.parametrize("kind", WITH_EVENT)
def test_a_shared_calendar_learns_nothing_but_time_and_place(kind: LetterKind):
    facts = replace(SAMPLES[kind], appointment_word="exosome session 2", care_items=("no dye",))
    calendar = render(facts).calendar.decode()
    for secret in ("exosome", "session", "dye", facts.page_url, "https://", "Mei", "Dr Sample"):
        assert secret not in calendar
    assert "CLASS:PRIVATE" in calendar


def test_the_dye_date_is_a_free_day_in_the_calendar_the_same_as_in_the_letter():
    facts = replace(SAMPLES[LetterKind.NO_DYE], safe_on=date(2026, 11, 3))
    event = event_of(facts)
    assert (event.start, event.end) == (date(2026, 11, 3), date(2026, 11, 4))
    assert event["transp"] == "TRANSPARENT"
    assert "Tue 3 Nov 2026" in render(facts).text


def test_one_file_holds_all_of_a_series_each_with_its_own_id_and_number():
    facts = SAMPLES[LetterKind.SERIES_BOOKED]
    second = replace(facts.visits[1], sequence=3)
    facts = replace(facts, visits=(facts.visits[0], second, *facts.visits[2:]))
    letter = render(facts)
    events = Calendar.from_ical(letter.calendar).walk("VEVENT")
    assert letter.calendar_method == "PUBLISH"
    assert [(event["uid"], event["sequence"]) for event in events] == [(v.uid, v.sequence) for v in facts.visits]
    assert [(event.start, event.end) for event in events] == [(v.starts, v.ends) for v in facts.visits]
    assert {str(event["location"]) for event in events} == {facts.clinic_address}
    for secret in ("session", "review", "https://", "Mei", "Dr Sample"):
        assert secret not in letter.calendar.decode()


@pytest.mark.parametrize("kind", [kind for kind in LetterKind if kind not in CALENDAR])
def test_other_letters_put_nothing_into_a_calendar(kind: LetterKind):
    assert render(replace(SAMPLES[kind], uid="some-id")).calendar is None


def test_the_file_is_the_same_for_the_same_facts_and_its_lines_are_folded():
    long_name = "عيادة النهر " * 12 + "\r\nATTENDEE:mailto:all@example.org; , \\"
    facts = replace(SAMPLES[LetterKind.APPOINTMENT_BOOKED], clinic_name=long_name, clinic_address=long_name)
    calendar = render(facts).calendar
    assert calendar == render(replace(facts)).calendar
    lines = calendar.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert not [line for line in lines if line.startswith(b"ATTENDEE")]
    assert not [line for line in lines if b"\n" in line or b"\r" in line]
    event = event_of(facts)
    assert "عيادة النهر" in event["summary"]
    assert "attendee" not in event


def test_instants_are_utc_whatever_zone_they_came_in():
    start = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    facts = replace(
        SAMPLES[LetterKind.APPOINTMENT_BOOKED],
        starts=start.astimezone(SAMPLES[LetterKind.APPOINTMENT_BOOKED].zone),
        ends=start + timedelta(hours=1),
    )
    assert b"DTSTART:20260329T003000Z" in render(facts).calendar
