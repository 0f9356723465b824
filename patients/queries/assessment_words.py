"""One assessment as labelled words: to be read on a page, and to be compared with the one before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clinic.rules.wording import day_words
from patients.models import AreaFinding, Assessment
from patients.models.facts import contraindications_found
from patients.rules.changes import Change, changes
from patients.rules.clearing import Found, clears_on
from patients.rules.contraindications import contraindication
from patients.rules.figures import SALT_AREAS, Meaning, meanings
from patients.rules.scalp import ScaleKind, Severity, grade_of
from patients.rules.suitability import Weighs

FLAGS = (
    "poor_response_to_prp", "long_standing_smooth", "too_young_for_transplant", "scalp_inflammation", "severe_scarring",
    "nutritional_gap", "underlying_condition", "dermatologist_agreed",
)  # fmt: skip
TEXTS = ("medicines", "allergies", "blood_tests", "scalp_health")
HEADINGS = (
    (Weighs.AGAINST, "Speaks against", "alarm"),
    (Weighs.REFER, "A dermatologist first", "alarm"),
    (Weighs.MISSING, "Not known yet", "wait"),
    (Weighs.CAUTION, "Take care", "wait"),
    (Weighs.FOR, "Speaks for", "good"),
)


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A figure with what it means."""

    label: str
    value: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class ShownReasons:
    """Reasons of one weight, under a heading people understand."""

    heading: str
    state: str
    reasons: tuple[dict[str, str], ...]


def grade_words(assessment: Assessment) -> str:
    if not (assessment.scale and assessment.grade):
        return ""
    words = grade_of(ScaleKind(assessment.scale), assessment.grade).words
    return f"{assessment.get_scale_display()} {assessment.grade}: {words}"


def reasons_shown(assessment: Assessment) -> Iterator[ShownReasons]:
    for weighs, heading, state in HEADINGS:
        mine = tuple(reason for reason in assessment.reasons if reason["weighs"] == weighs)
        if mine:
            yield ShownReasons(heading, state, mine)


def figures_shown(assessment: Assessment) -> Iterator[ShownFigure]:
    means, figures = meanings(assessment.figures), assessment.figures
    values = {
        "shed_per_day": ("Hairs shed a day", f"{figures.shed_per_day}"),
        "shedding_scale": ("Shedding", f"{figures.shedding_scale} of 6"),
        "pull_test_hairs": ("Pull test", f"{figures.pull_test_hairs} hairs"),
        "salt": ("Hair lost", _salt_areas(assessment)),
    }
    for name, (label, value) in values.items():
        if name in means:
            yield ShownFigure(label, value, means[name])


def changes_since(before: Assessment, after: Assessment) -> tuple[Change, ...]:
    """Return what the later one found differently. Both come with their findings read."""
    return changes(_words(before), _words(after))


def _words(assessment: Assessment) -> dict[str, str]:
    return {
        "Kind of loss": assessment.get_hair_loss_type_display(),
        "Grade": f"{assessment.get_scale_display()} {assessment.grade}".strip(),
        "Hairs shed a day": _number(assessment.shed_per_day),
        "Shedding": _number(assessment.shedding_scale),
        "Pull test": _number(assessment.pull_test_hairs),
        "Hair lost": _salt_areas(assessment),
        **{finding.get_area_display(): finding_words(finding) for finding in assessment.findings.all()},
        **{_label(assessment, name): "yes" if getattr(assessment, name) else "" for name in FLAGS},
        **{contraindication(one.code).label: _found_words(one) for one in contraindications_found(assessment)},
        **{_label(assessment, name): getattr(assessment, name) for name in TEXTS},
    }


def finding_words(finding: AreaFinding) -> str:
    return ", ".join(_finding_parts(finding))


def _finding_parts(finding: AreaFinding) -> Iterable[str]:
    yield "unaffected" if finding.thinning == Severity.NONE else f"{finding.get_thinning_display()} thinning".lower()
    if finding.bald:
        yield "bald patch"
    yield finding.get_viability_display().lower()
    yield finding.get_method_display() if finding.method == "trichoscan" else finding.get_method_display().lower()
    if finding.miniaturised and finding.viability != "miniaturised":
        yield "miniaturised hairs"
    if finding.density is not None:
        yield f"{finding.density:.0f}\u00a0hairs per cm²"
    if finding.thickness is not None:
        yield f"{finding.thickness:.0f}\u00a0µm"


def _found_words(found: Found) -> str:
    cleared = clears_on(found)
    if cleared and found.last_on:
        return f"last on {day_words(found.last_on)}, clears on {day_words(cleared)}"
    return f"look again on {day_words(found.recheck_on)}" if found.recheck_on else "yes"


def _salt_areas(assessment: Assessment) -> str:
    if assessment.salt_top is None:
        return ""
    return ", ".join(f"{name.removeprefix('salt_')} {getattr(assessment, name)} %" for name in SALT_AREAS)


def _label(assessment: Assessment, name: str) -> str:
    words = str(assessment._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # a field of ours, no relation
    return words[:1].upper() + words[1:].replace("prp", "PRP")


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
