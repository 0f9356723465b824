"""From when to when somebody is away or something is closed, and what cannot be entered: each no is a sentence."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinic.rules.local_time import at_local, local_day, start_of_day
from clinic.rules.opening import Period
from clinic.rules.refusal import Refusal
from clinic.rules.wording import clock_words, day_words

LONGEST = timedelta(days=400)
FURTHEST = timedelta(days=730)
ONE_DAY = timedelta(days=1)


def closed_period(first: date, last: date, zone: ZoneInfo, begins: time | None, ends: time | None) -> Period:
    """Return the instants meant by two local days, both included, or by hours of one: without `begins` from the day's
    start, without `ends` to its end."""
    starts = at_local(first, begins, zone) if begins else start_of_day(first, zone)
    return starts, at_local(last, ends, zone) if ends else start_of_day(last + ONE_DAY, zone)


def why_not_close(first: date, last: date, *, begins: time | None, ends: time | None, today: date) -> Refusal | None:
    """Codes: wrong_times, hours_of_days, past, too_long, too_far."""
    if last < first:
        return Refusal("wrong_times", f"{day_words(last)} is before {day_words(first)}: change one of the two days.")
    if (begins or ends) and first != last:
        return Refusal("hours_of_days", "Hours are those of one day: leave the hours empty, or choose a single day.")
    if begins and ends and ends <= begins:
        return Refusal("wrong_times", f"{ends:%H:%M} is not after {begins:%H:%M}: change one of the two hours.")
    if first < today:
        return Refusal("past", f"{day_words(first)} is over: enter it from today, {day_words(today)}, on.")
    if last - first >= LONGEST:
        days = (last - first).days + 1
        most = f"enter at most {LONGEST.days} at a time. Whoever does not come back is set to “not in use”."
        return Refusal("too_long", f"That is {days:,} days: {most}")
    if first > today + FURTHEST:
        return Refusal("too_far", f"{day_words(first)} is more than two years away: enter it when it is nearer.")
    return None


def when_words(starts: datetime, ends: datetime, zone: ZoneInfo) -> str:
    """Return a closure as people say it: "Tue 3 Nov 2026", "Tue 3 to Thu 5 …", "Tue 3 Nov 2026, 10:00 to 12:00"."""
    first, last = local_day(starts, zone), local_day(ends - timedelta(microseconds=1), zone)
    is_whole = starts == start_of_day(first, zone) and ends == start_of_day(last + ONE_DAY, zone)
    if is_whole:
        return day_words(first) if first == last else f"{day_words(first)} to {day_words(last)}"
    if first == last:
        return f"{day_words(first)}, {clock_words(starts, zone)} to {clock_words(ends, zone)}"
    return f"{day_words(first)}, {clock_words(starts, zone)}, to {day_words(last)}, {clock_words(ends, zone)}"
