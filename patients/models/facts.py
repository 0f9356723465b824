"""An assessment's rows read into the rules' values, and the answer to "may this patient be treated?"."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from clinic.rules.refusal import Refusal
from clinic.rules.wording import day_words
from patients.models.assessment import AreaFinding, Assessment
from patients.models.patient import Patient
from patients.rules.consent import ConsentTopic, missing_for_treatment
from patients.rules.contraindications import CONTRAINDICATIONS
from patients.rules.scalp import HairLossType, ScaleKind, ScalpArea, Severity, Viability, ViabilityMethod
from patients.rules.suitability import AreaFindingFacts, AssessmentFacts, blocking, judge, may_override


def assessment_facts(assessment: Assessment, findings: Iterable[AreaFinding], *, age: int | None) -> AssessmentFacts:
    return AssessmentFacts(
        hair_loss_type=HairLossType(assessment.hair_loss_type),
        scale=ScaleKind(assessment.scale) if assessment.scale else None,
        grade=assessment.grade,
        age=age,
        findings=tuple(_finding(row) for row in findings),
        scalp_inflammation=assessment.scalp_inflammation,
        severe_scarring=assessment.severe_scarring,
        nutritional_gap=assessment.nutritional_gap,
        underlying_condition=assessment.underlying_condition,
        poor_response_to_prp=assessment.poor_response_to_prp,
        long_standing_smooth=assessment.long_standing_smooth,
        too_young_for_transplant=assessment.too_young_for_transplant,
        dermatologist_agreed=assessment.dermatologist_agreed,
        contraindications=frozenset(assessment.contraindications),
    )


def why_not_treat(
    assessment: Assessment, modalities: Collection[str], *, day: date, override_reason: str
) -> Refusal | None:
    """Return what speaks against giving `modalities` on `day`, or None.

    Relative reasons yield to a written `override_reason`; absolute, temporary and referral ones never do: a newer
    assessment must say that they have passed.
    """
    facts = assessment_facts(assessment, assessment.findings.all(), age=assessment.patient.age_on(day))
    found = blocking(judge(facts, modalities).reasons)
    firm = [reason for reason in found if not may_override(reason.code)]
    if firm:
        return Refusal(firm[0].code, f"{firm[0].sentence} ({firm[0].source}){_recheck(assessment, firm[0].code, day)}")
    if found and not override_reason.strip():
        words = " ".join(reason.sentence for reason in found)
        return Refusal(found[0].code, f"{words} Go on only with a written reason.")
    return None


def why_no_consent(patient: Patient, modalities: Collection[str]) -> Refusal | None:
    """Return what consent is missing before `modalities` may be given, or None. Nobody overrides it."""
    given = [ConsentTopic(consent.topic) for consent in patient.consents.in_force()]
    missing = missing_for_treatment(given, modalities)
    if not missing:
        return None
    words = ", ".join(topic.label.lower() for topic in missing)
    return Refusal("no_consent", f"Consent is missing: {words}. Record it first; this cannot be overridden.")


def _recheck(assessment: Assessment, code: str, day: date) -> str:
    if code not in CONTRAINDICATIONS or assessment.recheck_on is None:
        return ""
    if assessment.recheck_on <= day:
        return " It is time to look again: make a new assessment."
    return f" To be looked at again on {day_words(assessment.recheck_on)}."


def _finding(row: AreaFinding) -> AreaFindingFacts:
    return AreaFindingFacts(
        area=ScalpArea(row.area),
        thinning=Severity(row.thinning),
        bald=row.bald,
        viability=Viability(row.viability),
        method=ViabilityMethod(row.method) if row.method else None,
        miniaturised=row.miniaturised,
        density=float(row.density) if row.density is not None else None,
    )
