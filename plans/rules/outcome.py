"""What changed since the baseline, against the error of the method that measured it.

Only figures of one trend are compared: the same measure, area, method and device. The published errors are those of a
change between two counts, so they speak of density alone; of diameter, terminal and anagen hairs, and of the scores, no
source gives one, and that is said. No verdict is ever made up from a rise that the method itself could make.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from plans.rules.measures import Measure, MeasureMethod


class Verdict(StrEnum):
    """SAME: not changed at all. ERROR_UNKNOWN: it changed, and no source says how much of that is the method."""

    BETTER = "better"
    WITHIN_ERROR = "within_error"
    WORSE = "worse"
    ERROR_UNKNOWN = "error_unknown"
    SAME = "same"


class Score(StrEnum):
    """A score of the whole scalp: less is better."""

    SHEDDING = "shedding"
    WASH_COUNT = "wash_count"
    PULL_TEST = "pull_test"
    SALT = "salt"


class NotCompared(StrEnum):
    """Why a figure stands alone."""

    NO_BASELINE = "no_baseline"
    OTHER_DEVICE = "other_device"


@dataclass(frozen=True, slots=True)
class Trend:
    """What figures must have in common to be one line. `device` as compared: without its capitals and spaces."""

    measure: Measure
    area: str
    method: MeasureMethod
    device: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure; `area` empty for the whole scalp."""

    measure: Measure
    value: Decimal
    method: MeasureMethod
    device: str
    area: str = ""

    @property
    def trend(self) -> Trend:
        return Trend(self.measure, self.area, self.method, device_key(self.device))


@dataclass(frozen=True, slots=True)
class Change:
    """`percent` of the first figure, None where that is 0; `error_percent` of the method, None where unknown."""

    before: Decimal
    after: Decimal
    percent: float | None
    error_percent: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Compared:
    """A figure with its change, or with why there is none."""

    figure: Figure
    change: Change | None
    why_not: NotCompared | None = None


def device_key(device: str) -> str:
    """Return the device as compared: "FotoFinder  A" and "fotofinder a" are one."""
    return " ".join(device.split()).casefold()


def why_impossible(measure: Measure) -> str:
    return f"{measure.label} lies between 0 and {measure.most} {measure.unit}."


def error_of(measure: Measure, method: MeasureMethod) -> float | None:
    """Return the error of a change in % of the first figure; None where no source gives one. Counts only."""
    return method.error_percent if measure is Measure.DENSITY else None


def change(
    before: Decimal | int, after: Decimal | int, *, error_percent: float | None, more_is_better: bool = True
) -> Change:
    """Return what changed. A change as large as the error is still within it."""
    was, now = Fraction(before), Fraction(after)
    percent = (now - was) * 100 / was if was else None
    verdict = _verdict(was, now, percent, error_percent, more_is_better=more_is_better)
    shown = None if percent is None else float(percent)
    return Change(Decimal(before), Decimal(after), shown, error_percent, verdict)


def _verdict(
    was: Fraction, now: Fraction, percent: Fraction | None, error: float | None, *, more_is_better: bool
) -> Verdict:
    if now == was:
        return Verdict.SAME
    if error is None or percent is None:
        return Verdict.ERROR_UNKNOWN
    # Through its decimal words: 0.6 as a binary fraction is a little less than 0.6.
    if abs(percent) <= Fraction(str(error)):
        return Verdict.WITHIN_ERROR
    return Verdict.BETTER if (now > was) == more_is_better else Verdict.WORSE


def score_change(before: Decimal | int, after: Decimal | int) -> Change:
    """Return how a score changed: less is better, and no source gives an error."""
    return change(before, after, error_percent=None, more_is_better=False)


def is_towards_better(found: Change, *, more_is_better: bool = True) -> bool | None:
    """Return whether the figure itself went the wished way, whatever the error; None when it stayed."""
    return None if found.after == found.before else (found.after > found.before) == more_is_better


def compared(before: Iterable[Figure], after: Iterable[Figure]) -> tuple[Compared, ...]:
    """Return every figure of `after` with its change against the one of the same trend before, in the order given."""
    then = {figure.trend: figure for figure in before}
    places = {(figure.measure, figure.area) for figure in then.values()}
    return tuple(_compared(figure, then.get(figure.trend), places) for figure in after)


def _compared(figure: Figure, then: Figure | None, places: set[tuple[Measure, str]]) -> Compared:
    if then is None:
        is_other = (figure.measure, figure.area) in places
        return Compared(figure, None, NotCompared.OTHER_DEVICE if is_other else NotCompared.NO_BASELINE)
    error = error_of(figure.measure, figure.method)
    return Compared(figure, change(then.value, figure.value, error_percent=error))
