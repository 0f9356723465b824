"""Comparing two versions: equal ones say nothing, and no changed field is passed over."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given

from clinic.rules.spans import Span
from plans.rules.course import (
    Alongside,
    CareBy,
    CareKind,
    CarePhase,
    Course,
    Expectation,
    Interval,
    Maintenance,
    Modality,
)
from plans.rules.protocol_diff import Fate, diff, diff_words
from tests.rules import courses as some

YEARLY = Span.parse("12 months")
COURSE = replace(
    some.STAGGERED,
    maintenance=Maintenance(Span.parse("6 months"), Span.parse("6 months"), Span.parse("9 months")),
    expectations=(Expectation("2–4 weeks", "Less hair is lost.", "S3"),),
    alongside=(Alongside("minoxidil", Modality.MEDICAL, "Minoxidil", source="S0"),),
)
OTHER = {
    "modality": Modality.MICRONEEDLING, "sessions_min": 1, "sessions_usual": 5, "sessions_max": 7, "minutes": 20,
    "starts": Span.parse("3 weeks"), "shares_visit_with": "prp", "starts_after": "prp", "span": YEARLY,
    "first": Modality.FILLER, "second": Modality.FILLER, "title": "Another", "offset": Span.parse("9 months"),
    "opens_before": Span.parse("1 day"), "closes_after": Span.parse("1 day"), "phase": CarePhase.PRE,
    "kind": CareKind.ASK_DOCTOR, "act": "sauna", "text": "Another text.", "source": "S9", "ends": Span.parse("6 weeks"),
    "ongoing": True, "by": CareBy.STAFF, "modalities": (Modality.PRP,), "conflicts_with": "hat", "in_force": False,
    "earliest": Span.parse("1 day"), "target": Span.parse("7 months"), "latest": YEARLY, "when": "Later", "name": "Tablets",
    "lasts": YEARLY, "began_on": date(2026, 1, 2), "stopped_on": date(2026, 1, 3), "view_set": "areata", "key": "another",
    "interval": Interval(Span.parse("1 week"), Span.parse("2 weeks"), Span.parse("3 weeks")),
}  # fmt: skip
PARTS = ("components", "reviews", "care_rules", "least_gaps", "expectations", "alongside")


def with_part(section: str, **changes: object) -> Course:
    first, *rest = getattr(COURSE, section)
    return replace(COURSE, **{section: (replace(first, **changes), *rest)})


def every_change() -> dict[str, Course]:
    """The course with one field changed, for every field there is."""
    found = {
        "view_set": replace(COURSE, view_set=OTHER["view_set"]),
        "no maintenance": replace(COURSE, maintenance=None),
    }
    for section in PARTS:
        for field in fields(getattr(COURSE, section)[0]):
            found[f"{section}.{field.name}"] = with_part(section, **{field.name: OTHER[field.name]})
    for name in ("earliest", "target", "latest"):
        interval = replace(some.EXOSOME.interval, **{name: Span.parse("11 days")})
        found[f"interval.{name}"] = with_part("components", interval=interval)
        found[f"maintenance.{name}"] = replace(COURSE, maintenance=replace(COURSE.maintenance, **{name: OTHER[name]}))
    return found


CHANGES = every_change()


@pytest.mark.parametrize("name", CHANGES)
def test_every_field_that_changes_appears(name: str) -> None:
    items = diff(COURSE, CHANGES[name])
    assert items
    assert all(item.changed for item in items)


def test_only_what_changed_is_marked() -> None:
    (item,) = diff(COURSE, with_part("care_rules", ends=Span.parse("5 weeks")))
    assert (item.section, item.fate) == ("Before and after a session", Fate.CHANGED)
    marked = {line.label: (line.was, line.now) for line in item.changed}
    assert marked == {"Holds": ("for 4 weeks after", "for 5 weeks after"), "Ends": ("4 weeks", "5 weeks")}
    assert {"Text", "Source"} <= {line.label for line in item.lines}


@pytest.mark.parametrize("section", PARTS)
def test_what_comes_and_goes_is_said_in_full(section: str) -> None:
    _, *rest = getattr(COURSE, section)
    less = replace(COURSE, **{section: tuple(rest)})
    (gone,), (come,) = diff(COURSE, less), diff(less, COURSE)
    assert (gone.fate, come.fate) == (Fate.REMOVED, Fate.ADDED)
    assert all(line.was and not line.now for line in gone.lines)
    assert [(line.label, line.now) for line in come.lines] == [(line.label, line.was) for line in gone.lines]


def test_another_order_is_a_change() -> None:
    turned = replace(COURSE, components=COURSE.components[::-1])
    (item,) = diff(COURSE, turned)
    assert item.lines[0].was == "exosome, prp"
    assert item.lines[0].now == "prp, exosome"


def test_words_beside_the_course_are_compared_too() -> None:
    assert diff_words("About", "Words", {"Title": "A", "Price": "1"}, {"Title": "A", "Price": "1"}) == ()
    (item,) = diff_words("About", "Words", {"Title": "A", "Price": "1"}, {"Title": "A", "Price": "2"})
    assert [(line.label, line.was, line.now) for line in item.changed] == [("Price", "1", "2")]


@given(some.courses())
def test_a_course_does_not_differ_from_itself(course: Course) -> None:
    assert diff(course, Course.from_json(course.to_json())) == ()


@given(some.courses(), some.courses())
def test_there_and_back_are_the_same_changes_the_other_way_round(one: Course, other: Course) -> None:
    there = {(i.section, line.label, line.was, line.now) for i in diff(one, other) for line in i.changed}
    back = {(i.section, line.label, line.now, line.was) for i in diff(other, one) for line in i.changed}
    assert there == back
