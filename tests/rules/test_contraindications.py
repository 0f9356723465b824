"""A contraindication holds up exactly what it applies to, and only a relative one may be set aside."""

from dataclasses import replace
from pathlib import Path

import pytest

from patients.rules.contraindications import CONTRAINDICATIONS, Strength, may_override
from patients.rules.scalp import HairLossType, ScaleKind, ScalpArea, Severity, Viability, ViabilityMethod
from patients.rules.suitability import AreaFindingFacts, AssessmentFacts, Verdict, blocking, judge
from plans.rules.course import Modality
from plans.rules.library_shared import read_sources

LIBRARY = Path(__file__).resolve().parents[2] / "plans" / "library"
ACTIVE = AreaFindingFacts(ScalpArea.VERTEX, Severity.MODERATE, False, Viability.ACTIVE, ViabilityMethod.TRICHOSCOPE)
PATTERN = AssessmentFacts(
    hair_loss_type=HairLossType.ANDROGENETIC, scale=ScaleKind.NORWOOD_HAMILTON, grade="III", findings=(ACTIVE,)
)


@pytest.mark.parametrize("row", CONTRAINDICATIONS.values(), ids=lambda row: row.code)
def test_a_contraindication_holds_up_what_it_applies_to_and_nothing_else(row):
    facts = replace(PATTERN, contraindications=frozenset({row.code}))
    for modality in ("exosome", "prp", "mesotherapy"):
        judged = judge(facts, [modality])
        held = {item.code for item in blocking(judged.reasons)}
        if modality not in row.modalities:
            assert judged == judge(PATTERN, [modality])
        elif row.strength in (Strength.ABSOLUTE, Strength.TEMPORARY):
            assert (judged.verdict, held) == (Verdict.NOT_SUITABLE, {row.code})
        else:
            assert judged.verdict is Verdict.POSSIBLY
            assert held == ({row.code} if row.strength is Strength.RELATIVE else set())


@pytest.mark.parametrize(
    ("code", "strength", "modality"),
    [
        ("pregnancy", Strength.TEMPORARY, "exosome"),
        ("scalp-infection", Strength.TEMPORARY, "exosome"),
        ("exosome-allergy", Strength.ABSOLUTE, "exosome"),
        ("component-allergy", Strength.ABSOLUTE, "exosome"),
        ("cancer-treatment", Strength.TEMPORARY, "exosome"),
        ("no-injections", Strength.ABSOLUTE, "exosome"),
        ("anticoagulants", Strength.RELATIVE, "exosome"),
        ("anti-inflammatories", Strength.CAUTION, "exosome"),
        ("high-dose-vitamins", Strength.CAUTION, "exosome"),
        ("platelet-dysfunction", Strength.ABSOLUTE, "prp"),
        ("critical-thrombocytopenia", Strength.ABSOLUTE, "prp"),
        ("haemodynamic-instability", Strength.ABSOLUTE, "prp"),
        ("septicaemia", Strength.ABSOLUTE, "prp"),
        ("nsaid-recent", Strength.RELATIVE, "prp"),
        ("tobacco", Strength.RELATIVE, "prp"),
        ("low-platelets", Strength.RELATIVE, "prp"),
    ],
)
def test_the_sources_contraindications_are_all_there(code, strength, modality):
    row = CONTRAINDICATIONS[code]
    assert (row.strength, modality in row.modalities) == (strength, True)


def test_only_a_relative_contraindication_may_be_overridden():
    assert {code for code in CONTRAINDICATIONS if may_override(code)} == {
        code for code, row in CONTRAINDICATIONS.items() if row.strength is Strength.RELATIVE
    }
    assert not may_override("bald-patches")
    assert not may_override("no-such-code")


def test_exosome_allergy_does_not_hold_up_prp():
    facts = replace(PATTERN, contraindications=frozenset({"exosome-allergy"}))
    assert judge(facts, ["prp"]).verdict is Verdict.SUITABLE
    assert judge(facts, ["exosome", "prp"]).verdict is Verdict.NOT_SUITABLE


def test_an_infected_scalp_is_a_contraindication_however_it_was_recorded():
    for facts in (
        replace(PATTERN, scalp_infection=True),
        replace(PATTERN, contraindications=frozenset({"scalp-infection"})),
    ):
        assert [item.code for item in blocking(judge(facts).reasons)] == ["scalp-infection"]


def test_an_unknown_contraindication_is_refused_and_not_ignored():
    with pytest.raises(ValueError, match="“moon-phase” is not a contraindication"):
        judge(replace(PATTERN, contraindications=frozenset({"moon-phase"})))


def test_every_contraindication_names_known_sources_and_modalities_and_vendors_are_called_vendors():
    sources = read_sources(LIBRARY)
    for row in CONTRAINDICATIONS.values():
        named = {name.strip() for name in row.source.split(",")}
        assert named <= set(sources)
        assert row.modalities <= {modality.value for modality in Modality}
        assert ("vendor" in row.sentence) == named.issubset({"P3", "P4"})
