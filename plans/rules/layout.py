"""Which sessions a course consists of, and what is given together at each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from clinic.rules.refusal import Refusal
from plans.rules.course import Course
from plans.rules.steps import Part, Step
from plans.rules.windows import session_windows
from plans.rules.wording import modality_words

FEWEST_SESSIONS, MOST_SESSIONS = 1, 60
# Only the order of steps is read from dates counted from here, so any first of January would do.
SOME_DAY = date(2001, 1, 1)


def lay_out(course: Course, counts: Mapping[str, int] | None = None) -> tuple[Step, ...]:
    """Return the plan's steps, numbered from 1: which components are given together, in the order of their targets.

    `counts` gives sessions per component key, else `sessions_usual`. Components that share a visit pair session by
    session while both have some left. Refusal `session_count` when a count is not between 1 and 60.
    """
    wanted = {c.key: (counts or {}).get(c.key, c.sessions_usual) for c in course.components}
    for key, count in wanted.items():
        if not FEWEST_SESSIONS <= count <= MOST_SESSIONS:
            name = modality_words(course.component(key).modality)
            raise Refusal(
                "session_count",
                f"A course of {name} has between {FEWEST_SESSIONS} and {MOST_SESSIONS} sessions, not {count}.",
            )
    visits = [visit for group in visit_groups(course) for visit in _visits(group, wanted)]
    steps = [Step(number, parts) for number, parts in enumerate(visits, start=1)]
    windows = session_windows(replace(course, least_gaps=()), steps, starts_on=SOME_DAY)
    # Sorting is stable: on the same day the component listed first comes first.
    steps.sort(key=lambda step: windows[step.number].target)
    return tuple(Step(number, step.parts) for number, step in enumerate(steps, start=1))


def visit_groups(course: Course) -> list[list[str]]:
    """Return component keys, those that share a visit together, in course order."""
    keys = [component.key for component in course.components]
    hosts = {component.key: component.shares_visit_with for component in course.components}
    groups: dict[str, list[str]] = {}
    for key in keys:
        seen = [key]
        while (host := hosts[seen[-1]]) in hosts and host not in seen:
            seen.append(host)
        # Two components that each name the other: the one listed first is the host.
        root = min(seen, key=keys.index) if host in seen else seen[-1]
        groups.setdefault(root, []).append(key)
    return list(groups.values())


def _visits(group: Sequence[str], wanted: Mapping[str, int]) -> Iterator[tuple[Part, ...]]:
    for ordinal in range(1, max(wanted[key] for key in group) + 1):
        yield tuple(Part(key, ordinal) for key in group if ordinal <= wanted[key])
