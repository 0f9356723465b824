"""Assessments as they are read: the verdict, what speaks for and against, and the protocols worth a look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.apps import apps

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import AreaFinding, Assessment, Patient
from patients.models.facts import assessment_facts
from patients.rules.contraindications import CONTRAINDICATIONS
from patients.rules.scalp import ScaleKind, grade_of
from patients.rules.suggestions import suggest_protocols
from patients.rules.suitability import Weighs, judge


@dataclass(frozen=True, slots=True)
class SuggestedProtocol:
    key: str
    title: str
    summary: str
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class ShownReasons:
    """Reasons of one weight, under a heading people understand."""

    heading: str
    state: str
    reasons: tuple[dict[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShownAssessment:
    assessment: Assessment
    grade: str
    reasons: tuple[ShownReasons, ...]
    findings: tuple[AreaFinding, ...]
    contraindications: tuple[str, ...]
    suggestions: tuple[SuggestedProtocol, ...]


@dataclass(frozen=True, slots=True)
class AssessmentStory:
    patient: Patient
    today: date
    history: tuple[Assessment, ...]
    shown: ShownAssessment | None


_HEADINGS = (
    (Weighs.AGAINST, "Speaks against", "alarm"),
    (Weighs.REFER, "A dermatologist first", "alarm"),
    (Weighs.MISSING, "Not known yet", "wait"),
    (Weighs.CAUTION, "Take care", "wait"),
    (Weighs.FOR, "Speaks for", "good"),
)


def assessment_story(by: Staff, patient_id: UUID, *, shown: UUID | None, now: datetime) -> AssessmentStory:
    """Return the patient's assessments, newest first, and one of them in full. Clinicians only."""
    if not by.can(Deed.SEE_CLINICAL):
        raise Forbidden(Deed.SEE_CLINICAL)
    patient = Patient.objects.visible_to(by).select_related("home_location").get(pk=patient_id)
    today = local_day(now, patient.home_location.zone)
    rows = patient.assessments.select_related("made_by").prefetch_related("findings").order_by("-made_at")
    history = tuple(rows)
    one = next((row for row in history if row.pk == shown), None)
    if shown and one is None:
        raise Assessment.DoesNotExist
    newest = bool(one and one == history[0])
    return AssessmentStory(patient, today, history, _shown(one, patient, today, suggest=newest) if one else None)


def _shown(assessment: Assessment, patient: Patient, today: date, *, suggest: bool) -> ShownAssessment:
    findings = tuple(assessment.findings.all())
    return ShownAssessment(
        assessment=assessment,
        grade=_grade_words(assessment),
        reasons=tuple(_reasons(assessment)),
        findings=findings,
        contraindications=tuple(CONTRAINDICATIONS[code].label for code in assessment.contraindications),
        suggestions=_suggestions(assessment, findings, patient.age_on(today)) if suggest else (),
    )


def _grade_words(assessment: Assessment) -> str:
    if not (assessment.scale and assessment.grade):
        return ""
    words = grade_of(ScaleKind(assessment.scale), assessment.grade).words
    return f"{assessment.get_scale_display()} {assessment.grade}: {words}"


def _reasons(assessment: Assessment) -> list[ShownReasons]:
    groups = []
    for weighs, heading, state in _HEADINGS:
        mine = tuple(reason for reason in assessment.reasons if reason["weighs"] == weighs)
        if mine:
            groups.append(ShownReasons(heading, state, mine))
    return groups


def _suggestions(
    assessment: Assessment, findings: tuple[AreaFinding, ...], age: int | None
) -> tuple[SuggestedProtocol, ...]:
    """Protocols by name: what they hold is the business of the package above."""
    facts = assessment_facts(assessment, findings, age=age)
    found = suggest_protocols(judge(facts), facts)
    rows = apps.get_model("plans", "Protocol")._default_manager.published()
    published = {row.key: row for row in rows.filter(key__in=[key for key, _, _ in found])}
    return tuple(
        SuggestedProtocol(key, published[key].title, published[key].summary, why, source)
        for key, why, source in found
        if key in published
    )
