"""A figure says what it means, by published bands, and what cannot be is refused in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.rules.figures import SALT_AREAS, Figures, faults, meanings, uk_band
from patients.rules.scalp import salt_band

PERCENT = st.integers(0, 100)


@pytest.mark.parametrize(
    ("score", "band"),
    [(0, "no loss"), (0.4, "limited"), (20, "limited"), (20.9, "limited"), (21, "moderate"), (49, "moderate"),
     (50, "severe"), (94, "severe"), (95, "very severe"), (100, "very severe")],
)  # fmt: skip
def test_the_uks_bands_begin_where_published(score, band):
    assert uk_band(score) == band


def test_a_salt_score_outside_its_scale_has_no_band():
    for score in (-1, 101):
        with pytest.raises(ValueError, match="between 0 and 100"):
            uk_band(score)


def test_salt_is_worked_out_from_four_areas_and_says_both_bands():
    figures = Figures(salt_top=50, salt_back=25, salt_left=10, salt_right=10)
    assert figures.salt == 29.6
    assert meanings(figures)["salt"].words == "SALT 29.6: S2, 25–49 %; in the UK’s bands moderate."


@given(PERCENT, PERCENT, PERCENT, PERCENT, st.sampled_from(SALT_AREAS))
def test_more_loss_anywhere_never_lowers_the_score(top, back, left, right, area):
    given_ = dict(zip(SALT_AREAS, (top, back, left, right), strict=True))
    more = Figures(**{**given_, area: 100})
    less = Figures(**given_)
    assert less.salt <= more.salt <= 100
    assert salt_band(less.salt) <= salt_band(more.salt)


@pytest.mark.parametrize(
    ("figures", "name", "words", "state"),
    [
        (Figures(shed_per_day=20), "shed_per_day", "Less than the usual", "good"),
        (Figures(shed_per_day=50), "shed_per_day", "Usually normal", "good"),
        (Figures(shed_per_day=150), "shed_per_day", "Usually normal", "good"),
        (Figures(shed_per_day=151), "shed_per_day", "More than the usual", "wait"),
        (Figures(shedding_scale=4), "shedding_scale", "Normal", "good"),
        (Figures(shedding_scale=5), "shedding_scale", "Excessive", "wait"),
        (Figures(shedding_scale=6), "shedding_scale", "Long hair only", "wait"),
        (Figures(pull_test_hairs=2), "pull_test_hairs", "Normal: under 3", "good"),
        (Figures(pull_test_hairs=3), "pull_test_hairs", "Positive", "wait"),
    ],
)
def test_a_figure_says_what_it_means(figures, name, words, state):
    meaning = meanings(figures)[name]
    assert words in meaning.words
    assert (meaning.state, bool(meaning.source)) == (state, True)


def test_what_was_not_measured_says_nothing():
    assert meanings(Figures()) == {}
    assert faults(Figures()) == {}


@pytest.mark.parametrize(
    ("figures", "name", "sentence"),
    [
        (Figures(pull_test_hairs=400), "pull_test_hairs", "between 0 and 100 hairs"),
        (Figures(shed_per_day=50_000), "shed_per_day", "50–150 is usually normal"),
        (Figures(shed_per_day=-1), "shed_per_day", "Between 0 and"),
        (Figures(shedding_scale=7), "shedding_scale", "from 1 to 6, not 7"),
        (Figures(salt_top=120, salt_back=0, salt_left=0, salt_right=0), "salt_top", "from 0 to 100, not 120"),
        (Figures(salt_top=40), "salt_back", "all four areas"),
    ],
)
def test_what_cannot_be_is_refused_in_words_at_its_place(figures, name, sentence):
    assert sentence in faults(figures)[name]
    assert meanings(figures)[name].state == "alarm"


@given(st.builds(Figures, **{name: st.none() | st.integers(-50, 300) for name in Figures.__slots__}))
def test_a_score_is_shown_only_when_all_four_areas_can_be(figures):
    wrong = faults(figures).keys() & set(SALT_AREAS)
    areas = [getattr(figures, name) for name in SALT_AREAS]
    assert ("salt" in meanings(figures)) == (not wrong and None not in areas)
