"""What a review found against the baseline: each figure with its change, and what may not be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from patients.models import Assessment
from patients.rules.figures import SALT_AREAS, Figures, meanings
from patients.rules.scalp import ScaleKind, ScalpArea, ViabilityMethod, grade_of
from plans.models import Measurement, Review
from plans.rules.measures import Measure, MeasureMethod
from plans.rules.outcome import Change, Compared, Figure, Score, Trend, compared, score_change
from plans.rules.outcome_words import LOOKS, VERDICTS, WHY_NOT, change_words, plain

WHOLE = "Whole scalp"
# How viability was judged at the assessment, as a method that measures. It names no device but itself.
AT_ASSESSMENT = {
    ViabilityMethod.TRICHOSCOPE: MeasureMethod.TRICHOSCOPY,
    ViabilityMethod.TRICHOSCAN: MeasureMethod.PHOTOTRICHOGRAM,
    ViabilityMethod.MAGNIFYING_CAMERA: MeasureMethod.OTHER,
}
NORMAL_WASH = "Normal 27.9 ± 12.2 hairs (CCID S347898)."
SCORE_NAMES = {
    Score.SHEDDING: "Shedding scale",
    Score.WASH_COUNT: "Hairs lost in one wash",
    Score.PULL_TEST: "Hairs per pull",
    Score.SALT: "SALT",
}


@dataclass(frozen=True, slots=True)
class Before:
    """What this review is held against. `assessed`: trends whose figure comes from the assessment."""

    figures: tuple[Figure, ...] = ()
    assessed: frozenset[Trend] = frozenset()
    scores: Mapping[Score, tuple[Decimal, str]] | None = None
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of the page: `look` and `verdict` are the chip's, empty where there is nothing to compare."""

    name: str
    how: str
    before: str
    now: str
    words: str
    look: str = ""
    verdict: str = ""


def before_of(review: Review, baseline: Review | None) -> Before:
    """Return the baseline's figures, filled up with the assessment's where it has none. At most two queries."""
    if baseline is None:
        return Before()
    measured = [figure_of(row) for row in baseline.measurements.all()]
    places = {(figure.measure, figure.area) for figure in measured}
    assessment = review.plan.assessment
    found = [one for one in _assessed(assessment) if (one.measure, one.area) not in places] if assessment else []
    return Before(
        (*measured, *found), frozenset(one.trend for one in found), _scores_before(baseline, assessment),
        grade_words(baseline.scale, baseline.grade)
        or (grade_words(assessment.scale, assessment.grade) if assessment else ""),
    )  # fmt: skip


def figure_of(row: Measurement) -> Figure:
    return Figure(Measure(row.measure), row.value, MeasureMethod(row.method), row.device, row.area)


def lines_of(figures: Iterable[Figure], before: Before) -> tuple[Line, ...]:
    return tuple(_line(one, before) for one in compared(before.figures, figures))


def score_lines(figures: Figures, wash_count: int | None, before: Before) -> Iterator[Line]:
    """Yield the scores that were taken now or then."""
    now = _scores(figures, wash_count)
    for score, name in SCORE_NAMES.items():
        then, at = (before.scores or {}).get(score, (None, ""))
        value = now.get(score)
        if value is None and then is None:
            continue
        shown = "" if then is None else f"{plain(then)}{f' ({at})' if at else ''}"
        if value is None or then is None:
            yield Line(name, _score_note(score), shown, "" if value is None else plain(value), "")
            continue
        change = score_change(then, value)
        words = change_words(change, more_is_better=False)
        yield Line(
            name, _score_note(score), shown, plain(value), words, LOOKS[change.verdict], VERDICTS[change.verdict]
        )


def grade_words(scale: str, grade: str) -> str:
    if not scale or not grade:
        return ""
    try:
        return f"{ScaleKind(scale).label} {grade}: {grade_of(ScaleKind(scale), grade).words.lower()}"
    except ValueError:
        return f"{scale} {grade}"


def area_words(area: str) -> str:
    return ScalpArea(area).label if area else WHOLE


def _line(one: Compared, before: Before) -> Line:
    figure, unit = one.figure, one.figure.measure.unit
    name = f"{figure.measure.label}, {area_words(figure.area).lower()}"
    how = f"{figure.method.label}, {figure.device}{_rest(figure)}"
    now = f"{plain(figure.value)} {unit}"
    if one.change is None:
        return Line(name, how, "–", now, WHY_NOT[one.why_not] if one.why_not and before.figures else "No baseline.")
    at = " (assessment)" if figure.trend in before.assessed else ""
    shown = f"{plain(one.change.before)} {unit}{at}"
    return Line(name, how, shown, now, change_words(one.change), *_chip(one.change))


def _rest(figure: Figure) -> str:
    """What is left to 100 %."""
    name = {Measure.TERMINAL: "vellus", Measure.ANAGEN: "telogen"}.get(figure.measure)
    return f"; {plain(100 - figure.value)} % {name}" if name else ""


def _chip(change: Change) -> tuple[str, str]:
    return LOOKS[change.verdict], VERDICTS[change.verdict]


def _assessed(assessment: Assessment) -> Iterator[Figure]:
    for row in assessment.findings.all():
        method = AT_ASSESSMENT.get(ViabilityMethod(row.method))
        if method is None:
            continue
        device = ViabilityMethod(row.method).label
        for measure, value in ((Measure.DENSITY, row.density), (Measure.DIAMETER, row.thickness)):
            if value is not None:
                yield Figure(measure, value, method, device, row.area)


def _scores(figures: Figures, wash_count: int | None) -> dict[Score, Decimal]:
    is_whole = all(0 <= (getattr(figures, name) or 0) <= 100 for name in SALT_AREAS)
    found = {
        Score.SHEDDING: figures.shedding_scale,
        Score.WASH_COUNT: wash_count,
        Score.PULL_TEST: figures.pull_test_hairs,
        Score.SALT: figures.salt if is_whole else None,
    }
    return {score: Decimal(str(value)) for score, value in found.items() if value is not None}


def _scores_before(baseline: Review, assessment: Assessment | None) -> dict[Score, tuple[Decimal, str]]:
    assessed = _scores(assessment.figures, None) if assessment else {}
    found = {score: (value, "assessment") for score, value in assessed.items()}
    return found | {score: (value, "") for score, value in _scores(baseline.figures, baseline.wash_count).items()}


def _score_note(score: Score) -> str:
    if score is Score.WASH_COUNT:
        return NORMAL_WASH
    return "1–4 are normal, long hair only." if score is Score.SHEDDING else ""


def salt_words(figures: Figures) -> str:
    """Return what the SALT score says, empty where its areas are not all given."""
    meaning = meanings(figures).get("salt")
    return meaning.words if meaning else ""
