"""Nothing but a signature passes for one, and nothing but our own numbers is drawn."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.rules.consent_signature import (
    BROKEN,
    EMPTY,
    HEIGHT,
    MOST_CHARACTERS,
    MOST_POINTS,
    MOST_STROKES,
    TOO_MUCH,
    WIDTH,
    draw,
    ink_of,
    read_strokes,
)

SIGNED = [[[100, 200], [300, 60], [500, 240]], [[90, 262], [640, 250]]]
POINTS = st.tuples(st.integers(0, WIDTH), st.integers(0, HEIGHT))


def test_a_signature_is_read_as_it_was_drawn() -> None:
    assert read_strokes(json.dumps(SIGNED)) == tuple(tuple(map(tuple, stroke)) for stroke in SIGNED)


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ("", EMPTY),
        ("[]", EMPTY),
        ("[[[5,5]]]", EMPTY),
        ("[[[5,5],[9,9]]]", EMPTY),
        ("{", BROKEN),
        ('"M0 0"', BROKEN),
        ('{"0": []}', BROKEN),
        ("null", BROKEN),
        ("[1, 2]", BROKEN),
        ("[[1, 2]]", BROKEN),
        ("[[[1]]]", BROKEN),
        ("[[[1, 2, 3]]]", BROKEN),
        ("[[[NaN, 1], [500, 1]]]", BROKEN),
        ("[[[Infinity, 1], [500, 1]]]", BROKEN),
        ("[[[1e999, 1], [500, 1]]]", BROKEN),
        ("[[[-1, 1], [500, 1]]]", BROKEN),
        ("[[[1001, 1], [500, 1]]]", BROKEN),
        ("[[[1, 321], [500, 1]]]", BROKEN),
        ("[[[true, 1], [500, 1]]]", BROKEN),
        ('[[["1", 1], [500, 1]]]', BROKEN),
        ('[[["<script>", 1], [500, 1]]]', BROKEN),
        ("[[[null, 1], [500, 1]]]", BROKEN),
        ("[" * 100_000, BROKEN),
        ("9" * 5_000, BROKEN),
        (json.dumps([[[1, 1]]] * (MOST_STROKES + 1)), TOO_MUCH),
        (json.dumps([[[1, 1]] * (MOST_POINTS + 1)]), TOO_MUCH),
        (" " * (MOST_CHARACTERS + 1), TOO_MUCH),
    ],
)
def test_what_is_no_signature_is_answered_with_a_sentence(sent: str, sentence: str) -> None:
    with pytest.raises(ValueError) as said:
        read_strokes(sent)
    assert str(said.value) == sentence


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(), lambda inside: st.lists(inside), max_leaves=30)
)
def test_whatever_arrives_is_a_signature_on_the_pad_or_a_sentence(sent: object) -> None:
    try:
        strokes = read_strokes(json.dumps(sent))
    except ValueError as no:
        assert str(no) in {EMPTY, BROKEN, TOO_MUCH}
    else:
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for stroke in strokes for x, y in stroke)


@given(st.lists(st.lists(POINTS, min_size=1, max_size=40), min_size=1, max_size=20))
def test_the_picture_holds_the_strokes_and_nothing_else(strokes: list[list[tuple[int, int]]]) -> None:
    sent = tuple(tuple(stroke) for stroke in strokes)
    picture = ElementTree.fromstring(draw(sent))
    tags = [element.tag.rpartition("}")[2] for element in picture.iter()]
    assert tags == ["svg", "g", *["path"] * len(strokes)]
    assert all(set(e.attrib) == {"d"} for e in picture.iter() if e.tag.endswith("path"))
    if ink_of(sent) >= 150:
        assert read_strokes(json.dumps(strokes)) == sent
