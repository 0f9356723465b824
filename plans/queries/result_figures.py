"""What was found of a patient, as figures with their day and their way: each chart's subject and its points."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.local_time import local_day
from patients.models import AreaFinding, Assessment
from patients.rules.scalp import ScalpArea, ViabilityMethod
from plans.models import Measurement, Review
from plans.queries.outcomes import AT_ASSESSMENT
from plans.rules.measures import Measure, MeasureMethod
from plans.rules.outcome import Score, device_key, error_of
from plans.rules.states import ReviewState
from plans.rules.trends import Seen, Way, Whence


@dataclass(frozen=True, slots=True)
class Subject:
    """What one chart shows. `hint` says what is normal; `fixed` are the ends of a scale that has some."""

    key: str
    title: str
    unit: str
    hint: str = ""
    source: str = ""
    more_is_better: bool = True
    in_percent: bool = True
    fixed: tuple[int, int] | None = None
    compares: bool = True


_SCORES = {
    Score.SHEDDING: Subject(
        "shedding", "Shedding, Sinclair’s scale", "", "1–4 are normal, 5 and 6 excessive. For long hair only.",
        "Sinclair scale, 2015", more_is_better=False, in_percent=False, fixed=(1, 6),
    ),
    Score.WASH_COUNT: Subject(
        "wash", "Hairs lost in one wash", "hairs", "Normal is 27.9 ± 12.2.", "CCID S347898", more_is_better=False
    ),
    Score.PULL_TEST: Subject(
        "pull", "Pull test", "hairs per pull", "Under 3 is normal. A rough test.", "hairauthority.com",
        more_is_better=False, in_percent=False,
    ),
    Score.SALT: Subject(
        "salt", "SALT score", "% of the scalp’s hair lost", "0 is no loss, 100 all of it.", "dermatopics.dk",
        more_is_better=False, in_percent=False,
    ),
}  # fmt: skip
_RATED = Subject(
    "rated", "Ratings against the baseline", "", "−3 much worse, 0 the same, 3 much better.", fixed=(-3, 3),
    in_percent=False, compares=False,
)  # fmt: skip
_ONE_WAY = Way("", "Whole scalp")
_BY_PATIENT = Way("patient", "The patient’s own rating")
_BLINDED = Way("blinded", "Blinded rating, mean of all views")
_OF_FINDING = ((Measure.DENSITY, "density"), (Measure.DIAMETER, "thickness"))


def measured(
    rows: Iterable[Measurement], findings: Iterable[AreaFinding], zone: ZoneInfo, today: date
) -> dict[Subject, list[Seen]]:
    """Return the figures by measure and area, in the order in which the areas are named everywhere."""
    found: dict[tuple[Measure, str], list[Seen]] = defaultdict(list)
    for row in rows:
        found[Measure(row.measure), row.area].append(_measured(row, zone, today))
    for finding in (one for one in findings if one.method in AT_ASSESSMENT):
        for measure, name in _OF_FINDING:
            if (value := getattr(finding, name)) is not None:
                found[measure, finding.area].append(_assessed(measure, finding, value, zone))
    areas = ["", *ScalpArea]
    measures = list(Measure)
    order = sorted(found, key=lambda one: (measures.index(one[0]), areas.index(one[1])))
    return {_subject(measure, area): found[measure, area] for measure, area in order}


def scored(
    reviews: Iterable[Review], assessments: Iterable[Assessment], zone: ZoneInfo, today: date
) -> dict[Subject, list[Seen]]:
    """Return the scores of the whole scalp. An assessment finds them the same way: they are on the same line."""
    found: dict[Score, list[Seen]] = defaultdict(list)
    for review in reviews:
        at = (day_of(review, zone, today), review.title, Whence.REVIEW, str(review.pk))
        for score, value in _scores(review):
            found[score].append(_seen(value, *at))
    for one in assessments:
        at = (local_day(one.made_at, zone), "Assessment", Whence.ASSESSMENT, "")
        for score, value in _scores(one):
            found[score].append(_seen(value, *at))
    return {subject: found[score] for score, subject in _SCORES.items() if score in found}


def rated(
    reviews: Iterable[Review], blinded: Mapping[UUID, tuple[float, int]], zone: ZoneInfo, today: date
) -> dict[Subject, list[Seen]]:
    """Return what the patient and the blinded raters said. It is a change already: nothing is compared with it."""
    found = []
    for review in reviews:
        day, ref = day_of(review, zone, today), str(review.pk)
        if review.patient_rating is not None:
            found.append(Seen(day, Decimal(review.patient_rating), _BY_PATIENT, review.title, ref=ref))
        if review.pk in blinded:
            mean, of = blinded[review.pk]
            found.append(Seen(day, Decimal(str(mean)), _BLINDED, review.title, ref=ref, of=of))
    return {_RATED: found} if found else {}


def day_of(review: Review, zone: ZoneInfo, today: date) -> date:
    """Return the day it was held; while it is open the day it is due, which is no later than today."""
    if review.decided_at and review.state != ReviewState.PROMISED:
        return local_day(review.decided_at, zone)
    return min(review.due, today)


def _scores(one: Review | Assessment) -> Iterator[tuple[Score, Decimal]]:
    figures = one.figures
    read = {
        Score.SHEDDING: figures.shedding_scale,
        Score.WASH_COUNT: one.wash_count if isinstance(one, Review) else None,
        Score.PULL_TEST: figures.pull_test_hairs,
        Score.SALT: figures.salt,
    }
    yield from ((score, Decimal(str(value))) for score, value in read.items() if value is not None)


def _seen(value: Decimal, day: date, where: str, whence: Whence, ref: str) -> Seen:
    return Seen(day, value, _ONE_WAY, where, whence, ref)


def _measured(row: Measurement, zone: ZoneInfo, today: date) -> Seen:
    measure, method = Measure(row.measure), MeasureMethod(row.method)
    way = Way(_way_key(method, row.device), method.label, row.device.strip(), error_of(measure, method))
    return Seen(day_of(row.review, zone, today), row.value, way, row.review.title, ref=str(row.review_id))


def _assessed(measure: Measure, finding: AreaFinding, value: Decimal, zone: ZoneInfo) -> Seen:
    """An assessment names no device but the kind: only a review that wrote the same is on one line with it."""
    judged = ViabilityMethod(finding.method)
    method = AT_ASSESSMENT[judged]
    way = Way(_way_key(method, judged.label), method.label, judged.label, error_of(measure, method))
    return Seen(local_day(finding.assessment.made_at, zone), value, way, "Assessment", Whence.ASSESSMENT)


def _way_key(method: MeasureMethod, device: str) -> str:
    return f"{method}:{device_key(device)}"


def _subject(measure: Measure, area: str) -> Subject:
    where = ScalpArea(area).label.lower() if area else "whole scalp"
    return Subject(f"{measure}-{area or 'all'}", f"{measure.label}, {where}", measure.unit)
