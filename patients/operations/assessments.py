"""Recording what was found, and judging it the same way every time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.models import AreaFinding, Assessment, Patient
from patients.models.facts import assessment_facts
from patients.rules.happened import Happened
from patients.rules.suitability import judge


@transaction.atomic
def assess_patient(
    *, patient_id: UUID, assessment: Assessment, findings: Sequence[AreaFinding], by: Staff, now: datetime
) -> Assessment:
    """Store an assessment with its findings, the verdict and the reasons for it. At least one area must be judged."""
    allow(by, Deed.ASSESS)
    patient = Patient.objects.visible_to(by).get(pk=patient_id)
    if not findings:
        raise Refusal("no_finding", "Describe at least one area of the scalp.")
    try:
        suitability = judge(assessment_facts(assessment, findings, age=patient.age_on(now.date())))
    except ValueError as error:
        raise Refusal("not_known", str(error)) from error
    assessment.patient, assessment.made_by, assessment.made_at = patient, by, now
    assessment.verdict = suitability.verdict
    assessment.reasons = [
        {"code": r.code, "sentence": r.sentence, "source": r.source, "weighs": r.weighs.value}
        for r in suitability.reasons
    ]
    assessment.save()
    for finding in findings:
        finding.assessment = assessment
    AreaFinding.objects.bulk_create(findings)
    record(
        Happened.ASSESSED,
        about=assessment,
        by=by,
        now=now,
        patient_id=patient.pk,
        location=patient.home_location,
        details={"verdict": suitability.verdict.value},
    )
    return assessment
