"""A week as it is being written: several periods a day, typed as they are, with what is wrong beside each field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time

from django.core.exceptions import ValidationError
from django.forms import TimeField

from clinic.models import Weekday
from clinic.models.premises import LONGEST_BUFFER
from clinic.rules.opening import Clocks
from clinic.rules.week import MOST_PERIODS, faults_of, whole

MONDAY, FRIDAY = 0, 4
OWN, SAME = "own", "same"
_CLOCK = TimeField(required=False, input_formats=["%H:%M", "%H:%M:%S", "%H.%M", "%H"])
_NOT_A_CLOCK = "Write a time like 09:30."


@dataclass(frozen=True, slots=True)
class PeriodField:
    """One period as typed. `number` counts from 0."""

    day: int
    number: int
    opens: str = ""
    closes: str = ""
    opens_fault: str = ""
    closes_fault: str = ""

    @property
    def key(self) -> str:
        return f"{self.day}-{self.number}"


@dataclass(frozen=True, slots=True)
class DayField:
    day: int
    periods: tuple[PeriodField, ...]

    @property
    def name(self) -> str:
        return Weekday(self.day).label

    @property
    def adds(self) -> str:
        """What its button sends."""
        return f"add-{self.day}"

    @property
    def can_add(self) -> bool:
        return len(self.periods) < MOST_PERIODS


@dataclass(frozen=True, slots=True)
class WeekInput:
    """`mode`: hours of its own, or the same as those it has without. `faults` beside those at the periods."""

    days: tuple[DayField, ...]
    mode: str
    buffer: str
    buffer_fault: str = ""
    fault: str = ""

    @property
    def has_faults(self) -> bool:
        marked = any(one.opens_fault or one.closes_fault for day in self.days for one in day.periods)
        return bool(marked or self.buffer_fault or self.fault)

    @property
    def weekly(self) -> dict[int, tuple[Clocks, ...]]:
        """The week as it would be written; empty days are left out. Only without faults."""
        if self.mode == SAME:
            return {}
        return {day.day: periods for day in self.days if (periods := whole([_written(one)[0] for one in day.periods]))}

    @property
    def minutes(self) -> int:
        return int(self.buffer or 0)


def week_as_it_is(weekly: Mapping[int, Sequence[Clocks]], buffer: int) -> WeekInput:
    """Every day has one empty period at least, so that there is something to write in."""
    typed = {day: [(f"{opens:%H:%M}", f"{closes:%H:%M}") for opens, closes in weekly.get(day, ())] for day in range(7)}
    return _input(typed, OWN if weekly else SAME, str(buffer))


def week_from(post: Mapping[str, str], *, must_be_open: bool) -> WeekInput:
    """What was sent, with a period added or taken away, or Monday copied, when that was the button; else judged."""
    typed = _typed(post)
    mode = SAME if post.get("mode") == SAME and not must_be_open else OWN
    buffer = post.get("buffer", "0").strip()
    deed, _, where = post.get("do", "").partition("-")
    if deed in ("add", "drop", "copy"):
        return _input(_edited(typed, deed, where), mode, buffer)
    return _judged(_input(typed, mode, buffer))


def _typed(post: Mapping[str, str]) -> dict[int, list[tuple[str, str]]]:
    return {
        day: [
            (post.get(f"opens-{day}-{number}", "").strip()[:12], post.get(f"closes-{day}-{number}", "").strip()[:12])
            for number in range(MOST_PERIODS)
            if f"opens-{day}-{number}" in post
        ]
        for day in range(7)
    }


def _edited(typed: dict[int, list[tuple[str, str]]], deed: str, where: str) -> dict[int, list[tuple[str, str]]]:
    day, _, number = where.partition("-")
    if deed == "copy":
        return {one: list(typed[MONDAY]) if one <= FRIDAY else periods for one, periods in typed.items()}
    if not day.isdecimal() or int(day) not in typed:
        return typed
    if deed == "add" and len(typed[int(day)]) < MOST_PERIODS:
        typed[int(day)].append(("", ""))
    if deed == "drop" and number.isdecimal() and int(number) < len(typed[int(day)]):
        typed[int(day)].pop(int(number))
    return typed


def _input(typed: Mapping[int, Sequence[tuple[str, str]]], mode: str, buffer: str) -> WeekInput:
    days = tuple(
        DayField(day, tuple(PeriodField(day, n, *one) for n, one in enumerate(typed[day] or [("", "")])))
        for day in range(7)
    )
    return WeekInput(days, mode, buffer)


def _judged(week: WeekInput) -> WeekInput:
    days = tuple(_judged_day(day) for day in week.days) if week.mode == OWN else week.days
    is_number = week.buffer.isdecimal() and len(week.buffer) < 5 and int(week.buffer) <= LONGEST_BUFFER
    buffer_fault = "" if is_number or not week.buffer else f"Write whole minutes, 0 to {LONGEST_BUFFER}."
    empty = week.mode == OWN and not any(one.opens or one.closes for day in days for one in day.periods)
    return WeekInput(days, week.mode, week.buffer, buffer_fault, "Write at least one period." if empty else "")


def _judged_day(day: DayField) -> DayField:
    read = [_written(one) for one in day.periods]
    found = {(fault.period, fault.at): fault.sentence for fault in faults_of([one for one, _ in read])}
    for number, (_, bad) in enumerate(read):
        found = {key: sentence for key, sentence in found.items() if not (bad and key[0] == number)}
        found.update({(number, at): _NOT_A_CLOCK for at in bad})
    marked = (
        PeriodField(
            one.day, one.number, one.opens, one.closes,
            found.get((one.number, "opens"), ""), found.get((one.number, "closes"), ""),
        )
        for one in day.periods
    )  # fmt: skip
    return DayField(day.day, tuple(marked))


def _written(one: PeriodField) -> tuple[tuple[time | None, time | None], tuple[str, ...]]:
    """The two times, and which of them cannot be read."""
    (opens, opens_bad), (closes, closes_bad) = _clock(one.opens), _clock(one.closes)
    bad = tuple(at for at, is_bad in (("opens", opens_bad), ("closes", closes_bad)) if is_bad)
    return (opens, closes), bad


def _clock(text: str) -> tuple[time | None, bool]:
    try:
        return _CLOCK.clean(text), False
    except ValidationError:
        return None, True
