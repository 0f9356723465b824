"""An assessment's rows read into the rules' values, and the answer to "may this patient be treated?"."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from clinic.rules.refusal import Refusal
from patients.models.assessment import AreaFinding, Assessment
from patients.models.consent_facts import consent_faults
from patients.models.patient import Patient
from patients.rules.clearing import Found, holding, standing_words
from patients.rules.consent_forms import MISSING, OUTDATED
from patients.rules.contraindications import CONTRAINDICATIONS, Strength
from patients.rules.scalp import HairLossType, ScaleKind, ScalpArea, Severity, Viability, ViabilityMethod
from patients.rules.suitability import AreaFindingFacts, AssessmentFacts, blocking, judge, may_override


def assessment_facts(
    assessment: Assessment, findings: Iterable[AreaFinding], *, age: int | None, day: date | None = None
) -> AssessmentFacts:
    """Return what was found, with the contraindications that count on `day`; without a day, all that were recorded."""
    found = contraindications_found(assessment)
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
        contraindications=frozenset(one.code for one in found) if day is None else holding(found, day),
    )


def contraindications_found(assessment: Assessment) -> tuple[Found, ...]:
    """Return what was ticked, each with its own days. ValueError for a code the table does not have."""
    return tuple(_found(assessment, code) for code in assessment.contraindications)


def newest_assessment(patient: Patient) -> Assessment | None:
    """Return what was found last: it alone says whether the patient may be treated now."""
    rows = patient.assessments.select_related("made_by").prefetch_related("findings")
    return rows.order_by("-made_at", "-id").first()


def why_not_treat(
    assessment: Assessment, modalities: Collection[str], *, day: date, override_reason: str
) -> Refusal | None:
    """Return what speaks against giving `modalities` on `day`, or None.

    Relative reasons yield to a written `override_reason`; absolute, temporary and referral ones never do: a newer
    assessment must say that they have passed. What its source clears after a time stops counting by itself.
    """
    findings, age = assessment.findings.all(), assessment.patient.age_on(day)
    facts = assessment_facts(assessment, findings, age=age, day=day)
    found = blocking(judge(facts, modalities).reasons)
    firm = [reason for reason in found if not may_override(reason.code)]
    if firm:
        return Refusal(firm[0].code, f"{firm[0].sentence} ({firm[0].source}){_recheck(assessment, firm[0].code, day)}")
    if found and not override_reason.strip():
        words = " ".join(f"{reason.sentence}{_recheck(assessment, reason.code, day)}" for reason in found)
        return Refusal(found[0].code, f"{words} Go on only with a written reason.")
    return None


def why_no_consent(patient: Patient, modalities: Collection[str], *, first_session: bool = True) -> Refusal | None:
    """Return what consent is missing or outdated before `modalities` may be given, or None. Nobody overrides it.

    An outdated one (a newer version of the form is in force than the one agreed to) refuses the first session only.
    """
    faults = consent_faults(patient, modalities, first_session=first_session)
    missing = [fault.topic.label.lower() for fault in faults if fault.code == MISSING]
    if missing:
        words = ", ".join(missing)
        return Refusal(MISSING, f"Consent is missing: {words}. Record it first; this cannot be overridden.")
    if faults:
        words = " ".join(fault.sentence for fault in faults)
        return Refusal(OUTDATED, f"{words} Ask again with the version in force; this cannot be overridden.")
    return None


def _recheck(assessment: Assessment, code: str, day: date) -> str:
    """Return when it ends, for what was ticked."""
    found = next((one for one in contraindications_found(assessment) if one.code == code), None)
    words = standing_words(found, day) if found else ""
    return f" {words}" if words else ""


def _found(assessment: Assessment, code: str) -> Found:
    said = assessment.contraindication_dates.get(code, {})
    recheck = _day(said.get("recheck_on"))
    row = CONTRAINDICATIONS.get(code)
    # Rows from before each had days of its own: one day stood for every temporary one.
    if not assessment.contraindication_dates and row and row.strength is Strength.TEMPORARY:
        recheck = assessment.recheck_on
    return Found(code, _day(said.get("last_on")), recheck)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


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
