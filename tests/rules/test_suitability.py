"""Suitability follows the sources' table row by row, and says why."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.rules.contraindications import CONTRAINDICATIONS
from patients.rules.scalp import (
    HairLossType,
    ScaleKind,
    ScalpArea,
    Severity,
    Stage,
    Viability,
    ViabilityMethod,
)
from patients.rules.suggestions import suggest_protocols, suggest_referrals
from patients.rules.suitability import (
    PRECEDENCE,
    AreaFindingFacts,
    AssessmentFacts,
    Verdict,
    Weighs,
    blocking,
    judge,
)
from plans.rules.library import read_library

LIBRARY = Path(__file__).resolve().parents[2] / "plans" / "library"

ACTIVE = AreaFindingFacts(ScalpArea.VERTEX, Severity.MODERATE, False, Viability.ACTIVE, ViabilityMethod.TRICHOSCOPE)
MINI = replace(ACTIVE, viability=Viability.MINIATURISED)
BALD = AreaFindingFacts(ScalpArea.FRONTAL, Severity.SEVERE, True, Viability.NOT_VIABLE, ViabilityMethod.TRICHOSCOPE)
PATTERN = AssessmentFacts(
    hair_loss_type=HairLossType.ANDROGENETIC, scale=ScaleKind.NORWOOD_HAMILTON, grade="III", findings=(ACTIVE,)
)


def codes(suitability):
    return {reason.code for reason in suitability.reasons}


def reason(suitability, code):
    return next(item for item in suitability.reasons if item.code == code)


EARLY = replace(PATTERN, grade="II", findings=(replace(ACTIVE, thinning=Severity.MILD),))
ROWS = [
    ("early thinning", EARLY, Verdict.SUITABLE, "early-thinning", "S0"),
    ("mild pattern loss", PATTERN, Verdict.SUITABLE, "mild-to-moderate-pattern", "S0, S3"),
    ("moderate pattern loss", replace(PATTERN, grade="V"), Verdict.SUITABLE, "mild-to-moderate-pattern", "S0, S3"),
    ("miniaturised hair", replace(PATTERN, findings=(MINI,)), Verdict.SUITABLE, "miniaturised-hair", "S0"),
    ("too young", replace(PATTERN, too_young_for_transplant=True), Verdict.SUITABLE, "too-young-for-transplant", "S1"),
    ("PRP did little", replace(PATTERN, poor_response_to_prp=True), Verdict.POSSIBLY, "poor-response-to-prp", "S0, S2"),
    (
        "bald patches",
        replace(PATTERN, grade="VII", findings=(BALD,)),
        Verdict.NOT_SUITABLE,
        "bald-patches",
        "S0, S3, S4",
    ),
    ("smooth", replace(PATTERN, long_standing_smooth=True), Verdict.NOT_SUITABLE, "long-standing-smooth", "S0"),
    ("scarring", replace(PATTERN, severe_scarring=True), Verdict.REFER_FIRST, "severe-scarring", "S2"),
    (
        "scarring type",
        replace(PATTERN, hair_loss_type=HairLossType.SCARRING),
        Verdict.REFER_FIRST,
        "severe-scarring",
        "S2",
    ),
    ("nutrition", replace(PATTERN, nutritional_gap=True), Verdict.REFER_FIRST, "nutritional-gap", "S2"),
    ("condition", replace(PATTERN, underlying_condition=True), Verdict.REFER_FIRST, "underlying-condition", "S2"),
    (
        "skin disease",
        replace(PATTERN, hair_loss_type=HairLossType.SCALP_DISEASE),
        Verdict.REFER_FIRST,
        "underlying-condition",
        "S2",
    ),
    (
        "thyroid",
        replace(PATTERN, hair_loss_type=HairLossType.OTHER_MEDICAL),
        Verdict.REFER_FIRST,
        "underlying-condition",
        "S2",
    ),
]


@pytest.mark.parametrize(
    ("facts", "verdict", "code", "source"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_a_row_of_the_table_gives_its_verdict_reason_and_source(facts, verdict, code, source):
    judged = judge(facts)
    assert judged.verdict is verdict
    assert reason(judged, code).source == source


def test_bald_skin_beside_living_hair_is_named_and_the_rest_may_be_treated():
    judged = judge(replace(PATTERN, findings=(MINI, BALD)))
    assert judged.verdict is Verdict.POSSIBLY
    assert "frontal" in reason(judged, "some-areas-bald").sentence


def test_a_bald_patch_of_areata_is_not_given_up_unexamined():
    patch = AreaFindingFacts(ScalpArea.VERTEX, Severity.SEVERE, bald=True)
    assert judge(AssessmentFacts(hair_loss_type=HairLossType.AREATA, findings=(patch,))).verdict is Verdict.NOT_ASSESSED
    pattern = AssessmentFacts(hair_loss_type=HairLossType.ANDROGENETIC, findings=(patch,))
    assert judge(pattern).verdict is Verdict.NOT_SUITABLE


def test_looking_from_a_distance_is_not_enough():
    distant = replace(PATTERN, findings=(replace(ACTIVE, method=ViabilityMethod.DISTANCE_ONLY),))
    judged = judge(distant)
    assert judge(PATTERN).verdict is Verdict.SUITABLE
    assert judged.verdict is Verdict.POSSIBLY
    assert "not assessed well enough" in reason(judged, "viability-from-distance").sentence


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (AssessmentFacts(), "type-unknown"),
        (replace(PATTERN, findings=()), "no-findings"),
        (replace(PATTERN, findings=(replace(ACTIVE, viability=Viability.UNKNOWN),)), "viability-unknown"),
        (replace(PATTERN, findings=(replace(ACTIVE, method=None),)), "viability-unknown"),
    ],
)
def test_what_was_not_looked_at_is_not_judged(facts, code):
    judged = judge(facts)
    assert judged.verdict is Verdict.NOT_ASSESSED
    assert reason(judged, code).weighs is Weighs.MISSING


def test_one_area_not_judged_leaves_a_caution():
    judged = judge(replace(PATTERN, findings=(ACTIVE, replace(MINI, area=ScalpArea.FRONTAL, method=None))))
    assert (judged.verdict, reason(judged, "viability-partly-unknown").weighs) == (Verdict.POSSIBLY, Weighs.CAUTION)


def test_a_dermatologists_yes_turns_a_referral_into_a_caution():
    facts = replace(PATTERN, severe_scarring=True, dermatologist_agreed=True)
    assert judge(facts).verdict is Verdict.POSSIBLY
    assert not blocking(judge(facts).reasons)


def test_without_a_grade_the_worst_thinning_speaks():
    facts = replace(PATTERN, scale=None, grade="", findings=(replace(ACTIVE, thinning=Severity.MILD), ACTIVE))
    assert facts.stage is Stage.MODERATE
    assert "mild-to-moderate-pattern" in codes(judge(facts))
    assert AssessmentFacts().stage is None


def test_what_no_source_covers_says_so():
    assert "areata-not-covered" in codes(judge(replace(PATTERN, hair_loss_type=HairLossType.AREATA)))
    assert "minor" in codes(judge(replace(PATTERN, age=17)))
    assert "minor" not in codes(judge(replace(PATTERN, age=18)))


FACTS = st.builds(
    AssessmentFacts,
    hair_loss_type=st.none() | st.sampled_from(HairLossType),
    findings=st.lists(
        st.builds(
            AreaFindingFacts,
            area=st.sampled_from(ScalpArea),
            thinning=st.sampled_from(Severity),
            bald=st.booleans(),
            viability=st.sampled_from(Viability),
            method=st.none() | st.sampled_from(ViabilityMethod),
        ),
        max_size=4,
    ).map(tuple),
    severe_scarring=st.booleans(),
    poor_response_to_prp=st.booleans(),
    contraindications=st.frozensets(st.sampled_from(sorted(CONTRAINDICATIONS)), max_size=3),
)


@given(FACTS, st.sets(st.sampled_from(["exosome", "prp"]), min_size=1))
def test_the_verdict_is_nothing_but_its_gravest_reason(facts, modalities):
    judged = judge(facts, modalities)
    weights = {item.weighs for item in judged.reasons}
    assert judged.verdict is next(
        (verdict for weighs, verdict in PRECEDENCE if weighs in weights), Verdict.NOT_ASSESSED
    )
    assert all(item.sentence.endswith(".") and item.source for item in judged.reasons)


@given(FACTS, st.sampled_from(sorted(CONTRAINDICATIONS)))
def test_a_contraindication_never_makes_treatment_more_suitable(facts, code):
    order = [verdict for _, verdict in PRECEDENCE]
    worse = judge(replace(facts, contraindications=facts.contraindications | {code}))
    assert order.index(worse.verdict) <= order.index(judge(facts).verdict) or not judge(facts).reasons


# --- Suggestions --------------------------------------------------------------------------------------------------


def suggested(facts):
    return [key for key, _, _ in suggest_protocols(judge(facts), facts)]


def test_suggestions_follow_the_rules_of_thumb():
    assert suggested(EARLY)[0] == "prp"
    assert suggested(PATTERN)[:2] == ["exosome-monthly-standard", "exosome-prp-same-day"]
    after_prp = suggested(replace(PATTERN, poor_response_to_prp=True))
    assert after_prp[0] == "exosome-monthly-standard"
    assert "prp" not in after_prp
    assert "exosome-prp-same-day" not in suggested(replace(PATTERN, hair_loss_type=HairLossType.DIFFUSE))


def test_nothing_is_suggested_before_a_referral_or_an_assessment_or_where_nothing_is_left():
    for facts in (replace(PATTERN, severe_scarring=True), AssessmentFacts(), replace(PATTERN, findings=(BALD,))):
        assert suggested(facts) == []


def test_what_is_contraindicated_is_not_suggested_but_the_rest_is():
    assert suggested(replace(PATTERN, contraindications=frozenset({"exosome-allergy"}))) == ["prp"]
    without_prp = suggested(replace(PATTERN, contraindications=frozenset({"septicaemia"})))
    assert without_prp == ["exosome-monthly-standard", "exosome-single-then-review"]


@given(FACTS)
def test_every_suggestion_is_a_protocol_of_the_library(facts):
    assert set(suggested(facts)) <= LIBRARY_KEYS


def referred(facts):
    return {one.whom: one.source for one in suggest_referrals(judge(facts), facts)}


def test_bald_areas_are_referred_for_a_transplant_with_their_source():
    surgeon = {"a transplant surgeon": "S0, S1, S3"}
    assert referred(replace(PATTERN, grade="VII", findings=(BALD,))) == surgeon
    assert referred(replace(PATTERN, findings=(MINI, BALD))) == surgeon
    assert referred(PATTERN) == {}


def test_nobody_too_young_for_a_transplant_is_referred_for_one():
    assert referred(replace(PATTERN, findings=(BALD,), too_young_for_transplant=True)) == {}


def test_what_a_dermatologist_sees_first_is_referred():
    assert referred(replace(PATTERN, severe_scarring=True)) == {"a dermatologist, first": "S2"}
    assert referred(replace(PATTERN, severe_scarring=True, dermatologist_agreed=True)) == {}


def test_prp_says_so_where_a_professional_body_finds_the_grade_ideal():
    def prp(grade):
        facts = replace(PATTERN, grade=grade)
        return next(source for key, _, source in suggest_protocols(judge(facts), facts) if key == "prp")

    assert [prp(grade) for grade in ("III", "V", "VI")] == ["P1", "P1", "S0, S1, S3"]


LIBRARY_KEYS = {protocol.key for protocol in read_library(LIBRARY)}
