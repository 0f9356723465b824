import copy
import json

import pytest
from hypothesis import given

from clinic.rules.spans import Span
from plans.rules.course import Course, Modality
from tests.rules.courses import NO_DYE, STAGGERED, STANDARD, courses


@given(courses())
def test_a_course_survives_its_json(course):
    assert Course.from_json(json.loads(json.dumps(course.to_json()))) == course


@given(courses())
def test_its_json_is_the_same_every_time(course):
    text = json.dumps(course.to_json())
    assert json.dumps(Course.from_json(json.loads(text)).to_json()) == text


def test_its_json_can_be_read_by_people():
    plain = STAGGERED.to_json()
    assert plain["components"][1]["starts"] == "2 weeks"
    assert plain["least_gaps"] == [{"first": "exosome", "second": "prp", "span": "1 week"}]
    assert plain["care_rules"][0]["ends"] == "4 weeks"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("components", 0, "starts"), 4),
        (("components", 0, "starts"), "soon"),
        (("components", 0, "modality"), "leeches"),
        (("components", 0, "interval"), {"earliest": "4 weeks"}),
        (("components", 0, "interval"), ["4 weeks"]),
        (("components", 0, "colour"), "red"),
        (("components",), 7),
        (("care_rules", 0, "phase"), "during"),
        (("care_rules", 0, "ends"), 4),
        (("reviews", 0, "offset"), None),
        (("maintenance",), ["6 months"]),
        (("expectations",), [{}]),
    ],
)
def test_what_is_no_course_is_refused(path, value):
    plain = copy.deepcopy(STANDARD.to_json())
    place = plain
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises((KeyError, TypeError, ValueError)):
        Course.from_json(plain)


def test_a_copy_from_before_medicines_stood_alongside_is_read():
    plain = STANDARD.to_json()
    del plain["alongside"]
    for component in plain["components"]:
        del component["starts_after"]
    assert Course.from_json(plain) == STANDARD


def test_a_missing_part_is_refused():
    for key in STANDARD.to_json().keys() - {"alongside"}:
        plain = STANDARD.to_json()
        del plain[key]
        with pytest.raises(KeyError):
            Course.from_json(plain)


def test_components_and_rules_are_found_by_key():
    assert STAGGERED.component("prp").modality is Modality.PRP
    assert STAGGERED.component("prp").starts == Span.parse("2 weeks")
    assert STANDARD.rule("no-dye") == NO_DYE
    assert STANDARD.rule("no-such") is None
    with pytest.raises(KeyError):
        STANDARD.component("prp")
