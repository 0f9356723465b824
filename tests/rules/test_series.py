"""A series laid out, against somebody who tries every combination of days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.rules.local_time import at_local, local_day
from clinic.rules.spans import Span, Unit
from plans.rules.course import Component, Course, Interval, LeastGap, Modality, ReviewPoint
from plans.rules.finder import Vacancy
from plans.rules.reviews import review_dates
from plans.rules.rhythm import Pause
from plans.rules.series_layout import Wanted, lay_out_series, others_for
from plans.rules.series_search import Quest, day_cost, days_by_cost, lay_out
from plans.rules.series_times import clash
from plans.rules.states import SessionState
from plans.rules.steps import Part, Step
from plans.rules.windows import session_windows

ZONE = ZoneInfo("Asia/Singapore")
START = date(2026, 10, 5)
ONE_DAY, MINUTES = timedelta(days=1), 45
DR_X, DR_Y, ROOM = UUID(int=1), UUID(int=2), UUID(int=3)
REVIEW = ReviewPoint("month-1", "1 month", Span(1, Unit.MONTHS), Span(3, Unit.DAYS), Span(3, Unit.DAYS))


def days(number):
    return Span(number, Unit.DAYS)


def a_component(key, modality, interval, **more):
    return Component(key, modality, 1, 2, 9, Interval(*map(days, interval)), **more)


def a_step(number, component="a", ordinal=None, **more):
    return Step(number, (Part(component, ordinal or number),), ref=f"s{number}", **more)


def at(day, hour=9, who=DR_X, minutes=MINUTES):
    starts = at_local(day, time(hour), ZONE)
    return Vacancy(who, ROOM, starts, starts + timedelta(minutes=minutes))


@dataclass(frozen=True)
class Case:
    quest: Quest
    free: frozenset[date]
    reviews: bool

    def wanted(self) -> Wanted:
        refs = [step.ref for step in self.quest.steps]
        return Wanted(
            quest=self.quest,
            reviews=("month-1",) if self.reviews else (),
            minutes={**dict.fromkeys(refs, MINUTES), "month-1": 30},
            zone=ZONE,
            find=lambda day, minutes: (
                tuple(at(day, hour, minutes=minutes) for hour in (9, 11)) if day in self.free else ()
            ),
        )

    def open_steps(self) -> list[Step]:
        return [step for step in self.quest.steps if step.is_to_do and not step.booked_on]

    def fits(self, chosen: dict[int, date]) -> bool:
        """The engine has the last word: once all is booked, every day is inside its own window."""
        quest = self.quest
        booked = [replace(s, booked_on=chosen[s.number]) if s.number in chosen else s for s in quest.steps]
        windows = session_windows(
            quest.course, booked, starts_on=quest.starts_on, pauses=quest.pauses, today=quest.today
        )
        if any(not windows[n].earliest <= day <= windows[n].latest for n, day in chosen.items()):
            return False
        if not self.reviews:
            return True
        first = min(step.booked_on for step in booked if step.booked_on)
        (due,) = review_dates(quest.course, first_done=None, first_target=first)
        span = (due.closes - max(due.opens, quest.today)).days
        return any(max(due.opens, quest.today) + n * ONE_DAY in self.free for n in range(span + 1))

    def exists(self) -> bool:
        """Try every choice of different days."""
        steps, quest = self.open_steps(), self.quest
        usable = sorted(
            day
            for day in self.free
            if day >= quest.today and not any(pause.begins <= day < pause.ends for pause in quest.pauses)
        )
        tried = (
            dict(zip([step.number for step in steps], days, strict=True)) for days in product(usable, repeat=len(steps))
        )
        return any(self.in_order(chosen) and self.fits(chosen) for chosen in tried)

    def in_order(self, chosen: dict[int, date]) -> bool:
        """No two on one day, and each treatment's own sessions in their order."""
        if len(set(chosen.values())) < len(chosen):
            return False
        for key in {part.component for step in self.open_steps() for part in step.parts}:
            mine = [chosen[step.number] for step in self.open_steps() if step.parts[0].component == key]
            if mine != sorted(mine):
                return False
        return True


@st.composite
def intervals(draw):
    first = draw(st.integers(2, 9))
    target = first + draw(st.integers(0, 3))
    return first, target, target + draw(st.integers(0, 3))


@st.composite
def cases(draw, *, two=False, booked=False):
    first = a_component("a", Modality.EXOSOME, draw(intervals()))
    steps = [a_step(1), a_step(2), *([a_step(3)] if draw(st.booleans()) else [])]
    components, gaps = (first,), ()
    if two:
        second = a_component("b", Modality.PRP, draw(intervals()), starts=days(draw(st.integers(0, 6))))
        components = (first, replace(second, starts_after=draw(st.sampled_from(["", "a"]))))
        steps = [a_step(1), a_step(2), a_step(3, "b", 1)]
        if draw(st.booleans()):
            gaps = (LeastGap(Modality.EXOSOME, Modality.PRP, days(draw(st.integers(1, 4)))),)
    if booked:
        steps[1] = replace(steps[1], booked_on=START + draw(st.integers(2, 20)) * ONE_DAY)
    elif draw(st.booleans()):
        steps[0] = replace(steps[0], state=SessionState.DONE, done_on=START)
    pauses = ()
    if draw(st.integers(0, 3)) == 0:
        begins = START + draw(st.integers(1, 12)) * ONE_DAY
        pauses = (Pause(begins, begins + draw(st.integers(1, 6)) * ONE_DAY),)
    course = Course(components, (REVIEW,), (), gaps)
    free = frozenset(START + number * ONE_DAY for number in draw(st.sets(st.integers(0, 45), max_size=9)))
    quest = Quest(course, tuple(steps), START, START + draw(st.integers(0, 3)) * ONE_DAY, pauses)
    return Case(quest, free, draw(st.booleans()) and not booked and steps[0].is_to_do)


def is_whole_and_right(case: Case) -> bool:
    laid = lay_out_series(case.wanted())
    if not laid.whole:
        assert laid.stuck and laid.stuck_days
        return False
    chosen = {step.number: local_day(laid.times[step.ref].starts, ZONE) for step in case.open_steps()}
    assert case.fits(chosen)
    assert set(chosen.values()) <= case.free and len(set(chosen.values())) == len(chosen)
    visits = list(laid.times.values())
    assert not any(clash(one, other, {}) for one in visits for other in visits if one is not other)
    assert ("month-1" in laid.times) == case.reviews
    return True


@given(cases())
def test_a_series_is_found_whenever_there_is_one(case):
    assert is_whole_and_right(case) == case.exists()


@given(cases(two=True))
@settings(max_examples=max(60, settings.default.max_examples // 2))
def test_two_courses_side_by_side_keep_their_gap_and_are_found_whenever_they_can(case):
    assert is_whole_and_right(case) == case.exists()


@given(cases(booked=True))
def test_what_is_booked_stays_and_binds_the_others(case):
    laid = lay_out_series(case.wanted())
    booked = next(step for step in case.quest.steps if step.booked_on)
    assert booked.ref not in laid.times
    assert is_whole_and_right(case) == case.exists()
    if not laid.whole:
        return
    window = laid.windows[booked.number]
    if window.earliest <= booked.booked_on <= window.latest:
        return
    # It lies outside its window: then there was no way to lay out the others so that it does not.
    steps = case.open_steps()
    for chosen in product(sorted(case.free), repeat=len(steps)):
        days_ = dict(zip([step.number for step in steps], chosen, strict=True))
        in_pause = any(pause.begins <= day < pause.ends for pause in case.quest.pauses for day in chosen)
        if in_pause or not case.in_order(days_) or min(chosen) < case.quest.today or not case.fits(days_):
            continue
        assert not case.fits({**days_, booked.number: booked.booked_on})


def test_a_greedy_walk_would_be_stuck_where_this_is_not():
    course = Course((a_component("a", Modality.PRP, (5, 7, 9)),), (), ())
    quest = Quest(course, (a_step(1), a_step(2)), START, START)
    # On the target of the first, the second has nothing; a day later it has.
    case = Case(quest, frozenset({START, START + ONE_DAY, START + 10 * ONE_DAY}), reviews=False)
    laid = lay_out_series(case.wanted())
    assert [local_day(laid.times[ref].starts, ZONE) for ref in ("s1", "s2")] == [
        START + ONE_DAY,
        START + 10 * ONE_DAY,
    ]


def test_the_first_session_that_finds_nothing_is_named_with_its_days():
    course = Course((a_component("a", Modality.PRP, (5, 7, 9)),), (), ())
    quest = Quest(course, (a_step(1), a_step(2), a_step(3)), START, START)
    case = Case(quest, frozenset({START, START + 7 * ONE_DAY}), reviews=False)
    laid = lay_out_series(case.wanted())
    assert laid.stuck == "s3"
    assert laid.stuck_days == tuple(START + (7 + n) * ONE_DAY for n in (5, 7, 9))
    assert set(laid.times) == {"s1", "s2"}


def test_a_series_keeps_its_weekday_within_the_week_of_its_targets():
    course = Course((a_component("a", Modality.PRP, (20, 30, 40)),), (), ())
    quest = Quest(course, tuple(a_step(number) for number in range(1, 5)), START, START)
    free = frozenset(START + number * ONE_DAY for number in range(200))
    laid = lay_out_series(Case(quest, free, reviews=False).wanted())
    found = [local_day(laid.times[f"s{n}"].starts, ZONE) for n in range(1, 5)]
    assert found[0] == START
    assert {day.weekday() for day in found} == {START.weekday()}
    targets = [laid.windows[number].target for number in range(1, 5)]
    assert all(abs(day - target) <= 3 * ONE_DAY for day, target in zip(found, targets, strict=True))


def test_the_hour_and_the_person_most_days_have_in_common_are_kept():
    course = Course((a_component("a", Modality.PRP, (5, 7, 9)),), (), ())
    quest = Quest(course, (a_step(1), a_step(2), a_step(3)), START, START)

    def find(day, minutes):
        first = at(day, 9 if day == START else 10, DR_X)
        return (first, at(day, 15, DR_Y), at(day, 15, DR_X) if day == START else at(day, 16, DR_X))

    wanted = Wanted(quest, (), dict.fromkeys(["s1", "s2", "s3"], MINUTES), ZONE, find)
    times = lay_out_series(wanted).times.values()
    assert {(one.practitioner, one.starts.astimezone(ZONE).hour) for one in times} == {(DR_Y, 15)}
    with_x = lay_out_series(replace(wanted, find=lambda day, minutes: (at(day, 9, DR_Y), at(day, 9, DR_X)), usual=DR_X))
    assert {one.practitioner for one in with_x.times.values()} == {DR_X}


def test_a_time_chosen_by_hand_stays_and_the_rest_is_laid_out_around_it():
    course = Course((a_component("a", Modality.PRP, (5, 7, 9)),), (), ())
    chosen = at(START + 9 * ONE_DAY, 11, DR_Y)
    steps = (a_step(1), a_step(2, booked_on=local_day(chosen.starts, ZONE)), a_step(3))
    free = frozenset(START + number * ONE_DAY for number in range(60))
    case = Case(Quest(course, steps, START, START, weekday=chosen.starts.weekday()), free, reviews=False)
    laid = lay_out_series(replace(case.wanted(), kept={"s2": chosen}))
    assert laid.whole and laid.times["s2"] == chosen
    first, last = (local_day(laid.times[ref].starts, ZONE) for ref in ("s1", "s3"))
    assert START <= first <= START + 4 * ONE_DAY
    assert last.weekday() == chosen.starts.astimezone(ZONE).weekday()


def test_the_others_are_further_times_of_its_window_and_never_its_own():
    course = Course((a_component("a", Modality.PRP, (5, 7, 9)),), (), ())
    quest = Quest(course, (a_step(1), a_step(2)), START, START)
    free = frozenset(START + number * ONE_DAY for number in range(60))
    wanted = Case(quest, free, reviews=False).wanted()
    laid = lay_out_series(wanted)
    window = laid.windows[2]
    others = others_for(wanted, laid, "s2", (window.earliest, window.target, window.latest))
    assert len(others) == 5 and laid.times["s2"] not in others
    assert all(window.earliest <= local_day(one.starts, ZONE) <= window.latest for one in others)
    assert local_day(others[0].starts, ZONE) == local_day(laid.times["s2"].starts, ZONE)
    assert len({one.starts for one in others}) == 5


def test_a_review_that_finds_no_time_is_named_and_the_sessions_keep_theirs():
    course = Course((a_component("a", Modality.PRP, (5, 7, 9)),), (REVIEW,), ())
    quest = Quest(course, (a_step(1), a_step(2)), START, START)
    free = frozenset(START + number * ONE_DAY for number in range(12))
    laid = lay_out_series(Case(quest, free, reviews=True).wanted())
    assert laid.stuck == "month-1" and set(laid.times) == {"s1", "s2"}


def test_a_window_that_is_over_has_no_days():
    course = Course((a_component("a", Modality.PRP, (5, 7, 9)),), (), ())
    done = replace(a_step(1), state=SessionState.DONE, done_on=START)
    quest = Quest(course, (done, a_step(2)), START, START + 30 * ONE_DAY)
    layout = lay_out(quest, is_free=lambda step, day: True, reviews=lambda first, weekday: 0)
    assert not layout.whole and layout.stuck and layout.stuck.number == 2
    assert layout.window and layout.window.latest == START + 9 * ONE_DAY


def test_weeks_count_before_the_weekday_and_that_before_days():
    monday = date(2026, 11, 2)
    costs = [day_cost(monday + n * ONE_DAY, monday, monday.weekday()) for n in (0, 7, 3, 4)]
    assert costs[0] == 0 and costs[2] < costs[3] and costs[2] < costs[1] < costs[3]
    assert [day for _, day in days_by_cost(monday, monday + ONE_DAY, monday + 2 * ONE_DAY, None)] == [
        monday + ONE_DAY,
        monday,
        monday + 2 * ONE_DAY,
    ]
    assert list(days_by_cost(monday, monday, monday - ONE_DAY, None)) == []


def test_two_visits_with_one_person_need_the_minutes_between():
    starts = datetime(2026, 11, 2, 1, tzinfo=UTC)
    one = Vacancy(DR_X, ROOM, starts, starts + timedelta(minutes=45))
    other = Vacancy(DR_X, None, one.ends, one.ends + timedelta(minutes=30))
    assert not clash(one, other, {})
    assert clash(one, other, {DR_X: 5}) and clash(other, one, {DR_X: 5})
    assert not clash(one, replace(other, practitioner=DR_Y), {DR_X: 5})
