"""A calendar feed as text (RFC 5545): what calendar programs read again and again.

Without METHOD, as a feed publishes a calendar and asks nobody anything; DTSTAMP is then the last change, so that the
same events are the same bytes. Times are UTC: right in every calendar on both sides of a clock change, and no zone
table that could be out of date. Whole days are dates.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

PAST, AHEAD = timedelta(days=30), timedelta(days=400)
CANCELLED_FOR = timedelta(days=30)  # how long a calendar is told that something will not be
LONGEST_LINE = 75  # octets

# A calendar holds at least one component. This one says nothing.
_EMPTY = (
    "BEGIN:VTIMEZONE", "TZID:Etc/UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000",
    "TZOFFSETTO:+0000", "END:STANDARD", "END:VTIMEZONE",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """Instants, or dates for whole days, of which the last is not included. `place` "": nowhere in particular."""

    uid: str
    sequence: int
    changed_at: datetime
    starts: datetime | date
    ends: datetime | date
    summary: str
    place: str = ""
    is_cancelled: bool = False


def digest(secret: str) -> str:
    """Return what is kept of an address's secret, and by which it is found again."""
    return sha256(secret.encode(errors="replace")).hexdigest()


def calendar_text(name: str, events: Iterable[FeedEvent]) -> bytes:
    """Return the whole calendar. Its lines end in CR LF and none is longer than 75 octets."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Hair clinic//Calendar feed//EN", "CALSCALE:GREGORIAN"]
    lines += [f"NAME:{_text(name)}", f"X-WR-CALNAME:{_text(name)}"]
    lines += ["REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H"]
    written = [line for event in events for line in _event(event)]
    return "".join(_folded(line) for line in [*lines, *(written or _EMPTY), "END:VCALENDAR"]).encode()


def _event(event: FeedEvent) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(event.uid)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTAMP:{_instant(event.changed_at)}"
    yield f"LAST-MODIFIED:{_instant(event.changed_at)}"
    yield f"DTSTART{_when(event.starts)}"
    yield f"DTEND{_when(event.ends)}"
    yield f"SUMMARY:{_text(event.summary)}"
    if event.place:
        yield f"LOCATION:{_text(event.place)}"
    yield f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}"
    yield f"TRANSP:{'TRANSPARENT' if event.is_cancelled else 'OPAQUE'}"
    yield "CLASS:PRIVATE"
    yield "END:VEVENT"


def _when(moment: datetime | date) -> str:
    return f":{_instant(moment)}" if isinstance(moment, datetime) else f";VALUE=DATE:{moment:%Y%m%d}"


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(words: str) -> str:
    """Write a text as a value: what has a meaning in the format loses it, what no line may hold is left out."""
    plain = "".join(" " if mark in "\r\n\t" else mark for mark in words)
    plain = "".join(mark for mark in plain if unicodedata.category(mark) not in ("Cc", "Cs"))
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> str:
    """Break a long line, never inside a character."""
    pieces, room = [""], LONGEST_LINE
    for mark in line:
        size = len(mark.encode())
        if size > room:
            pieces.append("")
            room = LONGEST_LINE - 1  # the space that continues a line counts
        pieces[-1] += mark
        room -= size
    return "\r\n ".join(pieces) + "\r\n"
