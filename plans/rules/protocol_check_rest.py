"""Faults of reviews, least gaps, maintenance and what stands alongside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from clinic.rules.spans import Span, Unit
from plans.rules.course import GIVEN_AT_SESSIONS, Alongside, Course, LeastGap, Maintenance, Modality, ReviewPoint
from plans.rules.layout import visit_groups
from plans.rules.protocol_fault import Fault, calendar_fault, key_faults, rising_faults
from plans.rules.span_order import days_of, is_never_more, may_meet
from plans.rules.wording import list_words, modality_words

BASELINE = "baseline"
LONGEST_GAP = Span(12, Unit.MONTHS)


def review_faults(reviews: Sequence[ReviewPoint]) -> Iterator[Fault]:
    yield from key_faults("reviews", [point.key for point in reviews])
    wrong = [fault for number, point in enumerate(reviews) for fault in _point_faults(f"reviews[{number}]", point)]
    yield from wrong
    if not wrong:
        yield from _two_at_once(reviews)


def _point_faults(place: str, point: ReviewPoint) -> Iterator[Fault]:
    if not point.title.strip():
        yield Fault(f"{place}.title", "no_title", "Give it a name, such as “3-month review”.")
    for name in ("offset", "opens_before", "closes_after"):
        yield from calendar_fault(f"{place}.{name}", getattr(point, name))
    if point.key == BASELINE and point.offset.number:
        yield Fault(f"{place}.offset", "baseline_later", "The baseline is before the first session: give “0 days”.")


def _two_at_once(reviews: Sequence[ReviewPoint]) -> Iterator[Fault]:
    """A look at results belongs to one review: no two on a day, and the next opens once the one before is closed."""
    ordered = sorted(enumerate(reviews), key=lambda item: days_of(item[1].offset))
    for (_, first), (number, second) in pairwise(ordered):
        place = f"reviews[{number}]"
        if may_meet(first.offset, second.offset):
            if second.offset.number == 0:
                sentence = (
                    f"“{second.title}” would be on the day of the baseline: give it a time after the first session."
                )
            else:
                sentence = f"“{first.title}” and “{second.title}” can fall on the same day: move one of them."
            yield Fault(f"{place}.offset", "same_day", sentence)
        elif _closes(first) >= _opens(second):
            yield Fault(
                f"{place}.opens_before",
                "windows_overlap",
                f"“{second.title}” would open before “{first.title}” has closed: shorten one of the two windows.",
            )


def _closes(point: ReviewPoint) -> float:
    """The last day it may be held, at the latest. A baseline closes with the first session."""
    return days_of(point.offset)[1] + days_of(point.closes_after)[1] if point.offset.number else 0


def _opens(point: ReviewPoint) -> float:
    return days_of(point.offset)[0] - days_of(point.opens_before)[1]


def gap_faults(course: Course) -> Iterator[Fault]:
    given = {part.modality for part in course.components}
    for number, gap in enumerate(course.least_gaps):
        place = f"least_gaps[{number}]"
        for name, modality in (("first", gap.first), ("second", gap.second)):
            if modality not in given:
                sentence = f"This protocol gives no {modality_words(modality)}: choose one it gives, or remove the gap."
                yield Fault(f"{place}.{name}", "not_given", sentence)
        if any({gap.first, gap.second} == {one.first, one.second} for one in course.least_gaps[:number]):
            yield Fault(f"{place}.second", "pair_twice", "This pair has its least gap already: keep one of the two.")
        wrong = list(calendar_fault(f"{place}.span", gap.span))
        yield from wrong or _span_faults(f"{place}.span", gap, course)


def _span_faults(place: str, gap: LeastGap, course: Course) -> Iterator[Fault]:
    if gap.span.number == 0:
        yield Fault(place, "no_gap", "Give at least 1 day, or remove the gap.")
    elif not is_never_more(gap.span, LONGEST_GAP):
        yield Fault(place, "too_long", f"Give {LONGEST_GAP} at most.")
    for part in course.components:
        if not _gives_both(course, part.key, gap) or part.modality not in (gap.first, gap.second):
            continue
        latest = part.interval.latest
        if part.sessions_max > 1 and latest.unit is not Unit.HOURS and not _fits(gap.span, latest):
            kinds = list_words(list(dict.fromkeys([modality_words(gap.first), modality_words(gap.second)])))
            yield Fault(
                place,
                "gap_too_long",
                f"{kinds} are given at the same visits, {latest} apart at most, so {gap.span} between them cannot be "
                "kept: shorten the gap or lengthen the interval.",
            )
            return


def _fits(gap: Span, latest: Span) -> bool:
    return days_of(gap)[0] <= days_of(latest)[1]


def _gives_both(course: Course, key: str, gap: LeastGap) -> bool:
    """Return whether the visits of that component give both treatments of the gap."""
    group = next(group for group in visit_groups(course) if key in group)
    given = {part.modality for part in course.components if part.key in group}
    return {gap.first, gap.second} <= given


def maintenance_faults(maintenance: Maintenance | None) -> Iterator[Fault]:
    if maintenance:
        yield from rising_faults("maintenance", maintenance.earliest, maintenance.target, maintenance.latest)


def alongside_faults(alongside: Sequence[Alongside]) -> Iterator[Fault]:
    yield from key_faults("alongside", [one.key for one in alongside])
    for number, one in enumerate(alongside):
        place = f"alongside[{number}]"
        if one.modality in GIVEN_AT_SESSIONS:
            yield Fault(
                f"{place}.modality",
                "at_a_session",
                f"{one.modality.label} is given at a session: make it a course of treatment.",
            )
        if not one.name.strip():
            yield Fault(f"{place}.name", "no_name", "Say what it is, such as “Minoxidil 5 %, twice a day”.")
        yield from calendar_fault(f"{place}.starts", one.starts)
        if one.lasts is None:
            continue
        yield from calendar_fault(f"{place}.lasts", one.lasts)
        if one.modality is Modality.TRANSPLANT:
            yield Fault(f"{place}.lasts", "referral_lasts", "A referral has no length: leave it empty.")
        elif one.lasts.number == 0:
            yield Fault(f"{place}.lasts", "no_length", "Give at least 1 day, or leave it empty for continuously.")
