"""Recording what was found, and judging it the same way every time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import allow, record
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.models import AreaFinding, Assessment, Patient
from patients.models.facts import assessment_facts, contraindications_found
from patients.rules.clearing import Found, why_not_last_on, why_not_recheck_on
from patients.rules.figures import faults
from patients.rules.happened import Happened
from patients.rules.scalp import ScaleKind, salt_band
from patients.rules.suitability import judge


@transaction.atomic
def assess_patient(
    *, patient_id: UUID, assessment: Assessment, findings: Sequence[AreaFinding], by: Staff, now: datetime
) -> Assessment:
    """Store an assessment with its findings, the verdict and the reasons for it. At least one area must be judged.

    Refusals: no_finding, not_a_figure, salt_is_computed, wrong_day, not_known.
    """
    allow(by, Deed.ASSESS)
    patient = Patient.objects.visible_to(by).select_related("home_location").get(pk=patient_id)
    today = local_day(now, patient.home_location.zone)
    if not findings:
        raise Refusal("no_finding", "Describe at least one area of the scalp.")
    _grade_by_salt(assessment)
    try:
        _keep_days(assessment, today)
        facts = assessment_facts(assessment, findings, age=patient.age_on(today), day=today)
        suitability = judge(facts)
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


def _grade_by_salt(assessment: Assessment) -> None:
    """SALT is worked out from its four areas. It is the grade, unless the loss was graded on another scale too."""
    figures = assessment.figures
    for sentence in faults(figures).values():
        raise Refusal("not_a_figure", sentence)
    if assessment.scale not in ("", ScaleKind.SALT):
        return
    if figures.salt is not None:
        assessment.scale, assessment.grade = ScaleKind.SALT, salt_band(figures.salt)
    elif assessment.scale:
        raise Refusal("salt_is_computed", "SALT is worked out from its four areas: give what is lost in each.")


def _keep_days(assessment: Assessment, today: date) -> None:
    """Keep the days of what was ticked, drop the others, and remember the first day to look again."""
    found = contraindications_found(assessment)
    for one in found:
        if sentence := why_not_last_on(one, today) or why_not_recheck_on(one, today):
            raise Refusal("wrong_day", sentence)
    assessment.contraindication_dates = dict(_days_of(found))
    assessment.recheck_on = min((one.recheck_on for one in found if one.recheck_on), default=None)


def _days_of(found: Iterable[Found]) -> Iterable[tuple[str, dict[str, str]]]:
    for one in found:
        days = {"last_on": one.last_on, "recheck_on": one.recheck_on}
        if said := {name: day.isoformat() for name, day in days.items() if day}:
            yield one.code, said
