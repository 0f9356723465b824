"""A series with its days and its hours: sessions by the search, then the clock and the person, then the reviews."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.local_time import local_day
from plans.rules.finder import Vacancy
from plans.rules.reviews import ReviewDue, first_done_on, first_expected_on, review_dates
from plans.rules.series_search import Layout, Quest, days_by_cost, lay_out
from plans.rules.series_times import Rhythm, by_rhythm, rhythm_of, without_clash
from plans.rules.steps import Step
from plans.rules.windows import Window, session_windows

OTHER_HOURS, OTHERS = 2, 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be laid out. Sessions go by their `ref`, reviews by their key; `minutes` of both by that. `kept` are
    times somebody chose by hand: their steps are booked on that day in `quest`. `find` answers with a day's free times
    of a length, wishes applied."""

    quest: Quest
    reviews: tuple[str, ...]
    minutes: Mapping[str, int]
    zone: ZoneInfo
    find: Callable[[date, int], tuple[Vacancy, ...]]
    kept: Mapping[str, Vacancy] = field(default_factory=dict)
    buffers: Mapping[UUID, int] = field(default_factory=dict)
    usual: UUID | None = None


@dataclass(frozen=True, slots=True)
class Laid:
    """`times` by ref or key, those kept included; `windows` and `dues` as they are once all that is booked.
    `stuck`: the first ref or key that found no time, and the days it would have had. `is_sure`: every way was tried."""

    times: Mapping[str, Vacancy]
    windows: Mapping[int, Window]
    dues: Mapping[str, ReviewDue]
    rhythm: Rhythm | None
    stuck: str = ""
    stuck_days: tuple[date, date, date] | None = None
    is_sure: bool = True

    @property
    def whole(self) -> bool:
        return not self.stuck


def lay_out_series(wanted: Wanted) -> Laid:
    """Return the best series there is; as much of it as there is when there is no whole one."""
    quest = wanted.quest
    blocked: list[str] = []

    def cost_of_reviews(first: date, weekday: int | None) -> int | None:
        total = 0
        for key, due in _dues(quest, first).items():
            if key in wanted.reviews and key not in wanted.kept:
                costs = (cost for cost, day in _days_of(due, quest, weekday) if _times(wanted, key, day))
                cost = next(costs, None)
                if cost is None:
                    blocked.append(key)
                    return None
                total += cost
        return total

    def is_free(step: Step, day: date) -> bool:
        return bool(_times(wanted, step.ref, day))

    layout = lay_out(quest, is_free=is_free, reviews=cost_of_reviews)
    if not layout.whole and layout.stuck is None and blocked:
        # It is a review that finds no time: the sessions are laid out without it.
        layout = lay_out(quest, is_free=is_free, reviews=lambda first, weekday: 0)
    booked = tuple(
        replace(step, booked_on=layout.days.get(step.number, step.booked_on)) if step.is_to_do else step
        for step in quest.steps
    )
    windows = session_windows(quest.course, booked, starts_on=quest.starts_on, pauses=quest.pauses, today=quest.today)
    laid = _with_times(wanted, booked, layout, windows)
    if layout.whole:
        return laid
    stuck = layout.stuck or next(step for step in booked if step.is_to_do and step.booked_on is None)
    window = layout.window or windows[stuck.number]
    days = window.earliest, window.target, window.latest
    return replace(laid, stuck=stuck.ref, stuck_days=days, is_sure=layout.is_sure)


def _with_times(wanted: Wanted, booked: tuple[Step, ...], layout: Layout, windows: Mapping[int, Window]) -> Laid:
    quest = wanted.quest
    mine = sorted((step for step in booked if step.number in layout.days), key=lambda step: layout.days[step.number])
    found = {step.ref: _times(wanted, step.ref, layout.days[step.number]) for step in mine}
    rhythm = rhythm_of(found.values(), zone=wanted.zone, usual=wanted.usual, kept=wanted.kept.values())
    times = dict(wanted.kept)
    for ref, free in found.items():
        times[ref] = by_rhythm(free, rhythm, zone=wanted.zone)[0]
    expected = first_expected_on(booked, windows, starts_on=quest.starts_on, today=quest.today)
    dues = _dues(quest, expected)
    stuck, days = "", None
    first = min((local_day(one.starts, wanted.zone) for one in times.values()), default=None)
    weekday = quest.weekday
    if weekday is None and first is not None:
        weekday = first.weekday()
    for key in (key for key in dues if key in wanted.reviews and key not in wanted.kept):
        one = _time_of_review(wanted, key, dues[key], weekday, times, rhythm)
        if one:
            times[key] = one
        elif not stuck:
            stuck, days = key, _span(dues[key], quest)
    return Laid(times, windows, dues, rhythm, stuck, days)


def _time_of_review(
    wanted: Wanted,
    key: str,
    due: ReviewDue,
    weekday: int | None,
    times: Mapping[str, Vacancy],
    rhythm: Rhythm | None,
) -> Vacancy | None:
    taken = list(times.values())
    for _, day in _days_of(due, wanted.quest, weekday):
        if free := without_clash(_times(wanted, key, day), taken, wanted.buffers):
            return by_rhythm(free, rhythm, zone=wanted.zone)[0]
    return None


def others_for(wanted: Wanted, laid: Laid, subject: str, days: tuple[date, date, date]) -> tuple[Vacancy, ...]:
    """Return further times for one of them, the rest being as it is: hours of the same day, then other days."""
    first, target, last = days
    chosen = laid.times.get(subject)
    taken = [one for key, one in laid.times.items() if key != subject]
    found: list[Vacancy] = []
    if chosen:
        day = local_day(chosen.starts, wanted.zone)
        own = (chosen.practitioner, chosen.starts.astimezone(wanted.zone).time())
        free = without_clash(_times(wanted, subject, day), taken, wanted.buffers)
        near = [one for one in by_rhythm(free, own, zone=wanted.zone) if one.starts != chosen.starts]
        found += list({one.starts: one for one in reversed(near)}.values())[::-1][:OTHER_HOURS]
    for _, day in days_by_cost(max(first, wanted.quest.today), target, last, None):
        if len(found) >= OTHERS:
            break
        if chosen and day == local_day(chosen.starts, wanted.zone):
            continue
        if free := without_clash(_times(wanted, subject, day), taken, wanted.buffers):
            found.append(by_rhythm(free, laid.rhythm, zone=wanted.zone)[0])
    return tuple(found)


def _times(wanted: Wanted, subject: str, day: date) -> list[Vacancy]:
    """A day's free times, beside those that were chosen by hand."""
    found = wanted.find(day, wanted.minutes[subject])
    return without_clash(found, list(wanted.kept.values()), wanted.buffers)


def _dues(quest: Quest, first: date) -> dict[str, ReviewDue]:
    """When the reviews are due, once the first session to come is on that day or on an earlier one that is booked."""
    booked = [step.booked_on for step in quest.steps if step.is_to_do and step.booked_on]
    done = first_done_on(quest.steps)
    return {due.key: due for due in review_dates(quest.course, first_done=done, first_target=min([first, *booked]))}


def _days_of(due: ReviewDue, quest: Quest, weekday: int | None) -> Iterator[tuple[int, date]]:
    first, target, last = _span(due, quest)
    return days_by_cost(first, target, last, weekday)


def _span(due: ReviewDue, quest: Quest) -> tuple[date, date, date]:
    return max(due.opens, quest.today), max(due.due, quest.today), due.closes
