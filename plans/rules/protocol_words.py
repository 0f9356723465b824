"""A protocol in words: every field of every part once, so that it can be read, and compared line by line."""

from __future__ import annotations

from clinic.rules.spans import Span
from plans.rules.course import (
    Alongside,
    CarePhase,
    CareRule,
    Component,
    Expectation,
    Interval,
    LeastGap,
    Maintenance,
    ReviewPoint,
)
from plans.rules.wording import list_words

Facts = tuple[tuple[str, str], ...]


def interval_words(interval: Interval | Maintenance) -> str:
    """Return "4 to 6 weeks, best 5 weeks"."""
    earliest, target, latest = interval.earliest, interval.target, interval.latest
    if earliest == target == latest:
        return f"exactly {target}"
    if earliest.unit is latest.unit:
        return f"{earliest.number} to {latest}, best {target}"
    return f"{earliest} to {latest}, best {target}"


def counts_words(part: Component) -> str:
    """Return "4 sessions (3 to 6)"."""
    word = "session" if part.sessions_usual == 1 else "sessions"
    if part.sessions_min == part.sessions_max:
        return f"{part.sessions_usual} {word}"
    return f"{part.sessions_usual} {word} ({part.sessions_min} to {part.sessions_max})"


def start_words(part: Component) -> str:
    """Return when its first session is: "with the plan", "2 weeks after the first session of prp"."""
    base = f"the first session of “{part.starts_after}”" if part.starts_after else "the plan's start"
    if part.starts.number:
        return f"{part.starts} after {base}"
    return f"with {base}"


def window_words(rule: CareRule) -> str:
    """Return when a care rule holds: "from 1 week before", "for 4 weeks after", "after, without an end"."""
    if rule.phase is CarePhase.PRE:
        begins = _before(rule.starts)
        return f"{begins} until {rule.ends} before" if rule.ends and rule.ends.number else begins
    begins = f"from {rule.starts} after" if rule.starts and rule.starts.number else ""
    if rule.ends:
        return f"{begins} until {rule.ends} after" if begins else f"for {rule.ends} after"
    end = "ongoing" if rule.ongoing else "no end set"
    return f"{begins}, {end}" if begins else f"after, {end}"


def _before(starts: Span | None) -> str:
    if starts is None:
        return "from booking"
    return f"from {starts} before" if starts.number else "on the day of the session"


def lasts_words(one: Alongside) -> str:
    begins = f"from {one.starts} after the start" if one.starts.number else "from the start"
    return f"{begins}, for {one.lasts}" if one.lasts else f"{begins}, continuously"


def component_facts(part: Component) -> Facts:
    return (
        ("Treatment", part.modality.label),
        ("Sessions", counts_words(part)),
        ("Interval", interval_words(part.interval)),
        ("Begins", start_words(part)),
        ("Shares visits with", part.shares_visit_with or "none"),
        ("Minutes", str(part.minutes)),
    )


def review_facts(point: ReviewPoint) -> Facts:
    return (
        ("Name", point.title),
        ("Due", f"{point.offset} after the first session" if point.offset.number else "before the first session"),
        ("Counted as", str(point.offset)),
        ("Opens", f"{point.opens_before} before"),
        ("Closes", f"{point.closes_after} after"),
    )


def care_facts(rule: CareRule) -> Facts:
    return (
        ("Text", rule.text),
        ("Kind", rule.kind.label),
        ("About", rule.act),
        ("When", f"{rule.phase.label} a session"),
        ("Holds", window_words(rule)),
        ("Begins", str(rule.starts) if rule.starts else "not set"),
        ("Ends", str(rule.ends) if rule.ends else "not set"),
        ("Ongoing", _yes(rule.ongoing)),
        ("Done by", rule.by.label),
        ("Only with", list_words([m.label for m in rule.modalities]) or "every session"),
        ("Conflicts with", rule.conflicts_with or "none"),
        ("In force", _yes(rule.in_force)),
        ("Source", rule.source),
    )


def gap_facts(gap: LeastGap) -> Facts:
    return (("Between", f"{gap.first.label} and {gap.second.label}"), ("At least", str(gap.span)))


def maintenance_facts(upkeep: Maintenance) -> Facts:
    return (
        ("Booster", f"{interval_words(upkeep)} after the last session"),
        ("Earliest", str(upkeep.earliest)),
        ("Latest", str(upkeep.latest)),
    )


def alongside_facts(one: Alongside) -> Facts:
    return (
        ("Name", one.name),
        ("Kind", one.modality.label),
        ("Taken", lasts_words(one)),
        ("Begun on", str(one.began_on or "not yet")),
        ("Stopped on", str(one.stopped_on or "not yet")),
        ("Source", one.source or "none"),
    )


def expectation_facts(item: Expectation) -> Facts:
    return (("When", item.when), ("Text", item.text), ("Source", item.source))


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"
