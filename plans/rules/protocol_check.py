"""What is wrong with a protocol as it is written: every fault with the field it stands in and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from clinic.rules.spans import Span, Unit, later
from plans.rules.course import GIVEN_AT_SESSIONS, Component, Course
from plans.rules.layout import FEWEST_SESSIONS, MOST_SESSIONS, lay_out
from plans.rules.protocol_check_care import care_faults
from plans.rules.protocol_check_rest import alongside_faults, gap_faults, maintenance_faults, review_faults
from plans.rules.protocol_fault import Fault, calendar_fault, key_faults, rising_faults
from plans.rules.windows import session_windows
from plans.rules.wording import modality_words

MOST_COMPONENTS, MOST_MINUTES = 10, 480
FIRST_YEAR, LAST_YEAR = 1900, 2200
# Whoever starts in this century has to be done in the next.
_LATEST_START = date(2099, 12, 31)


def faults(course: Course) -> tuple[Fault, ...]:
    """Return everything that must be mended before this can be a protocol, in the order of its parts.

    A course without faults can be dated from any day of this century: `lay_out`, `session_windows` and `review_dates`
    do not fail on it, and nothing of it leaves the years 1900 to 2200.
    """
    found = [
        *_component_faults(course.components),
        *review_faults(course.reviews),
        *care_faults(course.care_rules),
        *gap_faults(course),
        *maintenance_faults(course.maintenance),
        *alongside_faults(course.alongside),
    ]
    return tuple(found or _length_faults(course))


def why_not_start(day: date, today: date) -> str | None:
    """Return why a plan cannot start on `day`, as a sentence; None when it can be dated from there."""
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        return f"No course can be dated in the year {day.year}: check the year of the first day."
    if day < today:
        return "The first day is over: choose today or a later day."
    if day > later(today, Span(12, Unit.MONTHS)):
        return "The first day is more than a year away: choose a day within the next 12 months."
    return None


def _component_faults(components: Sequence[Component]) -> Iterator[Fault]:
    if not components:
        yield Fault("components", "no_components", "Add at least one course of treatment.")
    if len(components) > MOST_COMPONENTS:
        yield Fault("components", "too_many", f"A protocol has at most {MOST_COMPONENTS} courses of treatment.")
    yield from key_faults("components", [part.key for part in components])
    for number, part in enumerate(components):
        place = f"components[{number}]"
        if part.modality not in GIVEN_AT_SESSIONS:
            yield Fault(
                f"{place}.modality",
                "not_at_a_session",
                f"{part.modality.label} is not given at a session: move it to “Alongside the sessions”.",
            )
        yield from _count_faults(place, part)
        interval = part.interval
        yield from rising_faults(f"{place}.interval", interval.earliest, interval.target, interval.latest)
        yield from calendar_fault(f"{place}.starts", part.starts)
        if not 1 <= part.minutes <= MOST_MINUTES:
            yield Fault(f"{place}.minutes", "minutes", f"A session lasts between 1 and {MOST_MINUTES} minutes.")
    yield from _order_faults(components)


def _count_faults(place: str, part: Component) -> Iterator[Fault]:
    counts = {
        "sessions_min": part.sessions_min,
        "sessions_usual": part.sessions_usual,
        "sessions_max": part.sessions_max,
    }
    outside = [name for name, count in counts.items() if not FEWEST_SESSIONS <= count <= MOST_SESSIONS]
    for name in outside:
        sentence = f"Give a number of sessions between {FEWEST_SESSIONS} and {MOST_SESSIONS}, not {counts[name]}."
        yield Fault(f"{place}.{name}", "session_count", sentence)
    if outside:
        return
    if part.sessions_min > part.sessions_usual:
        yield Fault(f"{place}.sessions_usual", "session_order", "The usual number cannot be below the fewest.")
    if part.sessions_usual > part.sessions_max:
        yield Fault(f"{place}.sessions_max", "session_order", "The most cannot be below the usual number.")


def _order_faults(components: Sequence[Component]) -> Iterator[Fault]:
    """Who shares a visit with whom, and who starts after whom: known names, nobody after itself, no circles."""
    hosts = {part.key: part.shares_visit_with for part in components}
    firsts = {part.key: part.starts_after for part in components}
    for number, part in enumerate(components):
        place = f"components[{number}]"
        yield from _name_fault(
            f"{place}.shares_visit_with", part.shares_visit_with, part.key, hosts, "share a visit with"
        )
        yield from _name_fault(f"{place}.starts_after", part.starts_after, part.key, hosts, "start after")
        if _goes_round(part.key, hosts):
            yield Fault(
                f"{place}.shares_visit_with",
                "circle",
                "These courses share visits in a circle: leave the field of one of them empty.",
            )
    yield from _start_faults(components, {key: _root(key, hosts) for key in hosts}, firsts)


def _name_fault(place: str, name: str, own: str, known: Iterable[str], deed: str) -> Iterator[Fault]:
    if name and name == own:
        yield Fault(place, "itself", f"A course cannot {deed} itself: name another one, or leave it empty.")
    elif name and name not in known:
        yield Fault(place, "unknown_key", f"There is no course with the key “{name}”: use one of {', '.join(known)}.")


def _goes_round(key: str, links: dict[str, str]) -> bool:
    """Return whether following the links from `key` comes back to it, by way of others."""
    seen = [key]
    while (link := links.get(seen[-1], "")) in links and link not in seen:
        seen.append(link)
    return link == key and len(seen) > 1


def _root(key: str, hosts: dict[str, str]) -> str:
    seen = [key]
    while (host := hosts.get(seen[-1], "")) in hosts and host not in seen:
        seen.append(host)
    return min(seen) if host in seen and host != seen[-1] else seen[-1]


def _start_faults(components: Sequence[Component], groups: dict[str, str], firsts: dict[str, str]) -> Iterator[Fault]:
    """Courses of one visit begin together, so none of them can wait for another of them, nor for one that waits."""
    waits: dict[str, set[str]] = {}
    for key, first in firsts.items():
        if first in groups:
            waits.setdefault(groups[key], set()).add(groups[first])
    for number, part in enumerate(components):
        place, first = f"components[{number}].starts_after", part.starts_after
        if not first or first == part.key or first not in groups:
            continue
        if groups[first] == groups[part.key]:
            yield Fault(place, "shares_and_waits", "They share their visits, so neither starts after the other.")
        elif _reaches(groups[first], groups[part.key], waits):
            yield Fault(place, "circle", "These courses wait for each other: leave this field of one of them empty.")


def _reaches(start: str, goal: str, waits: dict[str, set[str]]) -> bool:
    seen, open_ = set[str](), {start}
    while open_:
        seen |= open_
        open_ = {after for key in open_ for after in waits.get(key, ())} - seen
    return goal in seen


def _length_faults(course: Course) -> Iterator[Fault]:
    """Every session at its latest, with as many as the protocol allows."""
    steps = lay_out(course, {part.key: part.sessions_max for part in course.components})
    windows = session_windows(course, steps, starts_on=_LATEST_START)
    last = max(windows.values(), key=lambda window: window.latest)
    if last.latest.year < LAST_YEAR:
        return
    step = next(step for step in steps if step.number == last.number)
    key = step.parts[0].component
    number = next(i for i, part in enumerate(course.components) if part.key == key)
    part = course.components[number]
    yield Fault(
        f"components[{number}].interval.latest",
        "too_long",
        f"{part.sessions_max} {modality_words(part.modality)} sessions this far apart would last beyond the year "
        f"{LAST_YEAR}: shorten the interval, or allow fewer sessions.",
    )
