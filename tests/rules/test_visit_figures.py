from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from plans.rules.comparable import Conditions, why_not_comparable
from plans.rules.spin import concentration, spin_force

BEFORE = Conditions(date(2026, 5, 1), parting="centre", lighting="ring lamp", distance_cm=30)


def test_the_force_grows_with_the_radius_and_the_square_of_the_speed():
    assert spin_force(rpm=1500, radius_cm=Decimal("16.5")) == 415
    assert spin_force(rpm=3000, radius_cm=Decimal("16.5")) == 1660


def test_plasma_is_as_rich_as_it_was_counted():
    assert concentration(blood=220_000, plasma=946_000) == Decimal("4.3")


@pytest.mark.parametrize(("blood", "plasma"), [(None, 900_000), (220_000, None), (0, 5)])
def test_what_was_not_counted_has_no_factor(blood, plasma):
    assert concentration(blood=blood, plasma=plasma) is None


def test_the_same_conditions_are_comparable():
    after = Conditions(date(2026, 8, 1), parting="Centre ", lighting="ring lamp", distance_cm=33)
    assert why_not_comparable(BEFORE, after) == ()


def test_what_nobody_wrote_down_does_not_speak_against_it():
    assert why_not_comparable(BEFORE, Conditions(date(2026, 8, 1))) == ()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"is_wet": True}, "wet"),
        ({"parting": "left"}, "Parting"),
        ({"lighting": "window"}, "Lighting"),
        ({"distance_cm": 50}, "50 cm"),
        ({"last_dyed_on": date(2026, 7, 20)}, "Dyed"),
    ],
)
def test_each_difference_is_said(change, word):
    found = why_not_comparable(BEFORE, Conditions(date(2026, 8, 1), **change))
    assert len(found) == 1
    assert word in found[0]
