"""Assessments as they are read: the verdict, what speaks for and against, and the protocols worth a look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from uuid import UUID

from django.apps import apps

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Assessment, Patient
from patients.models.facts import assessment_facts, contraindications_found
from patients.queries.assessment_words import (
    ShownFigure,
    ShownReasons,
    changes_since,
    figures_shown,
    finding_words,
    grade_words,
    reasons_shown,
)
from patients.rules.changes import Change
from patients.rules.clearing import Standing, standing, standing_words
from patients.rules.contraindications import EXOSOME, EXOSOME_PRP, PRP, Strength, contraindication
from patients.rules.suggestions import Referral, suggest_protocols, suggest_referrals
from patients.rules.suitability import AssessmentFacts, Verdict, Weighs, judge


@dataclass(frozen=True, slots=True)
class SuggestedProtocol:
    key: str
    title: str
    summary: str
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class ShownContraindication:
    """`words` say when it ends, `standing` how it stands on the day of reading."""

    label: str
    strength: str
    words: str
    standing: Standing
    state: str
    source: str


@dataclass(frozen=True, slots=True)
class TreatmentVerdict:
    """How one treatment stands today; `why` are the sentences that keep it from being suitable."""

    treatment: str
    verdict: Verdict
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownAssessment:
    assessment: Assessment
    grade: str
    figures: tuple[ShownFigure, ...]
    reasons: tuple[ShownReasons, ...]
    findings: tuple[tuple[str, str], ...]
    contraindications: tuple[ShownContraindication, ...]
    treatments: tuple[TreatmentVerdict, ...]
    referrals: tuple[Referral, ...]
    suggestions: tuple[SuggestedProtocol, ...]

    @property
    def has_changed(self) -> bool:
        """Return whether time alone changed the verdict: something has cleared since."""
        return bool(self.treatments) and self.treatments[0].verdict != self.assessment.verdict


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """`changes` since the one before; None for the first."""

    assessment: Assessment
    changes: tuple[Change, ...] | None


@dataclass(frozen=True, slots=True)
class AssessmentStory:
    patient: Patient
    today: date
    lines: tuple[HistoryLine, ...]
    shown: ShownAssessment | None

    @property
    def newest(self) -> Assessment | None:
        return self.lines[0].assessment if self.lines else None


_TREATMENTS = (("Exosomes", EXOSOME), ("PRP", PRP), ("Exosomes and PRP", EXOSOME_PRP))
_DECIDES = {
    Verdict.NOT_SUITABLE: Weighs.AGAINST,
    Verdict.REFER_FIRST: Weighs.REFER,
    Verdict.NOT_ASSESSED: Weighs.MISSING,
    Verdict.POSSIBLY: Weighs.CAUTION,
}


def assessment_story(by: Staff, patient_id: UUID, *, shown: UUID | None, now: datetime) -> AssessmentStory:
    """Return the patient's assessments, newest first, and one of them in full. Clinicians only."""
    if not by.can(Deed.SEE_CLINICAL):
        raise Forbidden(Deed.SEE_CLINICAL)
    patient = Patient.objects.visible_to(by).select_related("home_location").get(pk=patient_id)
    today = local_day(now, patient.home_location.zone)
    rows = list(patient.assessments.select_related("made_by").prefetch_related("findings").order_by("-made_at", "-id"))
    one = next((row for row in rows if row.pk == shown), None)
    if shown and one is None:
        raise Assessment.DoesNotExist
    lines = (
        HistoryLine(row, changes_since(before, row) if before else None) for row, before in zip_longest(rows, rows[1:])
    )
    in_full = _shown(one, patient, today, is_newest=one == rows[0]) if one else None
    return AssessmentStory(patient, today, tuple(lines), in_full)


def _shown(assessment: Assessment, patient: Patient, today: date, *, is_newest: bool) -> ShownAssessment:
    findings = tuple(assessment.findings.all())
    facts = assessment_facts(assessment, findings, age=patient.age_on(today), day=today)
    return ShownAssessment(
        assessment=assessment,
        grade=grade_words(assessment),
        figures=tuple(figures_shown(assessment)),
        reasons=tuple(reasons_shown(assessment)),
        findings=tuple((finding.get_area_display(), finding_words(finding)) for finding in findings),
        contraindications=_contraindications(assessment, today),
        treatments=_treatments(facts) if is_newest else (),
        referrals=suggest_referrals(judge(facts), facts) if is_newest else (),
        suggestions=_suggestions(facts) if is_newest else (),
    )


def _contraindications(assessment: Assessment, today: date) -> tuple[ShownContraindication, ...]:
    rows = ((found, contraindication(found.code)) for found in contraindications_found(assessment))
    return tuple(
        ShownContraindication(
            row.label,
            row.strength.label,
            standing_words(found, today),
            standing(found, today),
            "alarm" if row.strength in (Strength.ABSOLUTE, Strength.TEMPORARY) else "wait",
            row.source,
        )
        for found, row in rows
    )


def _treatments(facts: AssessmentFacts) -> tuple[TreatmentVerdict, ...]:
    """Contraindications differ by treatment, so each has its own verdict."""
    shown = []
    for words, modalities in _TREATMENTS:
        judged = judge(facts, modalities)
        why = (reason.sentence for reason in judged.reasons if reason.weighs is _DECIDES.get(judged.verdict))
        shown.append(TreatmentVerdict(words, judged.verdict, tuple(why)))
    return tuple(shown)


def _suggestions(facts: AssessmentFacts) -> tuple[SuggestedProtocol, ...]:
    """Protocols by name: what they hold is the business of the package above."""
    found = suggest_protocols(judge(facts), facts)
    rows = apps.get_model("plans", "Protocol")._default_manager.published()
    published = {row.key: row for row in rows.filter(key__in=[key for key, _, _ in found])}
    return tuple(
        SuggestedProtocol(key, published[key].title, published[key].summary, why, source)
        for key, why, source in found
        if key in published
    )
