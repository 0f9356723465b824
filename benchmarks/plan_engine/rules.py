"""The rules alone, without a database: what dating a plan anew costs, and saying what a change would mean.

A staggered course of exosome and PRP, six sessions each. Goal: re-dating it and the diff of its sessions and reviews in
at most 1 ms, median. Every round starts on another day, so no cache has seen its dates; the peer is what cannot be
saved: a loop that adds an interval's three lengths to twelve dates.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import median
from uuid import uuid4
from zoneinfo import ZoneInfo

from clinic.rules.spans import later
from plans.rules.cascade import Pair, preview
from plans.rules.changes import Complete
from plans.rules.course import Course
from plans.rules.layout import lay_out
from plans.rules.library import LIBRARY, read_library
from plans.rules.picture import picture_of
from plans.rules.plan_facts import PlanFacts, PromisedReview
from plans.rules.regrow import with_counts
from plans.rules.reviews import review_dates
from plans.rules.windows import Window, session_windows

ZONE = ZoneInfo("Asia/Singapore")
COUNTS = {"exosome": 6, "prp": 6}
DAYS_PER_ROUND = 200
GOAL_MS = 1.0


def measure(asked: argparse.Namespace) -> None:
    course = with_counts({p.key: p for p in read_library(LIBRARY)}["exosome-prp-staggered"].course, COUNTS)
    plans = [_plan(course, date(2027, 1, 1) + timedelta(days=n)) for n in range(DAYS_PER_ROUND)]
    parts: dict[str, Callable[[PlanFacts], object]] = {
        "peer: the additions of dates alone": _bare_dates,
        "windows of 12 sessions": _windows,
        "windows and reviews before and after, their diff": _dates_and_diff,
        "everything dated once (picture)": picture_of,
        "the whole preview of a late session": lambda facts: preview(facts, _late(facts)),
    }
    took: dict[str, list[float]] = {name: [] for name in parts}
    for _ in range(asked.rounds):
        for name, work in parts.items():
            took[name].append(median(_times(work, plans)))
    print(f"{asked.rounds} rounds of {DAYS_PER_ROUND}; CPU time; machine load {os.getloadavg()[0]:.1f}")
    for name, rounds in took.items():
        print(f"{name:<50} {median(rounds):8.3f} ms   (rounds {min(rounds):.3f} to {max(rounds):.3f})")
    best = median(took["windows and reviews before and after, their diff"])
    print(f"goal: re-dating and its diff at most {GOAL_MS} ms: {'kept' if best <= GOAL_MS else 'MISSED'}")


def _times(work: Callable[[PlanFacts], object], plans: list[PlanFacts]) -> Iterator[float]:
    for facts in plans:
        began = time.process_time_ns()
        work(facts)
        yield (time.process_time_ns() - began) / 1e6


def _plan(course: Course, starts_on: date) -> PlanFacts:
    steps = tuple(replace(step, ref=str(uuid4())) for step in lay_out(course, COUNTS))
    reviews = tuple(
        PromisedReview(due.key, uuid4(), due.title, due.due, due.opens, due.closes)
        for due in review_dates(course, first_done=None, first_target=starts_on)
    )
    now = datetime(starts_on.year, starts_on.month, starts_on.day, 4, tzinfo=UTC)
    return PlanFacts(course, steps, starts_on, ZONE, now, starts_on, reviews=reviews)


def _late(facts: PlanFacts) -> Complete:
    held = facts.now + timedelta(days=11)
    return Complete(facts.steps[0].ref, held, held + timedelta(hours=1))


def _bare_dates(facts: PlanFacts) -> list[date]:
    interval = facts.course.components[0].interval
    spans = (interval.earliest, interval.target, interval.latest)
    return [later(facts.starts_on, span) for _ in facts.steps for span in spans]


def _windows(facts: PlanFacts) -> dict[int, Window]:
    return session_windows(facts.course, facts.steps, starts_on=facts.starts_on, today=facts.today)


def _dates_and_diff(facts: PlanFacts) -> object:
    before, after = _dates(facts), _dates(_late(facts).applied(facts))
    return [pair for key in after if (pair := Pair(before.get(key), after[key])).is_changed]


def _dates(facts: PlanFacts) -> dict[object, object]:
    windows = _windows(facts)
    first = min(window.target for window in windows.values())
    reviews = review_dates(facts.course, first_done=facts.first_done, first_target=first)
    return {**windows, **{review.key: review for review in reviews}}


def main() -> None:
    measure(argparse.Namespace(rounds=5))


if __name__ == "__main__":
    main()
