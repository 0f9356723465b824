"""A fault of a protocol, and the questions every part of it is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clinic.rules.spans import Span, Unit
from plans.rules.span_order import LONGEST_YEARS, is_never_more, is_too_long

_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Fault:
    """`place` is the field: "components[1].interval.latest". `sentence` says what to do."""

    place: str
    code: str
    sentence: str


def is_key(text: str) -> bool:
    return _KEY.fullmatch(text) is not None


def key_faults(place: str, keys: Sequence[str]) -> Iterator[Fault]:
    """A key ties what was done to the rule it was done for: one of its own, and plain enough for an address."""
    for number, key in enumerate(keys):
        here = f"{place}[{number}].key"
        if not is_key(key):
            yield Fault(here, "key", "Give a short key of small letters, digits and hyphens, such as “prp-start”.")
        elif key in keys[:number]:
            yield Fault(here, "key_twice", f"“{key}” stands here already: give each its own key.")


def length_fault(place: str, span: Span) -> Iterator[Fault]:
    if is_too_long(span):
        yield Fault(place, "too_long", f"{span} is longer than {LONGEST_YEARS} years: give a shorter time.")


def calendar_fault(place: str, span: Span) -> Iterator[Fault]:
    """What lies on a calendar is counted in days, weeks or months."""
    if span.unit is Unit.HOURS:
        yield Fault(place, "hours", "Hours cannot be counted on a calendar: give days, weeks or months.")
    else:
        yield from length_fault(place, span)


def rising_faults(place: str, earliest: Span, target: Span, latest: Span) -> Iterator[Fault]:
    """Earliest, target and latest rise on every day of the calendar: 4 weeks before 1 month, not 31 days before it."""
    spans = {"earliest": earliest, "target": target, "latest": latest}
    wrong = [fault for name, span in spans.items() for fault in calendar_fault(f"{place}.{name}", span)]
    yield from wrong
    if wrong:
        return
    if earliest.number == 0:
        yield Fault(f"{place}.earliest", "no_interval", "There is at least 1 day between sessions: give 1 day or more.")
    if not is_never_more(earliest, target):
        yield Fault(
            f"{place}.target", "order", f"The best day cannot come before the earliest: {_order(earliest, target)}"
        )
    if not is_never_more(target, latest):
        yield Fault(f"{place}.latest", "order", f"The latest day cannot come before the best: {_order(target, latest)}")


def _order(shorter: Span, longer: Span) -> str:
    if is_never_more(longer, shorter):
        return f"give {shorter} or more, not {longer}."
    return f"{longer} can be shorter than {shorter} in some months. Use one unit for both."
