"""The text of a calendar feed against RFC 5545, read by the tests' own strict reader and by the icalendar library."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from plans.rules.feed import FeedEvent, calendar_text

STAMP = re.compile(r"\d{8}T\d{6}Z")
ONCE = ("UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY", "STATUS", "TRANSP", "CLASS")

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=120).map(str.strip)
INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=0)
)
DAYS = st.dates(date(2000, 1, 1), date(2099, 1, 1))
LENGTHS = st.integers(1, 60)


@st.composite
def events(draw: st.DrawFn) -> FeedEvent:
    starts = draw(st.one_of(INSTANTS, DAYS))
    length = timedelta(minutes=draw(LENGTHS)) if isinstance(starts, datetime) else timedelta(days=draw(LENGTHS))
    return FeedEvent(
        uid=f"{draw(st.uuids())}@clinic.example", sequence=draw(st.integers(0, 99)), changed_at=draw(INSTANTS),
        starts=starts, ends=starts + length, summary=draw(WORDS.filter(bool)), place=draw(WORDS),
        is_cancelled=draw(st.booleans()),
    )  # fmt: skip


def strictly_read(text: bytes) -> list[dict[str, str]]:
    """Every rule a feed can break: line ends and lengths, nesting, what is required, what may be there once."""
    assert text.endswith(b"\r\n")
    raw = text.split(b"\r\n")[:-1]
    assert all(b"\r" not in line and b"\n" not in line for line in raw)
    assert all(1 <= len(line) <= 75 for line in raw)
    for line in raw:
        line.decode()  # no character is cut in two
    lines = text.decode().replace("\r\n ", "").split("\r\n")[:-1]
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    found: list[dict[str, str]] = []
    inside: list[str] = []
    head: list[str] = []
    for line in lines:
        name, colon, value = line.partition(":")
        assert colon, line
        assert re.fullmatch(r"[A-Z-]+(;VALUE=(DATE|DURATION))?", name), line
        assert not any(ord(mark) < 32 for mark in value)
        if name == "BEGIN":
            inside.append(value)
            found += [{}] if value == "VEVENT" else []
        elif name == "END":
            assert inside.pop() == value
        elif inside[-1] == "VEVENT":
            assert name.partition(";")[0] not in {known.partition(";")[0] for known in found[-1]}, line
            found[-1][name] = value
        elif inside == ["VCALENDAR"]:
            head.append(name)
    assert inside == []
    assert head.count("VERSION") == head.count("PRODID") == 1
    assert "METHOD" not in head
    assert text.count(b"BEGIN:V") > 1  # a calendar holds at least one component
    for event in found:
        assert {name.partition(";")[0] for name in event} >= set(ONCE)
        assert STAMP.fullmatch(event["DTSTAMP"])
        _spans(event)
    assert len({event["UID"] for event in found}) == len(found)
    return found


def _spans(event: dict[str, str]) -> None:
    if "DTSTART" in event:
        assert STAMP.fullmatch(event["DTSTART"])
        assert STAMP.fullmatch(event["DTEND"])
        assert event["DTSTART"] < event["DTEND"]
    else:
        assert event["DTSTART;VALUE=DATE"] < event["DTEND;VALUE=DATE"]


@given(name=WORDS, wanted=st.lists(events(), max_size=5, unique_by=lambda event: event.uid))
def test_whatever_stands_in_it_a_strict_reader_reads_it_back(name: str, wanted: list[FeedEvent]) -> None:
    text = calendar_text(name, wanted)
    assert len(strictly_read(text)) == len(wanted)
    calendar = Calendar.from_ical(text)
    assert calendar.errors == []
    for head in ("NAME", "X-WR-CALNAME"):  # newer than the library: it leaves the backslashes
        assert re.sub(r"\\(.)", r"\1", str(calendar[head])) == name
    for event, read in zip(wanted, calendar.walk("VEVENT"), strict=True):
        assert read.errors == []
        assert (str(read["UID"]), read["SEQUENCE"]) == (event.uid, event.sequence)
        assert (read["DTSTART"].dt, read["DTEND"].dt) == (event.starts, event.ends)
        assert str(read["SUMMARY"]) == event.summary
        assert str(read.get("LOCATION", "")) == event.place
        assert str(read["STATUS"]) == ("CANCELLED" if event.is_cancelled else "CONFIRMED")
        assert read["DTSTAMP"].dt == event.changed_at


def test_an_empty_calendar_is_a_calendar() -> None:
    assert strictly_read(calendar_text("Dr One", [])) == []
    assert Calendar.from_ical(calendar_text("Dr One", [])).walk("VEVENT") == []


def test_a_name_cannot_begin_a_line_of_its_own() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    event = FeedEvent("a@b", 0, moment, moment, moment + timedelta(hours=1), "Mei\r\nATTACH:http://x", "a;b,c\\d")
    [read] = strictly_read(calendar_text("x\nEND:VCALENDAR", [event]))
    assert "ATTACH" not in read
    assert read["LOCATION"] == "a\\;b\\,c\\\\d"


def test_the_same_events_are_the_same_bytes() -> None:
    moment = datetime(2026, 3, 1, 10, tzinfo=UTC)
    event = FeedEvent("a@b", 0, moment, moment, moment + timedelta(hours=1), "Booked")
    assert calendar_text("x", [event]) == calendar_text("x", [event])
