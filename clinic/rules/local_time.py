"""Clinic time: from a wall clock in a zone to an instant in UTC, and back.

Hours are elapsed time. Days, weeks and months are local calendar days. Every instant that comes in is aware;
every instant that goes out is UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from clinic.rules.spans import Span, Unit, earlier, later

ONE_DAY = timedelta(days=1)


def at_local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return the instant at which `zone`'s wall clock shows `clock` on `day`.

    A time the clocks jump over moves forward by the jump; a time shown twice is the first.
    """
    # PEP 495: fold=0 means "first" in a fold and, in a gap, the offset from before it: forward by the gap.
    return datetime.combine(day, clock.replace(fold=0, tzinfo=None), tzinfo=zone).astimezone(UTC)


# A plan's restrictions ask for the same midnights hundreds of times, before a change and after it.
@lru_cache(maxsize=1 << 15)
def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of the local date: 01:00 where the clocks jump at midnight (Cairo in spring).

    For a date the zone left out altogether (Apia, 30 Dec 2011) it is the start of the next one.
    """
    midnight = at_local(day, time.min, zone)
    if midnight.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, time.min):
        return midnight
    return _first_instant_after_jump(day, zone, midnight)


def _first_instant_after_jump(day: date, zone: ZoneInfo, latest: datetime) -> datetime:
    """Midnight is inside a jump: find the jump, which need not begin at midnight (Toronto, 1919: 23:30)."""
    before, after_ = latest - 2 * ONE_DAY, latest
    while after_ - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after_ - before) // timedelta(seconds=1) // 2)
        if local_day(middle, zone) >= day:
            after_ = middle
        else:
            before = middle
    return after_


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the date on `zone`'s calendar at `instant`."""
    return instant.astimezone(zone).date()


def after(instant: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """Return the instant `span` after: hours elapsed; days, weeks and months at the same wall clock time."""
    if span.unit is Unit.HOURS:
        return _elapsed(instant, timedelta(hours=span.number))
    local = instant.astimezone(zone)
    return at_local(later(local.date(), span), local.time(), zone)


def before(instant: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """Return the instant `span` before, counted like `after`."""
    if span.unit is Unit.HOURS:
        return _elapsed(instant, -timedelta(hours=span.number))
    local = instant.astimezone(zone)
    return at_local(earlier(local.date(), span), local.time(), zone)


def latest_end(instant: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """Return the later of the wall clock end and the elapsed end: a day may last 23 or 25 hours.

    A month's elapsed length is the days between its two (clamped) dates.
    """
    if span.unit is Unit.HOURS:
        return after(instant, span, zone)
    local = instant.astimezone(zone)
    day = local.date()
    end = later(day, span)
    return max(at_local(end, local.time(), zone), _elapsed(instant, end - day))


def earliest_begin(instant: datetime, span: Span, zone: ZoneInfo) -> datetime:
    """Return the earlier of the wall clock and the elapsed instant `span` before."""
    if span.unit is Unit.HOURS:
        return before(instant, span, zone)
    local = instant.astimezone(zone)
    day = local.date()
    begin = earlier(day, span)
    return min(at_local(begin, local.time(), zone), _elapsed(instant, begin - day))


def first_safe_date(instant: datetime, span: Span, zone: ZoneInfo) -> date:
    """Return the first local date that begins when `span` after `instant` is over, whichever way one counts.

    It begins at or after both the wall clock end and the elapsed end: better a day late than an hour early.
    Source: the owner's "no dye for 4 weeks": after Mon 5 Oct 2026 15:00 it is Tue 3 Nov 2026.
    """
    return first_whole_day(latest_end(instant, span, zone), zone)


def first_whole_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the first local date that begins at or after `instant`, and that exists."""
    day = local_day(instant, zone)
    while start_of_day(day, zone) < instant or not _exists(day, zone):
        day += ONE_DAY
    return day


@lru_cache(maxsize=1 << 15)
def _exists(day: date, zone: ZoneInfo) -> bool:
    return local_day(start_of_day(day, zone), zone) == day


def _elapsed(instant: datetime, length: timedelta) -> datetime:
    return instant.astimezone(UTC) + length
