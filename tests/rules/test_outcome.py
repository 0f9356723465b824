"""A change is called better or worse only where the method that measured it could not have made it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.rules.measures import Measure, MeasureMethod
from plans.rules.outcome import (
    Figure,
    NotCompared,
    Verdict,
    change,
    compared,
    error_of,
    is_towards_better,
    score_change,
)

VALUES = st.decimals(min_value=0, max_value=1000, places=1)
ERRORS = st.sampled_from([method.error_percent for method in MeasureMethod])
FIGURES = st.builds(
    Figure,
    measure=st.sampled_from(Measure),
    value=VALUES,
    method=st.sampled_from(MeasureMethod),
    device=st.sampled_from(["Scope A", "scope  a", "Scope B"]),
    area=st.sampled_from(["", "vertex", "frontal"]),
)


@pytest.mark.parametrize(
    ("before", "after", "method", "verdict"),
    [
        ("100", "110", MeasureMethod.TRICHOSCOPY, Verdict.BETTER),
        ("100", "109", MeasureMethod.TRICHOSCOPY, Verdict.WITHIN_ERROR),
        ("100", "109.1", MeasureMethod.TRICHOSCOPY, Verdict.BETTER),
        ("100", "91", MeasureMethod.TRICHOSCOPY, Verdict.WITHIN_ERROR),
        ("100", "90.9", MeasureMethod.TRICHOSCOPY, Verdict.WORSE),
        ("100", "112", MeasureMethod.PHOTOTRICHOGRAM, Verdict.WITHIN_ERROR),
        ("100", "107.1", MeasureMethod.PHOTOTRICHOGRAM_CORRECTED, Verdict.BETTER),
        # 0.6 % of 500 is 3 exactly, and 0.6 as a binary fraction is a little less.
        ("500", "503", MeasureMethod.HAIR_TO_HAIR, Verdict.WITHIN_ERROR),
        ("100", "180", MeasureMethod.CALIPER, Verdict.ERROR_UNKNOWN),
        ("100", "180", MeasureMethod.OTHER, Verdict.ERROR_UNKNOWN),
        ("100", "100", MeasureMethod.OTHER, Verdict.SAME),
        ("0", "40", MeasureMethod.TRICHOSCOPY, Verdict.ERROR_UNKNOWN),
    ],
)
def test_the_table_of_densities(before: str, after: str, method: MeasureMethod, verdict: Verdict) -> None:
    found = change(Decimal(before), Decimal(after), error_percent=error_of(Measure.DENSITY, method))
    assert found.verdict is verdict


def test_published_errors_are_of_counts_and_speak_of_density_alone() -> None:
    assert error_of(Measure.DENSITY, MeasureMethod.TRICHOSCOPY) == 9.0
    for measure in set(Measure) - {Measure.DENSITY}:
        assert error_of(measure, MeasureMethod.TRICHOSCOPY) is None


def test_of_a_score_less_is_better_and_its_error_is_unknown() -> None:
    found = score_change(60, 30)
    assert (found.percent, found.verdict) == (-50.0, Verdict.ERROR_UNKNOWN)
    assert is_towards_better(found, more_is_better=False) is True
    assert is_towards_better(score_change(30, 60), more_is_better=False) is False
    assert is_towards_better(score_change(3, 3), more_is_better=False) is None


@given(VALUES, VALUES, ERRORS, st.booleans())
def test_a_verdict_stands_only_outside_the_error_and_turns_with_the_wish(
    before: Decimal, after: Decimal, error: float | None, more: bool
) -> None:
    found = change(before, after, error_percent=error, more_is_better=more)
    other = change(before, after, error_percent=error, more_is_better=not more)
    assert (found.percent is None) == (before == 0)
    if found.verdict in (Verdict.BETTER, Verdict.WORSE):
        assert abs(after - before) * 100 > Decimal(str(error)) * before
        assert {found.verdict, other.verdict} == {Verdict.BETTER, Verdict.WORSE}
        assert (found.verdict is Verdict.BETTER) == is_towards_better(found, more_is_better=more)
    else:
        assert found.verdict is other.verdict
        assert error is None or before == 0 or abs(after - before) * 100 <= Decimal(str(error)) * before
    assert (found.verdict is Verdict.SAME) == (before == after)


@given(VALUES.filter(bool), VALUES, st.integers(1, 1000), ERRORS)
def test_the_unit_makes_no_difference(before: Decimal, after: Decimal, times: int, error: float | None) -> None:
    found = change(before, after, error_percent=error)
    scaled = change(before * times, after * times, error_percent=error)
    assert (found.verdict, found.percent) == (scaled.verdict, scaled.percent)


@given(st.lists(FIGURES, max_size=8), st.lists(FIGURES, max_size=8))
def test_nothing_is_compared_across_areas_methods_or_devices(before: list[Figure], after: list[Figure]) -> None:
    found = compared(before, after)
    assert [one.figure for one in found] == after
    for one in found:
        same = [figure for figure in before if figure.trend == one.figure.trend]
        there = [f for f in before if (f.measure, f.area) == (one.figure.measure, one.figure.area)]
        assert (one.change is None) == (not same)
        if one.change:
            assert one.change.before in {figure.value for figure in same}
            assert one.why_not is None
        else:
            assert one.why_not is (NotCompared.OTHER_DEVICE if there else NotCompared.NO_BASELINE)


def test_a_device_is_the_same_however_it_is_written() -> None:
    before = Figure(Measure.DENSITY, Decimal(100), MeasureMethod.TRICHOSCOPY, "FotoFinder  Medicam", "vertex")
    after = Figure(Measure.DENSITY, Decimal(120), MeasureMethod.TRICHOSCOPY, " fotofinder medicam", "vertex")
    [found] = compared([before], [after])
    assert found.change and found.change.verdict is Verdict.BETTER
