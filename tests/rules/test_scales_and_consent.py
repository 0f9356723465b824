"""Scales keep their published bounds, and nobody is treated untold."""

import pytest

from patients.rules.consent import ConsentTopic, missing_for_treatment
from patients.rules.scalp import (
    SCALE_GRADES,
    ScaleKind,
    ScalpArea,
    Stage,
    ViabilityMethod,
    grade_of,
    salt_band,
    salt_score,
    shedding_is_excessive,
)
from patients.rules.suitability import Verdict


@pytest.mark.parametrize(
    ("quarters", "score", "band"),
    [
        ((0, 0, 0, 0), 0, "S0"),
        ((1, 0, 0, 0), 0.4, "S1"),
        ((50, 0, 0, 0), 20, "S1"),
        ((100, 0, 0, 0), 40, "S2"),
        ((0, 100, 100, 100), 60, "S3"),
        ((100, 100, 100, 0), 82, "S4"),
        ((100, 100, 100, 100), 100, "S5"),
    ],
)
def test_salt_weighs_the_quarters(quarters, score, band):
    assert salt_score(*quarters) == score
    assert salt_band(score) == band


@pytest.mark.parametrize(
    ("score", "band"), [(24.9, "S1"), (25, "S2"), (49.9, "S2"), (50, "S3"), (75, "S4"), (99.9, "S4")]
)
def test_salt_bands_begin_where_published(score, band):
    assert salt_band(score) == band


def test_figures_outside_a_scale_are_refused():
    with pytest.raises(ValueError, match="at the left"):
        salt_score(0, 0, 101, 0)
    with pytest.raises(ValueError, match="between 0 and 100"):
        salt_band(-1)
    with pytest.raises(ValueError, match="from 1 to 6"):
        shedding_is_excessive(7)
    with pytest.raises(ValueError, match="Ludwig has no grade “V”: it has I, II, III"):
        grade_of(ScaleKind.LUDWIG, "V")


def test_shedding_is_excessive_from_five():
    assert [grade for grade in range(1, 7) if shedding_is_excessive(grade)] == [5, 6]


def test_every_scale_goes_from_less_to_more():
    order = list(Stage)
    for scale in ScaleKind:
        stages = [order.index(grade.stage) for grade in SCALE_GRADES[scale].values()]
        assert stages == sorted(stages)
        assert order[stages[-1]] is Stage.ADVANCED


def test_labels_are_words():
    assert ScaleKind.NORWOOD_HAMILTON.label == "Norwood–Hamilton"
    assert ScalpArea.LEFT_TEMPORAL.label == "Left temporal"
    assert ViabilityMethod.DISTANCE_ONLY.label == "Looked at from a distance only"
    assert Verdict.REFER_FIRST.label == "Refer first"


def test_exosomes_need_the_patient_told_that_they_are_off_label_and_experimental():
    assert missing_for_treatment((), ["exosome", "prp"]) == (
        ConsentTopic.TREATMENT,
        ConsentTopic.OFF_LABEL,
        ConsentTopic.EXPERIMENTAL,
    )
    told = {ConsentTopic.TREATMENT, ConsentTopic.OFF_LABEL}
    assert missing_for_treatment(told, ["exosome"]) == (ConsentTopic.EXPERIMENTAL,)
    assert missing_for_treatment({ConsentTopic.TREATMENT}, ["prp"]) == ()
    assert missing_for_treatment({ConsentTopic.PHOTO_RECORD}, ["prp"]) == (ConsentTopic.TREATMENT,)


def test_every_consent_topic_has_words_and_the_exosome_ones_a_source():
    assert all(topic.label and topic.sentence.endswith(".") for topic in ConsentTopic)
    assert ConsentTopic.OFF_LABEL.source == ConsentTopic.EXPERIMENTAL.source == "S0, S1, S2, S4"
