"""How windows and reasons are said on the pages: short, with the year once."""

from __future__ import annotations

from datetime import date

from plans.rules.wording import day_words, distance_words


def between_words(first: date, last: date) -> str:
    """Return "Tue 3 Nov and Tue 17 Nov 2026": the year once where it is the same."""
    begin = day_words(first)
    if first.year == last.year:
        begin = begin.rsplit(" ", 1)[0]
    return f"{begin} and {day_words(last)}"


def window_words(earliest: date, target: date, latest: date) -> str:
    """Return "Between Tue 3 Nov and Tue 17 Nov 2026, best on Tue 10 Nov 2026."; one sentence also for a single day."""
    if earliest == latest:
        return f"On {day_words(target)}."
    return f"Between {between_words(earliest, latest)}, best on {day_words(target)}."


def day_and_distance(day: date, today: date) -> str:
    """Return "Tue 3 Nov 2026, in 12 days"."""
    return f"{day_words(day)}, {distance_words(day, today)}"
