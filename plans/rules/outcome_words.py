"""A change in words: how much, and whether the method that measured it could have made it."""

from __future__ import annotations

from decimal import Decimal

from plans.rules.outcome import Change, NotCompared, Verdict, is_towards_better

VERDICTS = {
    Verdict.BETTER: "Better",
    Verdict.WORSE: "Worse",
    Verdict.WITHIN_ERROR: "Within error",
    Verdict.ERROR_UNKNOWN: "Error unknown",
    Verdict.SAME: "No change",
}
# How each looks; the word beside it says the same.
LOOKS = {
    Verdict.BETTER: "good",
    Verdict.WORSE: "alarm",
    Verdict.WITHIN_ERROR: "calm",
    Verdict.ERROR_UNKNOWN: "calm",
    Verdict.SAME: "calm",
}
WHY_NOT = {
    NotCompared.NO_BASELINE: "No baseline of this.",
    NotCompared.OTHER_DEVICE: "Measured with another device or method at the baseline: not compared.",
}


def plain(value: Decimal) -> str:
    """Return "120" for 120.0 and "98.5" for 98.5."""
    return f"{value.normalize():f}"


def percent_words(percent: float) -> str:
    """Return "+12.5 %", "−3 %", "0 %": at most one decimal, and a real minus."""
    rounded = round(percent, 1)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return f"{sign}{abs(rounded):g} %"


def amount_words(found: Change) -> str:
    """Return by how much: in percent, or from what to what where the first figure was 0."""
    if found.percent is None:
        return "no change" if found.verdict is Verdict.SAME else f"from 0 to {plain(found.after)}"
    return percent_words(found.percent)


def change_words(found: Change, *, more_is_better: bool = True) -> str:
    """Return one sentence without its full stop: "+5 %, within the method’s error of ±9 %"."""
    amount = amount_words(found)
    match found.verdict:
        case Verdict.SAME:
            return "No change"
        case Verdict.WITHIN_ERROR:
            return f"{amount}, within the method’s error of ±{found.error_percent:g} %"
        case Verdict.ERROR_UNKNOWN:
            way = "better" if is_towards_better(found, more_is_better=more_is_better) else "worse"
            return f"{amount}, for the {way}; no source says how exact this figure is"
    return f"{amount}, {VERDICTS[found.verdict].lower()}: more than the method’s error of ±{found.error_percent:g} %"
