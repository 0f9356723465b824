"""What makes two photos of one view hard to compare: said once, by both sides alike, and never guessed."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.rules.comparable import Conditions, Lie, Tolerances, what_is_unknown, why_not_comparable

BASELINE, LATER = date(2026, 5, 1), date(2026, 8, 1)
KNOWN = Conditions(
    BASELINE,
    parting="centre",
    lighting="ring lamp",
    distance_cm=30,
    last_dyed_on=date(2025, 12, 1),
    flash=False,
    hair_length_cm=Decimal(20),
    product="none",
    brightness=120.0,
    view="vertex",
)
NOW = replace(KNOWN, taken_on=LATER)
BAR = Tolerances()

DAYS = st.dates(date(2026, 1, 1), date(2027, 1, 1))
WORDS = st.sampled_from(["", " ", "centre", "Centre ", "left", "ring lamp"])
CONDITIONS = st.builds(
    Conditions,
    taken_on=DAYS,
    is_wet=st.booleans(),
    parting=WORDS,
    lighting=WORDS,
    distance_cm=st.none() | st.integers(0, 90),
    last_dyed_on=st.none() | DAYS,
    flash=st.none() | st.booleans(),
    hair_length_cm=st.none() | st.decimals(0, 80, places=1),
    product=WORDS,
    brightness=st.none() | st.floats(0, 255),
    view=WORDS,
    was_asked_not_to=st.booleans(),
)
LIES = st.builds(Lie, scale=st.floats(0.6, 1.6), turn_degrees=st.floats(-35, 35), shift_percent=st.floats(0, 60))


def other_way(lie: Lie) -> Lie:
    return Lie(1 / lie.scale, -lie.turn_degrees, lie.shift_percent)


@given(CONDITIONS, CONDITIONS, LIES.filter(lambda lie: abs(max(lie.scale, 1 / lie.scale) - 1.15) > 1e-6))
def test_each_side_says_as_much_of_the_other(before: Conditions, after: Conditions, lie: Lie) -> None:
    there = why_not_comparable(before, after, lie=lie)
    back = why_not_comparable(after, before, lie=other_way(lie))
    assert len(there) == len(back) == len(set(there))
    assert what_is_unknown(before, after) == what_is_unknown(after, before)


@given(CONDITIONS)
def test_a_photo_is_comparable_with_another_taken_the_same_way(one: Conditions) -> None:
    assert why_not_comparable(replace(one, was_asked_not_to=False), replace(one, was_asked_not_to=False)) == ()


@given(CONDITIONS)
def test_what_is_not_known_of_one_never_speaks_against_the_two(one: Conditions) -> None:
    dried = replace(one, is_wet=False, was_asked_not_to=False)
    # Dyed before this one was taken: whether it was fresh then as well, nobody knows.
    blank = Conditions(max(filter(None, (one.taken_on, one.last_dyed_on))))
    assert why_not_comparable(dried, blank) == why_not_comparable(blank, dried) == ()


CHANGES = [
    ({"is_wet": True}, "Hair dry before, wet now."),
    ({"parting": "left"}, "Parting differs"),
    ({"lighting": "window"}, "Lighting differs"),
    ({"flash": True}, "Flash now, none before."),
    ({"brightness": 70.0}, "Darker now by 50"),
    ({"distance_cm": 50}, "Taken from 30 cm, now from 50 cm."),
    ({"hair_length_cm": Decimal("32.5")}, "Hair 20 cm long before, 32.5 cm now"),
    ({"product": "spray"}, "Product in the hair differs"),
    ({"last_dyed_on": LATER - timedelta(12)}, "Dyed 12 days before one of the two."),
    ({"last_dyed_on": LATER}, "Dyed on the day of one of the two."),
    ({"was_asked_not_to": True}, "although the plan asked for no dye then"),
    ({"view": "midline"}, "View differs"),
]


@pytest.mark.parametrize(("change", "words"), CHANGES)
def test_each_difference_is_named_once(change: dict[str, object], words: str) -> None:
    [said] = why_not_comparable(KNOWN, replace(NOW, **change))
    assert words in said


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        (Lie(0.8, 0, 0), "Taken from nearer: everything is 25 % larger now."),
        (Lie(1.25, 0, 0), "Taken from farther away: everything is 20 % smaller now."),
        (Lie(1, 12.2, 0), "The head is turned by 12° (anticlockwise)"),
        (Lie(1, -12.2, 0), "The head is turned by 12° (clockwise)"),
        (Lie(1, 0, 18), "shifted by 18 %"),
    ],
)
def test_what_the_alignment_measured_is_said(lie: Lie, words: str) -> None:
    [said] = why_not_comparable(KNOWN, NOW, lie=lie)
    assert words in said


def test_a_measured_distance_replaces_the_written_one() -> None:
    [said] = why_not_comparable(KNOWN, replace(NOW, distance_cm=20), lie=Lie(0.7, 0, 0))
    assert "nearer" in said


def test_within_tolerance_nothing_is_said_and_just_beyond_it_is() -> None:
    near = replace(
        NOW, parting=" Centre", distance_cm=37, hair_length_cm=Decimal(28), brightness=159.0,
        last_dyed_on=LATER - timedelta(BAR.fresh_dye_days),
    )  # fmt: skip
    assert why_not_comparable(KNOWN, near, BAR, lie=Lie(1.14, 7.9, 14.9)) == ()
    tight = Tolerances(**{one.name: getattr(BAR, one.name) // 2 for one in fields(BAR) if one.name != "fresh_dye_days"})
    assert len(why_not_comparable(KNOWN, near, tight, lie=Lie(1.14, 7.9, 14.9))) == 5
    longer = Tolerances(fresh_dye_days=BAR.fresh_dye_days + 1)
    assert why_not_comparable(KNOWN, near, longer) == ("Dyed 28 days before one of the two.",)


def test_dyed_freshly_for_both_is_no_difference() -> None:
    fresh = replace(KNOWN, last_dyed_on=BASELINE - timedelta(5))
    assert why_not_comparable(fresh, replace(NOW, last_dyed_on=LATER - timedelta(9))) == ()
    assert why_not_comparable(fresh, NOW) == ("Dyed 5 days before one of the two.",)


def test_what_nobody_wrote_down_is_listed_apart() -> None:
    assert what_is_unknown(KNOWN, NOW) == ()
    blank = Conditions(LATER)
    assert what_is_unknown(blank, blank) == ("distance", "parting", "lighting", "flash", "hair length")
    only = replace(NOW, flash=None, product="", last_dyed_on=None)
    assert what_is_unknown(KNOWN, only) == ("flash", "product in the hair", "last dyed")
